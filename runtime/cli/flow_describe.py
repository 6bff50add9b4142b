"""`nuclide flow describe`: what a Flow builder would see, and whether an engine would take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.failures import FAILED
from runtime.cli.flow_options import PAIR, base_option, service_argument
from runtime.cli.options import json_option
from runtime.cli.show import print_json, print_table
from runtime.flow.check import Finding, verdict
from runtime.testkit.player.description import fetch
from runtime.testkit.player.http import shown
from runtime.testkit.player.values import unchecked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.testkit.player.description import Action, Described, Description


@click.command()
@base_option
@service_argument
@click.option("--config", "configuration", type=PAIR, multiple=True, help="A configuration value of the connector.")
@json_option
@click.pass_context
def describe(ctx: click.Context, url: str, configuration: tuple[tuple[str, str], ...], *, as_json: bool) -> None:
    """Show the actions, types and configuration values of a service, and what an engine would say to them.

    Exit status 1 when an engine would refuse the description.
    """
    description, findings = fetch(url, unchecked(configuration))
    refused = verdict(findings) == "refuses"
    if as_json:
        print_json({"url": shown(url), "verdict": verdict(findings), "findings": findings, "description": description})
    else:
        show(url, description, findings)
    if refused:
        ctx.exit(FAILED)


def show(url: str, description: Description, findings: tuple[Finding, ...]) -> None:
    """Print a description, and what an engine would say to it."""
    colour = "red" if verdict(findings) == "refuses" else "green"
    click.echo(f"{shown(url)}: an engine {click.style(verdict(findings), fg=colour)} this description")
    print_table(("finding", "at", "why"), [(each.severity, each.pointer, each.message) for each in findings])
    for missing in description.not_deployed:
        click.secho(f"not deployed: {missing}", fg="yellow")
    _print_values("Configuration", description.configuration)
    for action in description.actions or ():
        _print_action(action)
    rows = [
        (each.developer_name, value.developer_name, value.kind)
        for each in description.types.values()
        for value in each.properties
    ]
    if rows:
        click.echo()
        print_table(("type", "property", "is"), rows)


def _print_action(action: Action) -> None:
    click.echo()
    summary = f"  {action.developer_summary}" if action.developer_summary else ""
    click.echo(f"{click.style(action.developer_name, bold=True)}  POST {action.uri_part}{summary}")
    rows = [
        (direction, value.developer_name, value.kind, "required" if value.required or value.is_required else "")
        for direction, values in (("input", action.inputs), ("output", action.outputs))
        for value in values
    ]
    print_table(("", "name", "is", ""), rows)


def _print_values(title: str, values: Sequence[Described]) -> None:
    if values:
        click.echo()
    print_table(
        (title, "is", "default", ""),
        [
            (
                value.developer_name,
                value.kind,
                value.content_value or "",
                "required" if value.required or value.is_required else "",
            )
            for value in values
        ],
    )
