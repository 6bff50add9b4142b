"""`nuclide levels`: how much the daemon logs, of which process, while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import duration, print_json, print_table
from runtime.cli.who import who
from runtime.web.level_answers import LogLevels

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

LEVELS = ("debug", "info", "warning", "error")


@click.group(invoke_without_command=True)
@json_option
@asks_the_daemon
@click.pass_context
def levels(ctx: click.Context, admin: Admin, *, as_json: bool) -> None:
    """Show what the daemon logs: the least level, and those of single processes (bundle/process)."""
    if ctx.invoked_subcommand is None:
        found = admin.get(LogLevels, "levels")
        print_json(found) if as_json else _print(found)


@levels.command(name="set")
@click.argument("level", type=click.Choice(LEVELS))
@click.argument("process", required=False)
@click.option("--for", "time", metavar="TIME", help="For how long: 10 min, 2 h; without it until the daemon stops.")
@asks_the_daemon
def set_(admin: Admin, level: str, process: str | None, *, time: str | None) -> None:
    """Log from this LEVEL on, of one PROCESS or of all that have none of their own.

    At debug every line of its process logs is logged, too: which steps run, with how many documents, how long.
    """
    order: dict[str, object] = {"who": who(), "level": level}
    if process is not None:
        order["process"] = process
    if time is not None:
        order["seconds"] = _seconds(time)
    _print(admin.post(LogLevels, "levels", order))


@levels.command()
@click.argument("process", required=False)
@asks_the_daemon
def reset(admin: Admin, process: str | None) -> None:
    """Log again what the settings say, of one PROCESS or of everything."""
    _print(admin.post(LogLevels, "levels", {"who": who()} if process is None else {"who": who(), "process": process}))


def _seconds(text: str) -> float:
    from runtime.model.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--for") from error


def _print(found: LogLevels) -> None:
    rows = [(each.process, each.level, _rest(each.seconds)) for each in found.processes]
    print_table(("of", "from level", "for"), [("all", found.level, _rest(found.seconds)), *rows])


def _rest(seconds: float | None) -> str:
    return "" if seconds is None else f"{duration(seconds)} yet"
