"""`nuclide properties`: what processes keep for their next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table
from runtime.cli.who import who
from runtime.web.kept_answers import KeptProperties

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.group(invoke_without_command=True)
@click.option("--bundle", help="Only those of this bundle.")
@click.option("--process", help="Only those of this process.")
@click.option("--values", is_flag=True, help="Show the values, which may be confidential.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Rows at most.")
@json_option
@asks_the_daemon
@click.pass_context
def properties(
    ctx: click.Context,
    admin: Admin,
    bundle: str | None,
    process: str | None,
    limit: int,
    *,
    values: bool,
    as_json: bool,
) -> None:
    """List the process properties that were kept for the next run, and by which execution."""
    ctx.obj = admin
    if ctx.invoked_subcommand is not None:
        return
    asked = {"bundle": bundle, "process": process, "limit": limit, "values": "true" if values else None}
    found = admin.get(KeptProperties, "properties", **asked)
    print_json(found) if as_json else _print(found, values=values)


@properties.command(name="set")
@click.argument("bundle")
@click.argument("process")
@click.argument("name")
@click.argument("value")
@click.pass_obj
def set_(admin: Admin, bundle: str, process: str, name: str, value: str) -> None:
    """Keep a VALUE for the next runs of a PROCESS; executions that run go on with what they began with."""
    order = {"bundle": bundle, "process": process, "name": name, "value": value, "who": who()}
    admin.post(KeptProperties, "properties/set", order)


@properties.command()
@click.argument("bundle")
@click.argument("process")
@click.argument("name")
@click.pass_obj
def forget(admin: Admin, bundle: str, process: str, name: str) -> None:
    """Keep a property no longer: the next run of its PROCESS begins as if nothing had been kept."""
    order = {"bundle": bundle, "process": process, "name": name, "who": who()}
    admin.post(KeptProperties, "properties/forget", order)


def _print(found: KeptProperties, *, values: bool) -> None:
    print_table(
        ("bundle", "process", "property", "value" if values else "characters", "kept by"),
        [
            (
                each.bundle,
                each.process,
                each.name,
                (each.value or "") if values else str(each.characters),
                each.execution or "a person",
            )
            for each in found.properties
        ],
    )
    if not found.properties:
        click.echo("Nothing is kept.", err=True)
