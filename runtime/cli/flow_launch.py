"""`nuclide flow launch`: launch a flow of a tenant, as the Flow Client connector does in a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from runtime.cli.failures import Failed
from runtime.cli.flow_options import PAIR
from runtime.cli.options import json_option
from runtime.cli.show import print_json

if TYPE_CHECKING:
    from runtime.sdk.connector import Reply

CONNECTOR = "flow client"
TENANT = "00000000-0000-0000-0000-000000000001"  # of `nuclide flow tenant`
URL = "http://127.0.0.1:9092"  # where that listens


@click.command()
@click.argument("flow")
@click.option("--url", envvar="NUCLIDE_TENANT_URL", default=URL, show_default=True, help="The engine's address.")
@click.option("--tenant", envvar="NUCLIDE_TENANT", default=TENANT, show_default=True, help="The id of the tenant.")
@click.option("--username", default="", help="A flow user, for flows that want a login.")
@click.option("--password", envvar="NUCLIDE_FLOW_PASSWORD", default="", help="Its password; better by the variable.")
@click.option("--api-key", envvar="NUCLIDE_FLOW_API_KEY", default="", help="An API key of the tenant.")
@click.option("--input", "inputs", type=PAIR, multiple=True, help="An input of the flow, as text.")
@click.option("--file", type=click.File("rb"), help="A JSON object of inputs; - reads it from stdin.")
@click.option("--wait/--no-wait", default=False, help="Whether to wait until the flow waits for nothing any more.")
@json_option
def launch(
    flow: str,
    *,
    url: str,
    tenant: str,
    username: str,
    password: str,
    api_key: str,
    inputs: tuple[tuple[str, str], ...],
    file: BinaryIO | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Launch a FLOW, by its name or id, and tell how it stands; its outputs are there once it is DONE."""
    import msgspec

    settings = {"url": url, "tenant": tenant, "username": username, "password": password, "api_key": api_key}
    fields = {"flow": flow, "wait": wait, "poll": "500 ms", "answer": "state" if as_json else "outputs"}
    given = {**(msgspec.json.decode(file.read()) if file is not None else {}), **dict(inputs)}
    reply = _launched(settings, fields, msgspec.json.encode(given) if given else b"")
    if not as_json:
        click.secho(reply.meta["status"], fg="green" if reply.meta["status"] == "DONE" else "cyan", err=True)
    print_json(msgspec.json.decode(reply.content))


def _launched(settings: dict[str, str], fields: dict[str, object], content: bytes) -> Reply:
    import msgspec
    import trio

    from runtime.model.document import Document
    from runtime.plugins import installed_connectors
    from runtime.sdk.connector import Call
    from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown

    spec = installed_connectors().connectors[CONNECTOR]
    operation = spec.operation("execute")
    if operation is None:
        raise Failed("player.connector", f"the connector '{CONNECTOR}' that is installed cannot launch flows")
    call = Call(Document(b"", content), content, msgspec.convert(fields, operation.fields), "", float("inf"))

    async def launching() -> tuple[Reply, ...]:
        async with spec.open(msgspec.convert(settings, spec.settings)) as connection:
            return await connection.execute("execute", call)

    try:
        (reply,) = trio.run(launching)
    except (ApplicationFault, NotSent, OutcomeUnknown) as fault:
        raise Failed(fault.code, fault.message) from fault
    return reply
