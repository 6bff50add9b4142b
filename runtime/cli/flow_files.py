"""`nuclide flow list|upload`: files of a service, as a running flow handles them."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.cli.flow_data import Pairs, asks_a_service, service_at, show
from runtime.cli.options import json_option
from runtime.testkit.player.data import Filter, list_files
from runtime.testkit.player.data import upload as upload_files


@click.command("list")
@asks_a_service
@click.argument("path")
@click.option("--limit", type=click.IntRange(0), default=0, help="How many at most; 0 for all.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many to pass over.")
@click.option("--search", metavar="TEXT", help="Text to look for.")
@json_option
def listed(
    url: str,
    path: str,
    *,
    configuration: Pairs,
    user: str | None,
    limit: int,
    offset: int,
    search: str | None,
    as_json: bool,
) -> None:
    """List the files of a resource of a service; PATH is the resource's, such as /invoices."""
    wanted = Filter(limit=limit, offset=offset, search=search)
    show(list_files(service_at(url, configuration, user), path, wanted), as_json=as_json)


@click.command()
@asks_a_service
@click.argument("path")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def upload(
    url: str, path: str, files: tuple[Path, ...], configuration: Pairs, user: str | None, *, as_json: bool
) -> None:
    """Upload FILES to a resource of a service; PATH is the resource's, such as /invoices."""
    show(upload_files(service_at(url, configuration, user), path, files), as_json=as_json)
