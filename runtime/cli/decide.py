"""`nuclide decide`: what a person says of work whose call is in doubt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json
from runtime.cli.who import who
from runtime.web.work_answers import Decided

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("execution")
@click.argument("decision", type=click.Choice(["happened", "did-not", "again"]))
@click.option("--reply", type=FILE, help="What the call gave, where it happened; without it nothing.")
@json_option
@asks_the_daemon
def decide(admin: Admin, execution: str, decision: str, reply: Path | None, *, as_json: bool) -> None:
    """Say of a parked EXECUTION what became of the call that is in doubt; then it goes on.

    happened: the call is taken as made, and is not made again. did-not: it was not made, and is made now. again: it is
    made now, whether it was made or not.
    """
    order = {
        "execution": execution,
        "decision": decision,
        "who": who(),
        "reply": "" if reply is None else reply.read_text(encoding="utf-8"),
    }
    decided = admin.post(Decided, "decide", order)
    print_json(decided) if as_json else click.echo(
        f"{decided.execution} goes on: {', '.join(decided.steps)} {decision}"
    )
