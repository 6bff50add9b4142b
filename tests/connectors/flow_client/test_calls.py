"""The laws of calls to a Flow tenant, on real sockets."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
import trio.testing

from connectors.flow_client import CONNECTOR
from connectors.flow_client.operations import Execute
from connectors.flow_client.settings import Settings
from connectors.flow_client.wire import Standing, inputs_of, outputs_of
from runtime.sdk.contract import a_call, check_cancellation, check_spec
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from tests.connectors.http.server import Answer, Seen, running_server

FLOW = "77b0e2b3-0a55-4e8f-8d58-55b7d4c5a6e2"
BEGUN = {"stateId": "S", "stateToken": "T1", "currentMapElementId": "E", "statusCode": "200"}
DONE = {
    "stateId": "S",
    "invokeType": "DONE",
    "outputs": [
        {"developerName": "Total", "contentType": "ContentNumber", "contentValue": "3.50"},
        {"developerName": "Note", "contentType": "ContentString", "contentValue": None},
    ],
}


def engine(invoked: Answer | None = None, initialized: Answer | None = None) -> Callable[[Seen], Answer]:
    """Give an engine that answers the two requests of a launch."""

    def answer(seen: Seen) -> Answer:
        if seen.target == "/api/run/1":
            return initialized or Answer(body=msgspec.json.encode(BEGUN))
        return invoked or Answer(body=msgspec.json.encode(DONE))

    return answer


def test_the_specification_is_complete() -> None:
    """Everything that people, lint and the engine read is there."""
    check_spec(CONNECTOR)


async def test_a_cancelled_call_leaves_the_connection_usable() -> None:
    """At each of its checkpoints, even with a single connection."""
    async with running_server() as server:
        server.answer = engine()
        async with CONNECTOR.open(Settings(url=server.url, tenant="T", connections=1)) as connection:
            assert await check_cancellation(connection, "execute", a_call(Execute(flow=FLOW))) > 3


async def test_outputs_are_the_document_where_they_are_asked_for() -> None:
    """The engine's whole answer, or one JSON object of the outputs; the standing is told beside it."""
    async with running_server() as server:
        server.answer = engine()
        async with CONNECTOR.open(Settings(url=server.url, tenant="T", api_key="k")) as connection:
            (whole,) = await connection.execute("execute", a_call(Execute(flow=FLOW)))
            (outputs,) = await connection.execute("execute", a_call(Execute(flow=FLOW, answer="outputs")))
    assert msgspec.json.decode(whole.content) == DONE
    assert (outputs.content, outputs.meta["status"]) == (b'{"Total":3.50,"Note":null}', "DONE")
    assert {seen.headers["manywhotenant"] for seen in server.seen} == {"T"}
    assert {seen.headers["x-boomi-flow-api-key"] for seen in server.seen} == {"k"}


FAILING = {
    "the initialization is cut": (engine(initialized=Answer(cut=True)), NotSent),
    "the initialization is refused": (engine(initialized=Answer(status=500)), ApplicationFault),
    "the invocation is cut": (engine(invoked=Answer(cut=True)), OutcomeUnknown),
    "the invocation is refused": (engine(invoked=Answer(status=500)), ApplicationFault),
}


@pytest.mark.parametrize("case", FAILING)
async def test_a_failure_says_whether_the_flow_may_run(case: str) -> None:
    """Only an invocation that was cut leaves it unknown: before it, nothing has run."""
    answer, fault = FAILING[case]
    async with running_server() as server:
        server.answer = answer
        async with CONNECTOR.open(Settings(url=server.url, tenant="T")) as connection:
            with pytest.raises(fault):
                await connection.execute("execute", a_call(Execute(flow=FLOW)))


async def test_nobody_listening_is_certain() -> None:
    """A tenant that cannot be reached has launched nothing."""
    async with CONNECTOR.open(Settings(url="http://127.0.0.1:1", tenant="T")) as connection:
        with pytest.raises(NotSent):
            await connection.execute("execute", a_call(Execute(flow=FLOW)))


async def test_a_flow_that_waits_too_long_was_launched_all_the_same(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """The wait ends at its limit, and what is told is no doubt: the flow runs."""
    waiting = Answer(body=msgspec.json.encode({"stateId": "S", "stateToken": "T", "invokeType": "WAIT"}))
    autojump_clock.autojump_threshold = 0.05
    async with running_server() as server:
        server.answer = lambda seen: Answer(body=b"false") if "/ping/" in seen.target else engine(waiting)(seen)
        async with CONNECTOR.open(Settings(url=server.url, tenant="T", timeout="30 s")) as connection:
            with pytest.raises(ApplicationFault) as caught:
                await connection.execute(
                    "execute", a_call(Execute(flow=FLOW, wait=True, poll="20 s", wait_limit="1 min"))
                )
    assert caught.value.status == "WAIT"


def test_inputs_are_typed_by_their_json() -> None:
    """Texts, numbers, truth values, objects and lists become Flow's content types, unless another one is named."""
    document = b'{"A": "x", "B": 1.50, "C": true, "D": null, "E": {"F": 1}, "G": [{"F": 1}], "H": "2026-01-01"}'
    inputs = inputs_of(document, '{"E": "Thing", "H": "ContentDateTime"}') or []
    assert [(each["developerName"], each["contentType"], each["contentValue"]) for each in inputs] == [
        ("A", "ContentString", "x"),
        ("B", "ContentNumber", "1.50"),
        ("C", "ContentBoolean", "true"),
        ("D", "ContentString", None),
        ("E", "ContentObject", None),
        ("G", "ContentList", None),
        ("H", "ContentDateTime", "2026-01-01"),
    ]
    assert inputs[4]["typeElementDeveloperName"] == inputs[4]["objectData"][0]["developerName"] == "Thing"
    assert inputs_of(b" ", "") is None


@pytest.mark.parametrize("document", [b"[]", b"x", b'{"A": [1]}', b"\xff"])
def test_what_cannot_be_inputs_is_refused_before_anything_is_sent(document: bytes) -> None:
    """A document that is no object, or a list of single values, launches nothing."""
    with pytest.raises(NotSent):
        inputs_of(document, "")


def test_outputs_that_nobody_can_read_stay_as_they_are() -> None:
    """A number that is none is its own text; a blank one is null."""
    odd = {"developerName": "N", "contentType": "ContentNumber", "contentValue": "many"}
    blank = {"developerName": "B", "contentType": "ContentBoolean", "contentValue": ""}
    standing = msgspec.convert({"invokeType": "DONE", "outputs": [odd, blank]}, Standing)
    assert outputs_of(standing) == b'{"N":"many","B":null}'
