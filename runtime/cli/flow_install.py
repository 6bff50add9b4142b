"""`nuclide flow install`: what a builder goes through when installing a service in a tenant."""

from __future__ import annotations

import click

from runtime.cli.failures import FAILED
from runtime.cli.flow_describe import show
from runtime.cli.flow_options import PAIR, base_option, service_argument
from runtime.flow.check import verdict
from runtime.testkit.player.description import fetch
from runtime.testkit.player.failures import Misused
from runtime.testkit.player.values import engine_values


@click.command()
@base_option
@service_argument
@click.option("--config", "configuration", type=PAIR, multiple=True, help="A configuration value of the connector.")
@click.pass_context
def install(ctx: click.Context, url: str, configuration: tuple[tuple[str, str], ...]) -> None:
    """Install a service as Flow's builder does: ask what it wants to be configured with, then for all that it has.

    Exit status 1 when an engine would refuse it.
    """
    first, _ = fetch(url, [])
    given = dict(configuration)
    missing = [
        value.developer_name
        for value in first.configuration
        if (value.required or value.is_required) and not given.get(value.developer_name, value.content_value)
    ]
    if missing:
        raise Misused(
            "player.configuration", f"the service has to be told {', '.join(missing)}", hint="--config NAME=…"
        )
    values = engine_values(given, first.configuration, {}, "configuration value")
    description, findings = fetch(url, values)
    show(url, description, findings)
    if verdict(findings) == "refuses":
        ctx.exit(FAILED)
