"""A stand-in for a Flow tenant on a loopback address: enough of the Run API for the Flow Client (wire protocol D).

Its flows do one thing: they end at once with what they were given, or call a message action of a service and end with
its outputs.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import msgspec
from msgspec import Struct

from runtime.errors import HostError, NuclideError

HOST = "127.0.0.1"
PORT = 9092  # the daemon's own plus two
LARGEST = 16 * 1024 * 1024  # bytes of a request
MOST_STATES = 10_000  # beyond it the oldest are forgotten
CULTURE = None

Values = list[dict[str, Any]]
Act = Callable[[Values], Values]
"""What a flow does: inputs in, outputs out. It may take its time, and raise a NuclideError."""

_FILTER = re.compile(r"developerName eq '(.*)'")


class Flow(Struct, frozen=True, kw_only=True):
    """A flow of the tenant."""

    id: str
    name: str
    act: Act


class _State(Struct, kw_only=True):
    """One launched flow. `thread` runs it once it was invoked."""

    flow: Flow
    inputs: Values
    token: str
    thread: threading.Thread | None = None
    outputs: Values | None = None
    fault: str | None = None


class Tenant:
    """The tenant's flows and states. `login`: the name and password that its flows want, if they want any."""

    def __init__(
        self, flows: Mapping[str, Act], *, login: tuple[str, str] | None = None, patience: float = 0.5, busy: int = 0
    ) -> None:
        self.flows = {name: Flow(id=str(uuid4()), name=name, act=act) for name, act in flows.items()}
        self._login = login
        self._patience = patience
        self._busy = busy
        self._states: dict[str, _State] = {}
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    def listing(self, wanted: str | None) -> list[dict[str, Any]]:
        """Give the published flows, or the one of that name."""
        return [
            {
                "id": {"id": flow.id, "versionId": flow.id},
                "developerName": flow.name,
                "developerSummary": None,
                "isActive": True,
                "isDefault": True,
            }
            for flow in self.flows.values()
            if wanted in {None, flow.name}
        ]

    def initialize(self, asked: Mapping[str, Any], authorization: str | None) -> dict[str, Any] | None:
        """Begin a state; None for a flow that is not there."""
        identity = (asked.get("flowId") or {}).get("id")
        flow = next((flow for flow in self.flows.values() if flow.id == identity), None)
        if flow is None:
            return None
        known = asked.get("stateId")
        name = known if known in self._states else str(uuid4())
        state = self._states[name] = _State(flow=flow, inputs=asked.get("inputs") or [], token=str(uuid4()))
        while len(self._states) > MOST_STATES:
            self._states.pop(next(iter(self._states)))
        allowed = self._login is None or authorization in self._tokens
        return {
            "culture": CULTURE,
            "stateId": name,
            "stateToken": state.token,
            "currentMapElementId": flow.id,
            "statusCode": "200" if allowed else "401",
            "authorizationContext": {
                "directoryName": "Stand-in",
                "directoryId": None,
                "loginUrl": None if allowed else "http://stand-in/login",
                "authenticationType": None if allowed else "USERNAME_PASSWORD",
            },
        }

    def log_in(self, asked: Mapping[str, Any]) -> str | None:
        """Give the token of a login; None when it is wrong."""
        if self._login is not None and (asked.get("username"), asked.get("password")) != self._login:
            return None
        token = f"Token%3D{uuid4()}"
        self._tokens.add(token)
        return token

    def invoke(self, name: str) -> dict[str, Any] | None:
        """Let a state go on; None when it is not there."""
        state = self._states.get(name)
        if state is None:
            return None
        with self._lock:
            if self._busy > 0:
                self._busy -= 1
                return self._standing(name, state, "BUSY")
            if state.thread is None:
                state.thread = threading.Thread(target=_act, args=(state,), name=f"flow {state.flow.name}", daemon=True)
                state.thread.start()
        state.thread.join(self._patience)
        return self.standing(name)

    def standing(self, name: str) -> dict[str, Any] | None:
        """Give how a state stands; None when it is not there."""
        state = self._states.get(name)
        if state is None:
            return None
        running = state.thread is not None and state.thread.is_alive()
        return self._standing(name, state, "WAIT" if running else "DONE")

    def changed(self, name: str) -> bool:
        """Tell whether a state waits no more."""
        standing = self.standing(name)
        return standing is not None and standing["invokeType"] != "WAIT"

    def _standing(self, name: str, state: _State, kind: str) -> dict[str, Any]:
        done = kind == "DONE"
        faults = {"Fault": state.fault} if done and state.fault else {}
        return {
            "stateId": name,
            "stateToken": state.token,
            "currentMapElementId": state.flow.id,
            "invokeType": "FORWARD" if faults else kind,
            "mapElementInvokeResponses": [{"mapElementId": state.flow.id, "rootFaults": faults}] if faults else [],
            "statusCode": "200",
            "waitMessage": None,
            "outputs": state.outputs if done and not faults else None,
            "runFlowUri": None,
            "joinFlowUri": None,
        }


