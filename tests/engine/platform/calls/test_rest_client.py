"""What steps add to calls of the REST client (component XML, section 2.3; behaviours 97, 98), over real sockets."""

from __future__ import annotations

import json

import pytest

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, shape
from tests.connectors.http.server import Answer, Seen, running_server
from tests.engine.platform.calls.exported import calling, literal, operation, ran, saying, setting
from tests.engine.platform.calls.test_map_calls import entry, profile

REST = "officialboomi-X3979C-rest-prod"


def connection(url: str) -> bytes:
    """A connection."""
    return component(
        "connector-settings",
        "connection",
        f'<GenericConnectionConfig xmlns=""><field id="url" type="string" value="{url}"/>'
        '<field id="auth" type="string" value="NONE"/></GenericConnectionConfig>',
        more=f'subType="{REST}"',
    )


def action(method: str, redirects: str = "NONE") -> bytes:
    """An operation."""
    return component(
        "connector-action",
        "operation",
        operation(
            f'<GenericOperationConfig customOperationType="{method}" operationType="EXECUTE"><field'
            f' id="followRedirects" type="string" value="{redirects}"/><field id="path" type="string" value="/a"/>'
            "<Options/></GenericOperationConfig>"
        ),
        more=f'subType="{REST}"',
    )


def rest_call(method: str, parameters: str = "", request: str = "asked") -> str:
    """A call, whose parameters are elements of a profile."""
    return shape(
        "call",
        "connectoraction",
        f'<connectoraction actionType="{method}" connectionId="connection" connectorType="{REST}"'
        f' operationId="operation" parameter-profile="{request}"><parameters>{parameters}</parameters>'
        "<dynamicProperties/></connectoraction>",
        "end",
    )


TRACKED = (
    '<parametervalue elementToSetId="4" elementToSetName="skip" key="0" valueType="track"><trackparameter'
    ' defaultValue="" propertyId="dynamicdocument.SKIP" propertyName="x"/></parametervalue>'
)


async def test_parameters_of_a_step_make_the_request_in_the_documents_place() -> None:
    """They are elements of the request profile; one without a value is left out."""
    for skip, sent in (("7", {"id": "fixed", "skip": "7"}), ("", {"id": "fixed"})):
        async with running_server() as server:
            made = await ran(
                calling(
                    saying("the document", to="set"),
                    setting(("dynamicdocument.SKIP", skip)),
                    rest_call("POST", literal("3", "fixed") + TRACKED),
                    first="say",
                ),
                connection(server.url),
                action("POST"),
                profile("asked", entry(3, "id"), entry(4, "skip")),
            )
            (seen,) = server.seen
        assert made.status is Status.COMPLETE
        assert json.loads(seen.body) == sent


def test_parameters_that_no_profile_has_are_told() -> None:
    """At deployment, where the platform fails at the first run."""
    others = (connection("http://o.example"), action("POST"), profile("asked", entry(3, "id")))
    told = errors(calling(rest_call("POST", literal("9", "x"))), *others)
    assert any("has no element with the key 9" in one for one in told)
    told = errors(calling(rest_call("POST", literal("3", "x"), "")), *others)
    assert any("no parameter profile has been configured" in one for one in told)


def _redirecting(seen: Seen) -> Answer:
    return Answer(body=seen.method.encode()) if seen.target == "/b" else Answer(302, {"location": "/b"})


@pytest.mark.parametrize(
    ("method", "redirects", "text"),
    [
        ("GET", "NONE", ""),
        ("GET", "STRICT", "GET"),
        ("POST", "STRICT", ""),
        ("GET", "LAX", "GET"),
        ("POST", "LAX", "GET"),
    ],
)
async def test_redirects_are_followed_as_the_operation_says(method: str, redirects: str, text: str) -> None:
    """None, those of requests that only read, or all."""
    async with running_server() as server:
        server.answer = _redirecting
        made = await ran(
            calling(saying("x"), rest_call(method), first="say"),
            connection(server.url),
            action(method, redirects),
            profile("asked", entry(3, "id")),
        )
    assert made.texts == (text,)
