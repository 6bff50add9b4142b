"""The laws of the stand-in tenant, as the Flow Client connector and a terminal see it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from connectors.flow_client import CONNECTOR
from connectors.flow_client.operations import Execute, ListFlows, Start
from connectors.flow_client.settings import Settings
from runtime.sdk.contract import a_call
from runtime.sdk.faults import ApplicationFault, NotSent
from runtime.testkit.player.failures import Refused
from runtime.testkit.player.tenant import Act, Tenant, Values, serving
from tests.cli.daemon import nuclide


def echo(inputs: Values) -> Values:
    """End with what came in."""
    return inputs


def refuse(inputs: Values) -> Values:
    """End with a fault."""
    raise Refused("test.refused", "no")


@contextmanager
def standing_in(act: Act = echo, **options: object) -> Iterator[tuple[str, Tenant]]:
    """Serve a tenant with the flow ``F``."""
    tenant = Tenant({"F": act}, **options)  # type: ignore[arg-type]
    with serving(tenant) as url:
        yield url, tenant


async def launched(url: str, fields: Execute, content: bytes = b"", **settings: Any) -> dict[str, object]:  # noqa: ANN401 - as Settings has them
    """Launch a flow, and give its outputs, or how it stands."""
    async with CONNECTOR.open(Settings(url=url, tenant="T", **settings)) as connection:
        (reply,) = await connection.execute("execute", a_call(fields, content))
    found: dict[str, object] = msgspec.json.decode(reply.content)
    return found


async def test_a_flow_is_launched_by_name_with_its_inputs() -> None:
    """It ends with what its act gives, through every step of the Run API."""
    with standing_in() as (url, _):
        assert await launched(url, Execute(flow="F", answer="outputs"), b'{"N": 1.5, "T": "x"}') == {"N": 1.5, "T": "x"}
        assert await launched(url, Execute(flow="F", answer="outputs"), b"", api_key="k") == {}
        with pytest.raises(NotSent):
            await launched(url, Execute(flow="G"))


async def test_a_login_is_wanted_and_proven() -> None:
    """Flows that want a login take the right one, and no other."""
    with standing_in(login=("ada", "pw")) as (url, _):
        right = await launched(url, Execute(flow="F"), username="ada", password="pw")
        assert right["invokeType"] == "DONE"
        for name, password in (("ada", "no"), ("", "")):
            with pytest.raises(ApplicationFault) as caught:
                await launched(url, Execute(flow="F"), username=name, password=password)
            assert caught.value.status == "401"


async def test_a_slow_flow_is_waited_for_only_where_that_is_wanted() -> None:
    """WAIT is told at once; with `wait` the launch goes on until the flow is done."""
    go_on = threading.Event()

    def slow(inputs: Values) -> Values:
        go_on.wait(20)
        return inputs

    with standing_in(slow, patience=0.01) as (url, _):
        assert (await launched(url, Execute(flow="F")))["invokeType"] == "WAIT"
        go_on.set()
        assert (await launched(url, Execute(flow="F", wait=True, poll="100 ms")))["invokeType"] == "DONE"


async def test_busy_and_faults() -> None:
    """A busy state is asked again; a flow that fails stands at its fault."""
    with standing_in(busy=1) as (url, _):
        assert (await launched(url, Execute(flow="F")))["invokeType"] == "DONE"
    with standing_in(refuse) as (url, _):
        standing = await launched(url, Execute(flow="F"))
    assert standing["invokeType"] == "FORWARD"
    assert "no" in str(standing["mapElementInvokeResponses"])


async def test_flows_are_listed() -> None:
    """The listing holds each flow once; the launch in one request is not what a stand-in offers."""
    with standing_in() as (url, tenant):
        async with CONNECTOR.open(Settings(url=url, tenant="T")) as connection:
            (flow,) = await connection.execute("list", a_call(ListFlows()))
            assert msgspec.json.decode(flow.content)["id"]["id"] == tenant.flows["F"].id
            with pytest.raises(ApplicationFault):
                await connection.execute("start", a_call(Start(flow="F")))


def test_the_terminal_launches_flows() -> None:
    """`nuclide flow launch` tells how the flow stands, and its outputs; a refusal ends with status 1."""
    with standing_in() as (url, _):
        result = nuclide("flow", "launch", "F", "--url", url, "--input", "Name=Ada")
        assert (result.exit_code, msgspec.json.decode(result.stdout)) == (0, {"Name": "Ada"})
        assert result.stderr == "DONE\n"
        refused = nuclide("flow", "launch", "G", "--url", url)
    assert refused.exit_code == 1
    assert "no published flow" in refused.output
