"""`nuclide execute`: run a process now that no listener starts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

import click

from runtime.cli.failures import Failed
from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json
from runtime.model.journal import Status
from runtime.web.admin_answers import Begun, ExecutionDetail

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

LOOK = 0.2  # seconds between two looks whether it has ended


@click.command()
@click.argument("bundle")
@click.argument("process")
@click.option("--property", "properties", metavar="NAME=VALUE", multiple=True, help="A dynamic process property.")
@click.option(
    "--document", "documents", type=click.File(), multiple=True, help="A start document; - reads it from stdin."
)
@click.option("--trace", is_flag=True, help="Keep documents at its steps, for `nuclide trace`.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Whether to wait for its end.")
@json_option
@asks_the_daemon
def execute(
    admin: Admin,
    bundle: str,
    process: str,
    properties: tuple[str, ...],
    documents: tuple[TextIO, ...],
    *,
    trace: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Run a PROCESS of a BUNDLE now, with one empty document unless others are given.

    Exit status 1 when it ends with an error, or is parked for a person to decide.
    """
    order = {
        "bundle": bundle,
        "process": process,
        "properties": dict(_pair(text) for text in properties),
        "documents": [file.read() for file in documents],
        "trace": trace,
    }
    begun = admin.post(Begun, "execute", order)
    if not wait:
        print_json(begun) if as_json else click.echo(begun.execution)
        return
    detail = _end(admin, begun.execution)
    if as_json:
        print_json(detail)
    else:
        click.echo(f"{detail.status}  {detail.id}" + (f"  {detail.message}" if detail.message else ""))
    if detail.status is not Status.COMPLETE:
        raise SystemExit(1)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Failed("cli.property", f"'{text}' is no property", hint="write NAME=VALUE")
    return name, value


def _end(admin: Admin, identity: str) -> ExecutionDetail:
    while True:
        detail = admin.get(ExecutionDetail, "executions", identity)
        if detail.status.finished or detail.status is Status.PARKED:
            return detail
        time.sleep(LOOK)
