"""The laws of launching a flow, without I/O: what is asked for, in which order, and what an answer means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from connectors.flow_client.launch import Ask, Launched, Order, Pause, Steps, Told, User, launch
from runtime.sdk.faults import ApplicationFault, NotSent

FLOW = "77b0e2b3-0a55-4e8f-8d58-55b7d4c5a6e2"
ORDER = Order(flow=FLOW, version="", players="https://flow/T/play", player="", inputs=None, user=None)
BEGUN = {"stateId": "S", "stateToken": "T1", "currentMapElementId": "E", "statusCode": "200"}
WANTS_LOGIN = {**BEGUN, "statusCode": "401", "authorizationContext": {"loginUrl": "https://idp"}}


def told(body: object, status: int = 200) -> Told:
    """Give an answer of the engine."""
    return Told(status, msgspec.json.encode(body))


def standing(kind: str, latest: str = "T2") -> Told:
    """Give how a flow stands."""
    return told({"stateId": "S", "stateToken": latest, "invokeType": kind})


def drive(steps: Steps, answers: Sequence[Told]) -> tuple[list[Ask], list[Pause], Launched]:
    """Carry out steps against a list of answers."""
    asked: list[Ask] = []
    pauses: list[Pause] = []
    rest, answer = iter(answers), None
    try:
        while True:
            step = steps.send(answer)
            if isinstance(step, Pause):
                pauses.append(step)
                answer = None
            else:
                asked.append(step)
                answer = next(rest)
    except StopIteration as ended:
        return asked, pauses, ended.value


def body(ask: Ask) -> dict[str, Any]:
    """Give what a request says."""
    return dict(ask.body or {})


def test_a_public_flow_takes_two_requests() -> None:
    """It is initialized and invoked, without credentials, and only the invocation lets it run."""
    asked, pauses, launched = drive(launch(ORDER), [told(BEGUN), standing("FORWARD")])
    assert [(ask.method, ask.target, ask.authorization, ask.runs) for ask in asked] == [
        ("POST", "/api/run/1", None, False),
        ("POST", "/api/run/1/state/S", None, True),
    ]
    assert body(asked[1])["stateToken"] == "T1"
    assert (pauses, launched.standing.invoke_type) == ([], "FORWARD")


def test_a_login_is_danced_once() -> None:
    """The token of the login is used as it is, for the second initialization in the same state and for what follows."""
    order = replace(ORDER, user=User("ada", "pw"), inputs=[{"developerName": "N"}])
    asked, _, _ = drive(launch(order), [told(WANTS_LOGIN), told("A%3DB"), told(BEGUN), standing("DONE")])
    assert body(asked[1]) == {
        "loginUrl": "https://idp",
        "username": "ada",
        "password": "pw",
        "authenticationType": "USERNAME_PASSWORD",
    }
    assert [ask.authorization for ask in asked] == [None, None, "A%3DB", "A%3DB"]
    assert (body(asked[2])["stateId"], body(asked[2])["inputs"]) == ("S", [{"developerName": "N"}])


@pytest.mark.parametrize("user", [None, User("ada", "pw")])
def test_a_login_that_cannot_be_is_told(user: User | None) -> None:
    """Without a user, or with one that the flow does not take, the call fails as unauthorized, and never loops."""
    with pytest.raises(ApplicationFault) as caught:
        drive(launch(replace(ORDER, user=user)), [told(WANTS_LOGIN), told("token"), told(WANTS_LOGIN)])
    assert caught.value.status == "401"


def test_a_busy_state_is_asked_again_with_the_same_words() -> None:
    """BUSY is answered by a pause and the same request, until it is a fault."""
    asked, pauses, _ = drive(launch(ORDER), [told(BEGUN), standing("BUSY"), standing("BUSY"), standing("WAIT")])
    assert asked[1] == asked[2] == asked[3]
    assert len(pauses) == 2
    assert all(0.5 <= pause.seconds <= 1 for pause in pauses)
    with pytest.raises(ApplicationFault) as caught:
        drive(launch(ORDER), [told(BEGUN), *[standing("BUSY")] * 50])
    assert caught.value.status == "BUSY"


def test_waiting_follows_the_newest_token() -> None:
    """The state is pinged with its last token, and joined when it has changed, until it waits no more."""
    order = replace(ORDER, wait=True)
    no, yes = told(body=False), told(body=True)
    answers = [told(BEGUN), standing("WAIT", "T2"), no, yes, standing("WAIT", "T3"), yes]
    asked, _, launched = drive(launch(order), [*answers, standing("DONE", "T4")])
    assert [ask.target for ask in asked[2:]] == [
        "/api/run/1/state/S/ping/T2",
        "/api/run/1/state/S/ping/T2",
        "/api/run/1/state/S",
        "/api/run/1/state/S/ping/T3",
        "/api/run/1/state/S",
    ]
    assert launched.standing.invoke_type == "DONE"


@pytest.mark.parametrize("kind", ["FORWARD", "DONE"])
def test_a_person_is_not_waited_for(kind: str) -> None:
    """A flow that stands at a page, or is done, is waited for no longer."""
    asked, _, launched = drive(launch(replace(ORDER, wait=True)), [told(BEGUN), standing(kind)])
    assert (len(asked), launched.standing.invoke_type) == (2, kind)


def test_a_flow_is_found_by_its_name() -> None:
    """A name is looked up among the published flows; a quote in it ends no filter; none of that name is certain."""
    flows = [{"id": {"id": FLOW, "versionId": "V"}, "developerName": "Ada's"}]
    asked, _, _ = drive(launch(replace(ORDER, flow="Ada's")), [told(flows), told(BEGUN), standing("DONE")])
    assert asked[0].target == "/api/run/1/flow?filter=developerName%20eq%20'Ada''s'"
    assert body(asked[1])["flowId"] == {"id": FLOW, "versionId": "V"}
    with pytest.raises(NotSent):
        drive(launch(replace(ORDER, flow="Other")), [told([])])


@pytest.mark.parametrize("kind", ["STATUS", "NOT_ALLOWED"])
def test_a_user_who_may_not_is_told(kind: str) -> None:
    """An answer that says so is a fault, not a launch."""
    with pytest.raises(ApplicationFault):
        drive(launch(ORDER), [told(BEGUN), standing(kind)])


@pytest.mark.parametrize("answer", [Told(200, b"<html>"), Told(502, b"bad gateway"), told([1])])
def test_what_is_no_engine_is_told(answer: Told) -> None:
    """A proxy's page, an error or another form is the target's fault, with its own body."""
    with pytest.raises(ApplicationFault) as caught:
        drive(launch(ORDER), [answer])
    assert caught.value.body == answer.body
