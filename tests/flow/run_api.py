"""Vectors of the Flow Run API: the Flow Client connector sends, and an engine played here answers by the vector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec
import trio

from connectors.flow_client import CONNECTOR
from connectors.flow_client.operations import Execute, ListFlows, Start
from connectors.flow_client.settings import Settings
from runtime.sdk.connector import Reply
from runtime.sdk.contract import a_call
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from tests.connectors.http.server import Answer, Seen, running_server
from tests.flow.matching import Context, header_mismatches, mismatches
from tests.flow.replay import Vector
from tests.patience import PATIENCE

WITHIN = PATIENCE  # for one vector: a retry of a busy state takes one
FLOW = "77b0e2b3-0a55-4e8f-8d58-55b7d4c5a6e2"
CONTEXT = {"directoryName": "D", "directoryId": "1", "loginUrl": "https://idp.example", "authenticationType": "U"}
FILTER = "/api/run/1/flow?filter=developerName%20eq%20'"

Outcome = tuple[Reply, ...] | ApplicationFault | NotSent | OutcomeUnknown


async def replay_client(vector: Vector) -> list[str]:
    """Give every way in which the connector falls short of a vector."""
    engine = _Engine(vector)
    try:
        with trio.fail_after(WITHIN):
            async with running_server() as server:
                server.answer = engine.answer
                outcome = await _launch(vector, server.url)
    except trio.TooSlowError:
        return [f"the connector did not end within {WITHIN:g} s"]
    return [*_requests(vector, engine), *_outcome(vector, outcome)]


class _Engine:
    """Answers the request that the vector is about by its script, and what has to come before by the book."""

    def __init__(self, vector: Vector) -> None:
        self.asked: list[Seen] = []
        self.after: list[Seen] = []
        self._request = vector.request
        self._expect = vector.expect
        self._answers = list(vector.expect.get("engineAnswers", ()))
        body = vector.request.get("body") or {}
        path = str(vector.request["path"])
        self._state = str(body.get("stateId") or (path.rpartition("/")[2] if "/authentication/" in path else uuid4()))
        self._token = str(body.get("stateToken") or uuid4())
        self._element = str(body.get("currentMapElementId") or uuid4())

    def answer(self, seen: Seen) -> Answer:
        """Answer one request."""
        if self._is_it(seen) and self._answers:
            self.asked.append(seen)
            return _made(self._answers.pop(0))
        if self.asked:
            self.after.append(seen)
        return self._by_the_book(seen)

    def _is_it(self, seen: Seen) -> bool:
        wanted = self._request
        if (seen.method, seen.target) != (wanted["method"], wanted["path"]):
            return False
        return "Authorization" not in wanted["headers"] or "authorization" in seen.headers

    def _by_the_book(self, seen: Seen) -> Answer:
        if seen.target == "/api/run/1":
            wants_login = self._logs_in and "authorization" not in seen.headers
            begun = {
                "stateId": self._state,
                "stateToken": self._token,
                "currentMapElementId": self._element,
                "statusCode": "401" if wants_login else "200",
                "authorizationContext": self._expect.get("authorizationContext", CONTEXT),
            }
            return _json(begun)
        if seen.target.startswith("/api/run/1/authentication/"):
            return _json(self._request["headers"].get("Authorization", "token"))
        if seen.target.startswith("/api/run/1/state/"):
            return _json({"stateId": self._state, "stateToken": self._token, "invokeType": "FORWARD"})
        return Answer(status=404, body=b"nothing here")

    @property
    def _logs_in(self) -> bool:
        return "/authentication/" in self._request["path"] or "Authorization" in self._request["headers"]


async def _launch(vector: Vector, url: str) -> Outcome:
    request = vector.request
    body: dict[str, Any] = request.get("body") or {}
    settings = Settings(
        url=url,
        tenant=request["headers"]["ManyWhoTenant"],
        username=body.get("username") or ("ada" if _needs_user(request) else ""),
        password=body.get("password") or ("pw" if _needs_user(request) else ""),
    )
    operation, fields = _ordered(request, body)
    async with CONNECTOR.open(settings) as connection:
        try:
            return await connection.execute(operation, a_call(fields, _document(body.get("inputs"))))
        except (ApplicationFault, NotSent, OutcomeUnknown) as fault:
            return fault


def _ordered(request: dict[str, Any], body: dict[str, Any]) -> tuple[str, object]:
    path = str(request["path"])
    if path.startswith("/api/run/1/flow"):
        return "list", ListFlows(name=path.removeprefix(FILTER).rstrip("'") if path.startswith(FILTER) else "")
    if path == "/api/run/1/state":
        return "start", Start(flow=body.get("id") or body["developerName"], version=body.get("versionId") or "")
    flow = body.get("flowId", {}).get("id", FLOW)
    return "execute", Execute(flow=flow)


def _needs_user(request: dict[str, Any]) -> bool:
    return "/authentication/" in request["path"] or "Authorization" in request["headers"]


def _document(inputs: object) -> bytes:
    """Give the document whose members become the inputs that the vector wants to see."""
    if not isinstance(inputs, dict | list):
        return b""
    named = inputs.get("$byName", {}) if isinstance(inputs, dict) else {each["developerName"]: each for each in inputs}
    return msgspec.json.encode({name: _member(value) for name, value in named.items()})


def _member(value: dict[str, Any]) -> object:
    text = value.get("contentValue")
    match value.get("contentType"):
        case "ContentNumber" if text is not None:
            return msgspec.Raw(str(text).encode())
        case "ContentBoolean" if text is not None:
            return str(text).lower() == "true"
        case _:
            return text


def _requests(vector: Vector, engine: _Engine) -> Iterator[str]:
    if not engine.asked:
        yield f"{vector.request['method']} {vector.request['path']} was never sent"
        return
    for seen in engine.asked:
        yield from _differences(vector.request, seen, "the request")
    wanted = vector.expect.get("requests", len(vector.expect.get("engineAnswers", ())) or 1)
    if len(engine.asked) != wanted:
        yield f"the request was sent {len(engine.asked)} times; wanted {wanted}"
    following = vector.expect.get("next")
    if following is None:
        return
    if not engine.after:
        yield "no further request was sent"
        return
    seen = engine.after[0]
    yield from mismatches([following["method"], following["path"]], [seen.method, seen.target], Context(), "the next")
    yield from _differences(following, seen, "the next request")


def _differences(wanted: dict[str, Any], seen: Seen, where: str) -> Iterator[str]:
    headers = wanted.get("headers", {})
    yield from header_mismatches(headers, seen.headers, Context(), {})
    if "Authorization" not in headers and "authorization" in seen.headers:
        yield f"{where} carries credentials that nobody asked for"
    if wanted.get("body") is not None:
        yield from mismatches(wanted["body"], msgspec.json.decode(seen.body), Context(), where)


def _outcome(vector: Vector, outcome: Outcome) -> Iterator[str]:
    """Compare how the call ended with the engine's last answer."""
    answers = vector.expect.get("engineAnswers", ())
    if not answers:
        return
    last = answers[-1]
    body = last.get("body")
    refused = last["status"] >= 400 or (isinstance(body, dict) and body.get("statusCode") == "401")
    if refused:
        if not isinstance(outcome, ApplicationFault):
            yield f"the engine refused, and the call ended with {outcome!r}"
        elif isinstance(body, str) and body.encode() != outcome.body:
            yield f"the engine's text is not passed on: {outcome.body!r}"
    elif isinstance(outcome, Exception):
        yield f"the call failed: {outcome}"
    elif isinstance(body, dict) and "invokeType" in body:
        yield from mismatches(body, msgspec.json.decode(outcome[0].content), Context(), "the answer")
    elif isinstance(body, list):
        yield from mismatches(body, [msgspec.json.decode(reply.content) for reply in outcome], Context(), "the flows")


def _made(answer: dict[str, Any]) -> Answer:
    if answer.get("closeConnection"):
        return Answer(cut=True)
    body = answer.get("body")
    made = _json(body) if answer["status"] < 400 else Answer(body=str(body or "").encode())
    return Answer(status=answer["status"], headers=made.headers, body=made.body)


def _json(value: object) -> Answer:
    return Answer(headers={"content-type": "application/json"}, body=msgspec.json.encode(value))
