"""`nuclide logs`: the process log of an execution, and how long its steps took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table, printable
from runtime.web.record_answers import LogLine, ProcessLog

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

_COLOURS = {"warning": "yellow", "severe": "red"}


@click.command()
@click.argument("execution")
@click.option("--steps", is_flag=True, help="The steps and their times instead of the lines.")
@json_option
@asks_the_daemon
def logs(admin: Admin, execution: str, *, steps: bool, as_json: bool) -> None:
    """Print the process log of an EXECUTION: every step that ran, and what the process told.

    Exit status 1 when nothing is known of it.
    """
    log = admin.get(ProcessLog, "executions", execution, "log")
    if as_json:
        print_json(log)
    elif steps:
        _print_steps(log)
    else:
        for line in log.lines:
            print_line(line)
        if log.left_out:
            click.echo(f"{log.left_out} lines of its middle were too many to keep.", err=True)
        click.secho(f"{log.status}{f': {printable(log.message)}' if log.message else ''}", err=True, bold=True)


def print_line(line: LogLine) -> None:
    """Print one line: when, how grave, which execution where several are mixed, which step, what."""
    when = line.at.astimezone().isoformat(sep=" ", timespec="milliseconds")
    parts = [when, f"{line.level.upper():7}", *([line.execution] if line.execution else [])]
    step = f"{line.process} / {line.step}" if line.step else line.process
    text = f"{' '.join(parts)}  {printable(step)}  {printable(line.text)}"
    click.secho(text, fg=_COLOURS.get(line.level))


def _print_steps(log: ProcessLog) -> None:
    print_table(
        ("step", "process", "runs", "in", "out", "failed", "took"),
        [
            (
                each.name,
                each.process,
                str(each.runs),
                str(each.documents_in),
                str(each.documents_out),
                str(each.failed),
                f"{each.seconds * 1000:,.1f} ms",
            )
            for each in log.steps
        ],
    )
