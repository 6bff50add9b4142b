"""`nuclide replay`: begin a new execution of what a finished one began with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json
from runtime.cli.who import who
from runtime.web.admin_answers import Begun

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("execution")
@click.option(
    "--from", "step", metavar="STEP", help="Begin at this step (label or id): what ran before is not run again."
)
@click.option(
    "--version",
    type=click.Choice(["same", "live"]),
    default="same",
    show_default=True,
    help="The version that the original ran on, or the one that is live now.",
)
@click.option(
    "--document", "documents", type=FILE, multiple=True, help="Begin with this document instead; it is on record."
)
@json_option
@asks_the_daemon
def replay(
    admin: Admin, execution: str, step: str | None, version: str, documents: tuple[Path, ...], *, as_json: bool
) -> None:
    """Run again what EXECUTION ran; print the id of the new execution.

    The original keeps its record, and each names the other. A replay makes the calls of the steps that it runs again,
    under keys of its own, and answers nobody.
    """
    order = {
        "execution": execution,
        "who": who(),
        "step": step,
        "version": version,
        "documents": [document.read_text(encoding="utf-8") for document in documents] or None,
    }
    begun = admin.post(Begun, "replay", order)
    print_json(begun) if as_json else click.echo(begun.execution)
