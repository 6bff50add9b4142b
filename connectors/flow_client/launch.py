"""How a flow is launched, without I/O: generators that ask for requests and pauses, and give the standing at the end.

resolve → initialize → (login → initialize again) → invoke FORWARD → (wait: ping and join)
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from typing import Any, cast
from urllib.parse import quote

import msgspec
from msgspec import Struct

from connectors.flow_client.wire import Begun, Flow, FlowId, Standing, read
from runtime.sdk.faults import ApplicationFault, NotSent

BUSY_TRIES = 20  # the engine holds the state of a flow for one request at a time: within ten seconds or never
BUSY_PAUSE = 0.5  # seconds, doubled by the jitter at the most: wire protocol C.2 says half a second to one
ERRORS_FROM = 400
FLOW_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Ask(Struct, frozen=True, kw_only=True):
    """A request. `runs`: the flow may go on by it, so that an unknown outcome is a doubt."""

    method: str
    target: str
    body: Mapping[str, Any] | None = None
    authorization: str | None = None
    runs: bool = False


class Pause(Struct, frozen=True):
    """A pause of so many seconds; with `jitter` up to twice as long."""

    seconds: float
    jitter: bool = False


class Told(Struct, frozen=True):
    """What the engine answered."""

    status: int
    body: bytes


class User(Struct, frozen=True):
    """A flow user."""

    name: str
    password: str

    def __repr__(self) -> str:
        """Show no password."""
        return f"User({self.name!r})"


class Order(Struct, frozen=True, kw_only=True):
    """What is to be launched. `players` is the address of the tenant's players, `inputs` as the wire has them."""

    flow: str
    version: str
    players: str
    player: str
    inputs: list[dict[str, Any]] | None
    user: User | None
    newer_listing: bool = False
    wait: bool = False
    poll: float = 2.0


class Launched(Struct, frozen=True):
    """How the flow stands, and the engine's own words for it."""

    standing: Standing
    body: bytes


_FLOWS = cast("type[list[Flow] | Flow]", list[Flow] | Flow)  # the newer listing by name gives one

Steps = Generator[Ask | Pause, Told | None, Launched]


def launch(order: Order) -> Steps:
    """Launch a flow.

    Raises:
        NotSent: ``flow-client.unknown-flow``: no published flow has the name.
        ApplicationFault: the engine refuses; its status and body are as it gave them.
    """
    flow = yield from _resolve(order.flow, order.version, newer=order.newer_listing)
    begun, authorization = yield from _begin(flow, order)
    launched = yield from _invoke(begun, authorization)
    if order.wait:
        launched = yield from _until_done(launched, begun.state_id, authorization, order.poll)
    return launched


def start(order: Order) -> Steps:
    """Launch a flow with one request.

    Raises:
        ApplicationFault: the engine refuses.
    """
    by_id = FLOW_ID.fullmatch(order.flow) is not None
    body = {
        "id": order.flow if by_id else None,
        "versionId": order.version or None,
        "developerName": None if by_id else order.flow,
        "inputs": order.inputs,
        "username": None if order.user is None else order.user.name,
        "password": None if order.user is None else order.user.password,
    }
    told = yield from _asked(Ask(method="POST", target="/api/run/1/state", body=body, runs=True))
    return _launched(told)


def listing(name: str, *, newer: bool) -> Generator[Ask | Pause, Told | None, bytes]:
    """List published flows, by name or all; give the engine's answer.

    Raises:
        ApplicationFault: the engine refuses.
    """
    told = yield from _asked(Ask(method="GET", target=_listing(name, newer=newer)))
    return told.body


def _listing(name: str, *, newer: bool) -> str:
    if newer:
        return f"/api/draw/1/flow/active/name/{quote(name, safe='')}" if name else "/api/draw/1/flow/active"
    if not name:
        return "/api/run/1/flow"
    text = name.replace("'", "''")
    return "/api/run/1/flow?filter=" + quote(f"developerName eq '{text}'", safe="'")


def _resolve(flow: str, version: str, *, newer: bool) -> Generator[Ask | Pause, Told | None, FlowId]:
    """Find a flow that is given by its name; an engine chooses the version of one that is given by its id."""
    if FLOW_ID.fullmatch(flow):
        return FlowId(flow, version or None)
    body = yield from listing(flow, newer=newer)
    found = read(body, _FLOWS, "the list of flows")
    flows = found if isinstance(found, list) else [found]
    named = next((each for each in flows if each.developer_name in {flow, None}), None)
    if named is None:
        raise NotSent("flow-client.unknown-flow", f"no published flow is called '{flow}'")
    return FlowId(named.id.id, version or named.id.version_id)


