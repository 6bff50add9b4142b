"""What the tests of the outbox share."""

from __future__ import annotations

import msgspec
import trio

from runtime.flow.callbacks import CallbackRequest
from runtime.model.journal import Accept, CallbackRow, CallbackState, ExecutionRow, NewCallback, Operation, Status
from runtime.settings import Callbacks

SETTINGS = Callbacks(allow=("*.example", "127.0.0.1:*"), per_host=2, at_once=4)


class TrioClock:
    """A wall clock that goes with trio's."""

    def now(self) -> float:
        """Give trio's time."""
        return trio.current_time()


def request(host: str = "flow.example", body: bytes = b"{}", scheme: str = "https") -> CallbackRequest:
    """Give a callback to a host."""
    url = f"{scheme}://{host}/api/run/1/response"
    return CallbackRequest(url=url, headers=(("Authorization", "secret"),), body=body)


def row(**fields: object) -> CallbackRow:
    """Give a due callback: created at 0, due at once, expired at 1000."""
    given: dict[str, object] = {"host": "flow.example", "attempts": 0, "expires_at": 1000.0} | fields
    packed = msgspec.msgpack.encode(request(str(given["host"])))
    plain: dict[str, object] = {
        "id": 7,
        "execution": "ex-1",
        "number": 1,
        "state": CallbackState.DUE,
        "request": packed,
    }
    return CallbackRow(**{"created_at": 0.0, "due": 0.0} | plain | given)  # type: ignore[arg-type]


def accept(
    identity: str, *bodies: bytes, host: str = "flow.example", scheme: str = "https", expires_at: float = 1e12
) -> list[Operation]:
    """Give the operations that accept a released execution with callbacks."""
    execution = ExecutionRow(
        id=identity,
        bundle="contacts",
        version="1.0",
        digest="d1",
        process="create",
        mode="general",
        status=Status.RUNNING,
        started_at=0.0,
        owner="here",
        lease_until=1e12,
        released=True,
    )
    callbacks = [
        NewCallback(
            execution=identity,
            epoch=0,
            host=host,
            request=msgspec.msgpack.encode(request(host, body, scheme)),
            created_at=0.0,
            due=0.0,
            expires_at=expires_at,
        )
        for body in bodies
    ]
    return [Accept(execution, b""), *callbacks]
