from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from runtime.flow.codec import compile_action
from runtime.flow.requests import parse_action
from runtime.flow.who import PUBLIC_USER_ID, parse_authorization
from runtime.model.flow_service import FlowService, MessageAction
from runtime.testkit.player.description import fetch
from runtime.testkit.player.failures import Misused, NoAnswer, Refused
from runtime.testkit.player.play import Call, faults, make, service_url
from runtime.testkit.player.user import authorization
from runtime.testkit.player.wire import ActionResponse
from tests.testkit.player.service import serving

ACTION = {
    "developerName": "Greet",
    "uriPart": "actions/Greet",
    "serviceInputs": [{"developerName": "Name", "contentType": "ContentString"}],
    "serviceOutputs": None,
}
DESCRIPTION: dict[str, Any] = {"providesLogic": True, "actions": [ACTION], "install": {"typeElements": []}}


def described(body: Any) -> Callable[[Any], tuple[int, Any]]:  # noqa: ANN401 - any JSON
    """Answer always with this."""
    return lambda _: (200, body)


def call(url: str, **given: Any) -> Call:  # noqa: ANN401 - any field
    """Give a call of Greet."""
    values = {"token": "t1", "callback": "http://127.0.0.1:9091/api", "inputs": [], "configuration": [], **given}
    return Call(url=url, uri_part="actions/Greet", **values)


def test_a_call_has_every_member_that_an_engine_sends() -> None:
    """Law: the request has the members of a captured one, its header the encoded user without a scheme word."""

    def answer(body: Any) -> tuple[int, Any]:  # noqa: ANN401 - any JSON
        return 200, {"token": body["token"], "invokeType": "FORWARD"}

    with serving({"actions/Greet": answer}) as service:
        assert not make(call(service.url, user="ada+test@example.com")).waits
        ((_, headers, body),) = service.requests
    assert set(body) >= {
        "token",
        "tenantId",
        "stateId",
        "callbackUri",
        "joinPlayerUri",
        "playerUri",
        "uri",
        "culture",
        "executionMode",
        "configurationValues",
        "inputs",
        "outcomes",
        "authorization",
        "annotations",
        "attributes",
    }
    assert body["uri"] == f"{service.url}/actions/Greet"
    who = parse_authorization(headers["Authorization"]).who
    assert (who.email, who.user_id, who.tenant_id) == ("ada+test@example.com", "ada+test@example.com", body["tenantId"])


def test_without_a_user_nobody_has_signed_in() -> None:
    """Law: the header of a call without a user is the public user's."""
    assert parse_authorization(authorization(None)).who.user_id == PUBLIC_USER_ID


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, {"kind": "service", "message": "Disk full"}, "Disk full (status 500)"),
        (502, b"<html>", "answered 502 without a problem document"),
        (200, {"token": "another", "invokeType": "FORWARD"}, "for another token"),
        (200, b"<html>", "cannot be read"),
        (200, {"token": "t1"}, "cannot be read"),
    ],
)
def test_what_an_engine_would_not_take_is_refused(status: int, body: object, reason: str) -> None:
    """Law: a problem is told by its message; an answer that no engine understands is told as such."""
    with serving({"actions/Greet": lambda _: (status, body)}) as service, pytest.raises(Refused) as caught:
        make(call(service.url))
    assert reason in str(caught.value)


def test_nobody_there_is_not_a_refusal() -> None:
    """Law: an address where nobody listens, and one that is none, are told apart."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NoAnswer, match="nobody answers at"):
        make(call(f"http://127.0.0.1:{port}/fs/trial"))
    for url in ("ftp://x/fs", "http://[bad/fs", "http:///fs", "http://x:port/fs"):
        with pytest.raises(Misused, match="is not an address"):
            make(call(url))


def test_faults_are_read_out_of_their_problems() -> None:
    """Law: a fault is told by the message of the problem inside it, or by its own text."""
    response = ActionResponse(
        token="t", invoke_type="FORWARD", root_faults={"ProcessFault": '{"message":"Disk full"}', "Other": "plain"}
    )
    assert faults(response) == ["ProcessFault: Disk full", "Other: plain"]


def test_a_service_is_named_by_address_or_name() -> None:
    """Law: a name alone is a service of the local daemon, percent-encoded; an address is itself."""
    assert service_url("My Service") == "http://127.0.0.1:9090/fs/My%20Service"
    assert service_url("greeting", "http://box:1/") == "http://box:1/fs/greeting"
    assert service_url("https://atom.example.com/fs/Orders/") == "https://atom.example.com/fs/Orders"


def test_an_action_is_found_by_its_name_in_any_case_or_its_path() -> None:
    """Law: the exact name wins; a wrong one is met with the nearest."""
    two = {**ACTION, "developerName": "greet", "uriPart": "actions/small"}
    with serving({"metadata": described({**DESCRIPTION, "actions": [ACTION, two]})}) as service:
        description, _ = fetch(service.url, [])
    assert description.action("greet").uri_part == "actions/small"
    assert description.action("GREET").uri_part == "actions/Greet"
    assert description.action("small").uri_part == "actions/small"
    with pytest.raises(Misused, match="no action 'Gret'") as caught:
        description.action("Gret")
    assert caught.value.hint == "did you mean 'greet'?"


def test_a_description_comes_with_what_an_engine_would_say() -> None:
    """Law: defects that can be read around are findings; an answer that is no description is refused."""
    twice = {**DESCRIPTION, "actions": [ACTION, ACTION]}
    with serving({"metadata": described(twice)}) as service:
        _, findings = fetch(service.url, [])
    assert "refuses" in {finding.severity for finding in findings}
    for body in (b"[]", {"install": None, "actions": [{"developerName": "x"}]}):
        with serving({"metadata": described(body)}) as service, pytest.raises(Refused, match="an engine would refuse"):
            fetch(service.url, [])
    missing = {"metadata": lambda _: (404, {"message": "There is no Flow service 'x' here."})}
    with serving(missing) as service, pytest.raises(Refused, match="There is no Flow service 'x' here"):
        fetch(service.url, [])


def test_the_parser_of_requests_takes_the_players() -> None:
    """Law: what the player sends is a call that may be answered by WAIT."""
    action = MessageAction(name="Greet", path="Greet", process="Greet")
    codec = compile_action(FlowService(external_name="trial", actions=(action,)), action)
    bodies: list[Any] = []

    def answer(body: Any) -> tuple[int, Any]:  # noqa: ANN401 - any JSON
        bodies.append(body)
        return 200, {"token": body["token"], "invokeType": "WAIT"}

    with serving({"actions/Greet": answer}) as service:
        assert make(call(service.url)).waits
    parsed = parse_action(msgspec.json.encode(bodies[0]), codec, parse_authorization(authorization(None)))
    assert parsed.may_wait