def _begin(flow: FlowId, order: Order) -> Generator[Ask | Pause, Told | None, tuple[Begun, str | None]]:
    begun = yield from _initialize(flow, order, None, None)
    if begun.status_code != "401":
        return begun, None
    if order.user is None:
        raise _login_needed("the flow asks for a login, and the connection has no user")
    authorization = yield from _log_in(begun, order.user)
    begun = yield from _initialize(flow, order, begun.state_id, authorization)
    if begun.status_code == "401":
        raise _login_needed("the flow does not accept its user, although the login did")
    return begun, authorization


def _initialize(
    flow: FlowId, order: Order, state: str | None, authorization: str | None
) -> Generator[Ask | Pause, Told | None, Begun]:
    player = f"{order.players}/{quote(order.player or 'default', safe='')}"
    body = {
        "flowId": {"id": flow.id, "versionId": flow.version_id},
        "stateId": state,
        "parentStateId": None,
        "externalIdentifier": None,
        "annotations": None,
        "inputs": order.inputs,
        "playerUrl": player,
        "joinPlayerUrl": player,
        "mode": "",
        "reportingMode": "",
        "environmentId": None,
    }
    told = yield from _asked(Ask(method="POST", target="/api/run/1", body=body, authorization=authorization))
    return read(told.body, Begun, "the answer to the initialization")


def _log_in(begun: Begun, user: User) -> Generator[Ask | Pause, Told | None, str]:
    context = begun.authorization_context
    body = {
        "loginUrl": None if context is None else context.login_url,
        "username": user.name,
        "password": user.password,
        "authenticationType": "USERNAME_PASSWORD",
    }
    target = f"/api/run/1/authentication/{quote(begun.state_id, safe='')}"
    told = yield from _asked(Ask(method="POST", target=target, body=body))
    return _token(told.body)


def _invoke(begun: Begun, authorization: str | None) -> Steps:
    body = {
        "invokeType": "FORWARD",
        "stateId": begun.state_id,
        "stateToken": begun.state_token,
        "currentMapElementId": begun.current_map_element_id,
        "annotations": None,
        "geoLocation": None,
        "mapElementInvokeRequest": {
            "selectedOutcomeId": None,
            "pageRequest": {"pageComponentInputResponses": None},
        },
        "mode": "",
        "selectedMapElementId": None,
        "navigationElementId": None,
        "selectedNavigationItemId": None,
        "selectedStateEntryId": None,
    }
    target = f"/api/run/1/state/{quote(begun.state_id, safe='')}"
    ask = Ask(method="POST", target=target, body=body, authorization=authorization, runs=True)
    for _ in range(BUSY_TRIES):
        launched = _launched((yield from _asked(ask)))
        if launched.standing.invoke_type != "BUSY":
            return launched
        yield Pause(BUSY_PAUSE, jitter=True)
    raise ApplicationFault("the engine was busy with the flow all the time", status="BUSY", code="flow-client.busy")


def _until_done(launched: Launched, state: str, authorization: str | None, poll: float) -> Steps:
    """Ask how the flow stands until it waits for nothing any more; a person who has to act is not waited for."""
    at = f"/api/run/1/state/{quote(state, safe='')}"
    while launched.standing.invoke_type in {"WAIT", "BUSY"}:
        yield Pause(poll)
        token = quote(launched.standing.state_token or "", safe="")
        changed = yield from _asked(Ask(method="GET", target=f"{at}/ping/{token}", authorization=authorization))
        if changed.body.strip().lower() == b"true":
            joined = yield from _asked(Ask(method="GET", target=at, authorization=authorization))
            launched = _launched(joined)
    return launched


def _asked(ask: Ask) -> Generator[Ask | Pause, Told | None, Told]:
    told = yield ask
    if told is None:
        raise TypeError("a request wants an answer")
    if told.status >= ERRORS_FROM:
        text = told.body[:1_000].decode("utf-8", "replace").strip()
        raise ApplicationFault(f"[{told.status}] {text}".rstrip(), status=str(told.status), body=told.body)
    return told


def _launched(told: Told) -> Launched:
    standing = read(told.body, Standing, "the answer to the invocation")
    if standing.invoke_type in {"STATUS", "NOT_ALLOWED"}:
        message = standing.not_authorized_message or "the running user may not run this flow"
        raise ApplicationFault(message, status=standing.invoke_type, body=told.body, code="flow-client.not-allowed")
    return Launched(standing, told.body)


def _login_needed(message: str) -> ApplicationFault:
    return ApplicationFault(message, status="401", code="flow-client.login")


def _token(body: bytes) -> str:
    """Give the token of a login, which is sent on as it is; it comes as a JSON string, or bare."""
    try:
        text = msgspec.json.decode(body, type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = body.decode("utf-8", "replace").strip()
    if not text or not text.isascii() or any(character in text for character in "\r\n"):
        raise ApplicationFault("the login gave no token", status="200", code="flow-client.login")
    return text
