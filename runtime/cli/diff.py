"""`nuclide diff`: what differs between two versions of a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, printable
from runtime.web.deployment_answers import Differences

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("bundle")
@click.argument("older", required=False)
@click.argument("newer", required=False)
@json_option
@asks_the_daemon
def diff(admin: Admin, bundle: str, older: str | None, newer: str | None, *, as_json: bool) -> None:
    """Show what differs between two versions of a BUNDLE, named by the first characters of their digests.

    Without them: between the last two that have served.
    """
    found = admin.get(Differences, "diff", bundle=bundle, older=older, newer=newer)
    if as_json:
        print_json(found)
        return
    for line in found.diff.splitlines():
        click.secho(printable(line), fg=_COLOURS.get(line[:1]))
