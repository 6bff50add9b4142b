"""`nuclide parked`: work that waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table, since
from runtime.web.work_answers import ParkedExecutions

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


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
