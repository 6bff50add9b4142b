"""`nuclide parked` and `nuclide decide`: work that waits for a person, and what the person says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table, since
from runtime.cli.who import who
from runtime.web.work_answers import Decided, ParkedExecutions

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows at most.")
@json_option
@asks_the_daemon
def parked(admin: Admin, limit: int, *, as_json: bool) -> None:
    """List the executions that wait for a person, newest first, with the steps whose calls are in doubt."""
    listed = admin.get(ParkedExecutions, "parked", limit=limit)
    if as_json:
        print_json(listed)
        return
    print_table(
        ("execution", "process", "bundle", "started", "in doubt", "reason"),
        [
            (
                each.execution.id,
                each.execution.process,
                f"{each.execution.bundle} {each.execution.version}",
                f"{since(each.execution.started)} ago",
                ", ".join(each.steps),
                each.execution.message or "",
            )
            for each in listed.parked
        ],
    )
    if listed.parked:
        click.echo("Look at the other system, then: nuclide decide EXECUTION happened|did-not|again", err=True)
    else:
        click.echo("Nothing waits for a person.", err=True)


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
