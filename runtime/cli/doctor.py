"""`nuclide doctor`: what is wrong with this machine, and the cure of each thing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from runtime.cli.options import config_option, json_option
from runtime.cli.show import print_json, printable
from runtime.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.doctor.finding import Finding

_MARKS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "error": ("error", "red")}


@click.command()
@click.option("--rules", "only_rules", is_flag=True, help="Print what is looked at, and look at nothing.")
@config_option
@json_option
def doctor(config: Path | None, *, only_rules: bool, as_json: bool) -> None:
    """Look at folders, disk, port, clock, limits, certificates, callback hosts and journal; change nothing.

    Run it as the daemon's user: what that user may do is a part of the question. Exit status 1 when something is in
    the way; warnings alone are 0.
    """
    from runtime.doctor.finding import Patient
    from runtime.doctor.rules import RULES, examine
    from runtime.host.lock import holder

    if only_rules:
        for rule in RULES:
            click.echo(f"{click.style(rule.name, bold=True)}: {rule.asks}\n    {rule.cure}")
        return
    settings, _ = load(config, os.environ)
    patient = Patient(settings=settings, environ=os.environ, daemon=holder(settings.state.folder))
    findings = list(examine(patient))
    if as_json:
        print_json({"findings": findings})
    else:
        _print(findings)
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(1)


def _print(findings: list[Finding]) -> None:
    longest = max(len(finding.rule) for finding in findings)
    for finding in findings:
        word, colour = _MARKS[finding.severity]
        click.echo(f"{click.style(f'{word:7}', fg=colour)}  {finding.rule:{longest}}  {printable(finding.message)}")
        if finding.cure is not None:
            click.echo(f"{'':7}  {'':{longest}}  cure: {printable(finding.cure)}")
