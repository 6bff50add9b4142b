"""`nuclide lint`: what is wrong with bundles, found without a daemon."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from runtime.cli.failures import FAILED
from runtime.cli.options import json_option
from runtime.cli.show import print_json, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runtime.errors import Problem, Severity

MANIFEST = "bundle.yaml"


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One problem, as a program reads it. `file` counts from the working directory, line and column from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    severity: Severity
    code: str
    message: str
    hint: str | None = None
    excerpt: str | None = None


class Report(Struct, frozen=True, kw_only=True):
    """What was found in how many bundles."""

    bundles: int
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Give how many findings are of this severity."""
        return sum(finding.severity == severity for finding in self.findings)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Let a warning end with status 1, too.")
@click.option("--sarif", type=click.Path(dir_okay=False, path_type=Path), help="Write a SARIF report to this file.")
@json_option
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], *, strict: bool, sarif: Path | None, as_json: bool) -> None:
    """Check bundles: each PATH is a bundle (a folder or a .zip), or a folder of bundles.

    Exit status 1 when a bundle could not be deployed. The connectors that the bundles use must be installed.
    """
    report = _check([bundle for path in paths for bundle in bundles(path)])
    if sarif is not None:
        from runtime.cli.sarif import sarif as sarif_of

        sarif.write_bytes(sarif_of(report.findings))
    if as_json:
        print_json(report)
    else:
        _print(report)
    if report.count("error") or (strict and report.findings):
        ctx.exit(FAILED)


def bundles(path: Path) -> tuple[Path, ...]:
    """Give the bundles that a path of the command line means: itself, or those in the folder."""
    from runtime.bundle.table import bundle_paths

    if path.is_dir() and not (path / MANIFEST).exists() and any(path.glob(f"*/{MANIFEST}")):
        return bundle_paths(path)
    return (path,)


def _check(paths: Sequence[Path]) -> Report:
    from runtime.bundle.table import Claims, claims_of, clashes
    from runtime.plugins import installed_connectors
    from runtime.testkit.cases.read import lint_with_tests

    catalogue = installed_connectors()
    findings: list[Finding] = []
    claimed: list[Claims] = []
    for path in paths:
        bundle, problems = lint_with_tests(path, catalogue)
        findings += _findings(path, problems)
        if bundle is not None:
            claims = claims_of(str(path), bundle)
            findings += _findings(path, clashes(claims, claimed))
            claimed.append(claims)
    return Report(bundles=len(paths), findings=tuple(findings))


def _findings(folder: Path, problems: Sequence[Problem]) -> Iterator[Finding]:
    for problem in problems:
        place = problem.place
        yield Finding(
            file=str(folder / place.file) if place.file else str(folder),
            line=place.line,
            column=place.column,
            severity=problem.severity,
            code=problem.code,
            message=problem.message,
            hint=problem.hint,
            excerpt=problem.excerpt,
        )


def _print(report: Report) -> None:
    for finding in report.findings:
        place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part is not None)
        cure = f" ({finding.hint})" if finding.hint else ""
        kind = click.style("warning: ", fg="yellow") if finding.severity == "warning" else ""
        click.echo(f"{click.style(place, bold=True)}: {kind}{finding.message}{cure} [{finding.code}]")
        if finding.excerpt:
            click.echo(f"    {printable(finding.excerpt)}")
            click.secho(_caret(finding.excerpt, finding.column), fg="red", nl=finding.column is not None)
    errors, warnings = report.count("error"), report.count("warning")
    found = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')} in {_counted(report.bundles, 'bundle')}"
    click.secho(found, fg="red" if errors else "yellow" if warnings else "green", err=True)


def _counted(count: int, thing: str) -> str:
    return f"{count or 'no'} {thing}{'' if count == 1 else 's'}"


def _caret(excerpt: str, column: int | None) -> str:
    """Give the mark below the column; characters that take two cells in a terminal move it on by two."""
    if column is None:
        return ""
    before = excerpt[: column - 1]
    cells = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in before)
    return f"    {' ' * cells}^"
