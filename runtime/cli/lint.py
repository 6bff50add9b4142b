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

    from runtime.errors import Problem
    from runtime.sdk.connector import Catalogue

MANIFEST = "bundle.yaml"


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One problem, as a program reads it. `file` counts from the working directory, line and column from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    code: str
    message: str
    hint: str | None = None
    excerpt: str | None = None


class Report(Struct, frozen=True, kw_only=True):
    """What was found in how many bundles."""

    bundles: int
    findings: tuple[Finding, ...]


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check bundles: each PATH is a bundle, or a folder of bundles.

    Exit status 1 when there is a finding. The connectors that the bundles use must be installed.
    """
    from runtime.plugins import installed_connectors

    catalogue = installed_connectors()
    reports = [_check(path, catalogue) for path in paths]
    findings = tuple(finding for report in reports for finding in report.findings)
    report = Report(bundles=sum(report.bundles for report in reports), findings=findings)
    if as_json:
        print_json(report)
    else:
        _print(report)
    if findings:
        ctx.exit(FAILED)


def _check(path: Path, catalogue: Catalogue) -> Report:
    from runtime.bundle.read import read_bundle
    from runtime.bundle.table import read_all
    from runtime.errors import BundleError

    if path.is_dir() and not (path / MANIFEST).exists() and any(path.glob(f"*/{MANIFEST}")):
        found, refused = read_all(path, catalogue)
        findings = [finding for folder, error in refused for finding in _findings(folder, error.problems)]
        return Report(bundles=len(found) + len(refused), findings=tuple(findings))
    try:
        read_bundle(path, catalogue)
    except BundleError as error:
        return Report(bundles=1, findings=tuple(_findings(path, error.problems)))
    return Report(bundles=1, findings=())


def _findings(folder: Path, problems: Sequence[Problem]) -> Iterator[Finding]:
    for problem in problems:
        place = problem.place
        yield Finding(
            file=str(folder / place.file) if place.file else str(folder),
            line=place.line,
            column=place.column,
            code=problem.code,
            message=problem.message,
            hint=problem.hint,
            excerpt=problem.excerpt,
        )


def _print(report: Report) -> None:
    for finding in report.findings:
        place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part is not None)
        cure = f" ({finding.hint})" if finding.hint else ""
        click.echo(f"{click.style(place, bold=True)}: {finding.message}{cure} [{finding.code}]")
        if finding.excerpt:
            click.echo(f"    {printable(finding.excerpt)}")
            click.secho(_caret(finding.excerpt, finding.column), fg="red", nl=finding.column is not None)
    count, bundles = len(report.findings), report.bundles
    counted = f"{count or 'no'} finding{'' if count == 1 else 's'} in {bundles} bundle{'' if bundles == 1 else 's'}"
    click.secho(counted, fg="red" if count else "green", err=True)


def _caret(excerpt: str, column: int | None) -> str:
    """Give the mark below the column; characters that take two cells in a terminal move it on by two."""
    if column is None:
        return ""
    before = excerpt[: column - 1]
    cells = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in before)
    return f"    {' ' * cells}^"
