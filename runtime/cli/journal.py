"""`nuclide journal`: the state folder as its keeper sees it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.failures import Unreachable
from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import clock_time, print_json, print_table
from runtime.host.crowd import HOME, crowd_of
from runtime.web.work_answers import AuditTrail, DamageFound, JournalReport

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.group()
def journal() -> None:
    """Look at the journal: is it whole, and what have persons done."""


@journal.command()
@click.option(
    "--state", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Look at this state folder."
)
@json_option
@asks_the_daemon
def check(admin: Admin, state: Path | None, *, as_json: bool) -> None:
    """Read every page, payload and file, and tell what is not as it was written. Nothing is repaired.

    The daemon does it when one runs. Where none does, name the state folder. Exit status 1 when something is damaged.
    """
    try:
        report = admin.get(JournalReport, "journal", "check") if state is None else _checked(state)
    except Unreachable as error:
        error.hint = "where no daemon runs, name the folder: nuclide journal check --state FOLDER"
        raise
    if as_json:
        print_json(report)
    else:
        click.echo(f"schema {report.schema}, {report.payloads} payloads, {report.files} files")
        print_table(("execution", "damage"), [(each.execution or "", each.what) for each in report.damage])
    if report.damage:
        raise SystemExit(1)


@journal.command()
@click.option("--execution", help="What was done to this one.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows at most.")
@json_option
@asks_the_daemon
def audit(admin: Admin, execution: str | None, limit: int, *, as_json: bool) -> None:
    """Tell what persons have done: decisions, replays, dead letters; newest first."""
    found = admin.get(AuditTrail, "audit", execution=execution, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("when", "who", "what", "execution", "detail"),
        [(clock_time(each.at), each.who, each.what, each.execution, each.detail) for each in found.entries],
    )


def _checked(state: Path) -> JournalReport:
    """Look at the journals of all workers that the state folder is of."""
    from runtime.engine.records import named_files
    from runtime.store.cipher import open_cipher
    from runtime.store.sqlite import JOURNAL
    from runtime.store.sqlite.check import check as look
    from runtime.web.merged.combining import report as merged

    cipher, crowd = open_cipher(state, os.environ), crowd_of(state, 1, JOURNAL)
    found: dict[int, JournalReport] = {}
    for number in crowd.numbers:
        report = look(crowd.folder(number), cipher, named_files)
        damage = tuple(DamageFound(what=each.what, execution=each.execution) for each in report.damage)
        found[number] = JournalReport(schema=report.schema, payloads=report.payloads, files=report.files, damage=damage)
    return found[HOME] if crowd.is_alone else merged(found)
