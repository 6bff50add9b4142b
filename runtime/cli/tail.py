"""`nuclide tail`: the lines of process logs as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.logs import print_line
from runtime.cli.options import asks_the_daemon, json_option
from runtime.web.record_answers import ProcessLog, Tail

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@click.argument("execution", required=False)
@json_option
@asks_the_daemon
def tail(admin: Admin, execution: str | None, *, as_json: bool) -> None:
    """Follow the process logs of all executions, or that of one EXECUTION until it ends. Ctrl-C ends it.

    With --json one line of JSON for each.
    """
    after = None if execution is None else _beginning(admin, execution, as_json=as_json)
    try:
        while True:
            found = admin.get(Tail, "tail", after=after, execution=execution)
            for line in found.lines:
                _print(line, as_json=as_json)
            after = found.next
            if not found.live and not found.lines:
                return
    except KeyboardInterrupt:
        return


def _beginning(admin: Admin, execution: str, *, as_json: bool) -> int:
    """Print what was told before, and give the number from which on lines are new."""
    number = admin.get(Tail, "tail", after=2**62, execution=execution).next
    for line in admin.get(ProcessLog, "executions", execution, "log").lines:
        _print(line, as_json=as_json)
    return number


def _print(line: object, *, as_json: bool) -> None:
    import msgspec

    from runtime.web.record_answers import LogLine

    if as_json:
        click.echo(msgspec.json.encode(line).decode())
    elif isinstance(line, LogLine):
        print_line(line)