def _act(state: _State) -> None:
    try:
        state.outputs = state.flow.act(state.inputs)
    except NuclideError as error:
        state.fault = str(error)


@contextmanager
def serving(tenant: Tenant, port: int = 0) -> Iterator[str]:
    """Serve the tenant's Run API in threads while the block runs; give its address.

    Raises:
        HostError: the port is taken.
    """
    try:
        server = _Server((HOST, port), tenant)
    except OSError as error:
        raise HostError("host.port-in-use", f"cannot listen on port {port} of {HOST}: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="stand-in tenant")
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], tenant: Tenant) -> None:
        super().__init__(address, _Handler)
        self.tenant = tenant


class _Handler(BaseHTTPRequestHandler):
    timeout = 30.0  # seconds for a part of a request to arrive

    def do_GET(self) -> None:
        """Answer what is asked about flows and states."""
        tenant, parts = self._tenant, urlsplit(self.path)
        match parts.path.strip("/").split("/"):
            case ["api", "run", "1", "flow"]:
                wanted = _FILTER.fullmatch(parse_qs(parts.query).get("filter", [""])[0])
                self._answer(tenant.listing(None if wanted is None else wanted[1].replace("''", "'")))
            case ["api", "draw", "1", "flow", "active"]:
                self._answer(tenant.listing(None))
            case ["api", "draw", "1", "flow", "active", "name", name]:
                self._answer(next(iter(tenant.listing(unquote(name))), None))
            case ["api", "run", "1", "state", state, "ping", _]:
                self._answer(tenant.changed(state))
            case ["api", "run", "1", "state", state]:
                self._answer(tenant.standing(state))
            case _:
                self._answer(None)

    def do_POST(self) -> None:
        """Carry out what is ordered."""
        tenant, asked = self._tenant, self._body()
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["api", "run", "1"]:
                self._answer(tenant.initialize(asked, self.headers.get("Authorization")))
            case ["api", "run", "1", "authentication", _]:
                token = tenant.log_in(asked)
                self._answer(token, status=HTTPStatus.UNAUTHORIZED if token is None else HTTPStatus.OK)
            case ["api", "run", "1", "state", state]:
                self._answer(tenant.invoke(state))
            case _:
                self._answer(None)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the parent's
        """Say nothing."""

    @property
    def _tenant(self) -> Tenant:
        return cast("_Server", self.server).tenant

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "0")
        content = self.rfile.read(min(int(length), LARGEST)) if length.isdecimal() else b""
        try:
            asked = msgspec.json.decode(content)
        except msgspec.MsgspecError:
            return {}
        return asked if isinstance(asked, dict) else {}

    def _answer(self, value: object, *, status: HTTPStatus = HTTPStatus.OK) -> None:
        if value is None and status is HTTPStatus.OK:
            status = HTTPStatus.NOT_FOUND
        body = msgspec.json.encode(value)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
