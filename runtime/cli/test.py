"""`nuclide test`: a bundle's own tests, run by the real engine without a daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from runtime.cli.failures import FAILED
from runtime.cli.lint import bundles
from runtime.cli.options import json_option
from runtime.cli.show import print_json, printable
from runtime.errors import BundleError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.testkit.cases.run import Verdict


class Report(Struct, frozen=True, kw_only=True):
    """What became of the tests, as a program reads it."""

    passed: int
    failed: int
    cases: tuple[Verdict, ...]
    problems: tuple[Problem, ...]


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "only", metavar="TEXT", help="Run only the cases with TEXT in their names.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report to this file.")
@json_option
@click.pass_context
def test(ctx: click.Context, paths: tuple[Path, ...], *, only: str | None, junit: Path | None, as_json: bool) -> None:
    """Run the tests of bundles: each PATH is a bundle (a folder or a .zip), or a folder of bundles.

    A test is a case in tests/*.yaml of the bundle. Calls are answered by its mocks, time is virtual, and nothing
    outside is touched. Exit status 1 when a case fails or a bundle has mistakes.
    """
    verdicts, problems = _run([bundle for path in paths for bundle in bundles(path)], only)
    if junit is not None:
        from runtime.testkit.cases.reports import junit as report

        junit.write_bytes(report(verdicts))
    failed = sum(not verdict.passed for verdict in verdicts)
    if as_json:
        passed = len(verdicts) - failed
        print_json(Report(passed=passed, failed=failed, cases=tuple(verdicts), problems=tuple(problems)))
    else:
        _print(verdicts, problems, failed)
    if failed or problems:
        ctx.exit(FAILED)


def _run(paths: Sequence[Path], only: str | None) -> tuple[list[Verdict], list[Problem]]:
    from runtime.observe.log import quiet
    from runtime.plugins import installed_connectors
    from runtime.testkit.cases.run import run_path

    catalogue = installed_connectors()
    verdicts: list[Verdict] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            with quiet():  # what an execution logs is no news here: the differences say it
                verdicts += run_path(path, catalogue, only=only)
        except BundleError as error:
            problems += error.problems
    return verdicts, problems


def _print(verdicts: Sequence[Verdict], problems: Sequence[Problem], failed: int) -> None:
    for problem in problems:
        click.echo(printable(str(problem)))
    for verdict in verdicts:
        if verdict.passed:
            continue
        place = f"{verdict.bundle}/{verdict.file}:{verdict.place.line}"
        click.secho(f"{place}: {printable(verdict.case)}", fg="red", bold=True)
        for difference in verdict.differences:
            click.echo(f"    {printable(difference)}")
        for line in verdict.lines:
            click.secho(f"    | {printable(line)}", dim=True)
    colour = "red" if failed or problems else "green"
    click.secho(f"{len(verdicts) - failed} passed, {failed} failed", fg=colour, err=True)
