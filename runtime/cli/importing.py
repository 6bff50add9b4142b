"""`nuclide import`: exports of the platform become a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.failures import FAILED, Failed
from runtime.cli.options import json_option
from runtime.cli.show import print_json, print_table, printable

if TYPE_CHECKING:
    from runtime.importing.report import Component, Report

_COLOURS = {"runs": "green", "runs differently": "yellow", "refused": "red"}


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), help="The bundle's folder; else one named after PATH.")
@click.option("--name", help="The bundle's name; else that of its folder.")
@json_option
@click.pass_context
def import_(ctx: click.Context, path: Path, *, folder: Path | None, name: str | None, as_json: bool) -> None:
    """Make a bundle of exported components: PATH is a folder, a .zip, an XML file or an answer of the platform's API.

    The components stay as they are. What runs, what runs another way and what is refused is told with the reasons, and
    which values the machine has to give. Exit status 1 when something is refused.
    """
    from runtime.importing.collect import collect
    from runtime.importing.report import judge
    from runtime.importing.write import bundle_name, write_bundle
    from runtime.plugins import installed_connectors

    collected = collect(path)
    if not collected.files:
        reasons = "; ".join(f"{origin}: {reason}" for origin, reason in collected.passed_over[:3])
        raise Failed("import.nothing", f"there is no component in {path}" + (f" ({reasons})" if reasons else ""))
    target = folder or Path.cwd() / bundle_name(path)
    write_bundle(target, name or bundle_name(target), collected.files, path.name)
    report = judge(target, collected.files, collected.passed_over, installed_connectors())
    print_json(report) if as_json else _print(report)
    if report.count("refused") or report.other:
        ctx.exit(FAILED)


def _print(report: Report) -> None:
    click.echo(f"{report.folder}: the bundle '{report.bundle}'")
    click.echo()
    print_table(
        ("component", "runs", "differently", "refused"),
        [
            (kind, *(str(fates[fate] or "") for fate in ("runs", "runs differently", "refused")))
            for kind, fates in report.kinds.items()
        ],
    )
    for component in report.components:
        if component.fate != "runs":
            _print_component(component)
    for line in report.other:
        click.secho(printable(line), fg="red")
    for origin, reason in report.passed_over:
        click.echo(printable(f"passed over: {origin}: {reason}"))
    _print_values(report)


def _print_component(component: Component) -> None:
    click.echo()
    fate = click.style(component.fate, fg=_COLOURS[component.fate])
    click.echo(printable(f"{component.kind} '{component.name}' ({component.file}) ") + fate)
    for reason in component.reasons:
        click.echo(printable(f"    {reason}"))


def _print_values(report: Report) -> None:
    required = [wanted for wanted in report.extensions if wanted.required]
    if not report.extensions:
        return
    click.echo()
    click.echo(f"Values for this machine, in extensions.toml ({len(required)} of them have to be given):")
    click.echo()
    click.echo(f"[{report.bundle}]")
    for wanted in report.extensions:
        given = '"file:/path/to/it"' if wanted.kind == "secret" else '""'
        comment = "" if wanted.required else "#"
        click.echo(printable(f"{comment}{wanted.name} = {given}    # {wanted.kind}: {wanted.description}"))
