"""The two others of a run: a Flow that is moody, and a backend that counts what it was made to do."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Literal

import h11
import msgspec
import trio

from tests.e2e.flow import Flow
from tests.flow.peers import read_message
from tests.ports import free_port

FlowMood = Literal["well", "away", "busy", "failing", "silent", "cutting"]
BackendMood = Literal["well", "slow", "cutting", "refusing"]
SILENCE = 3.0  # seconds without an answer: longer than the daemon waits for one
SLOWNESS = 0.7  # seconds

_ANSWERS: dict[str, dict[str, Any]] = {
    "well": {"body": '"SUCCESS"'},
    "busy": {"body": '"BUSY"'},
    "failing": {"status": 500, "body": "out of order"},
    "cutting": {"closeConnection": True},
}


class MoodyFlow(Flow):
    """Takes callbacks by its mood. A token that it has accepted a result for is completed, as the engine has it."""

    def __init__(self) -> None:
        super().__init__()
        self.mood: FlowMood = "well"
        self.accepted: dict[str, Any] = {}  # the finishing body that a token was completed with
        self.contents: dict[str, set[str]] = {}  # all that was ever said to finish a token

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Listen; away, each connection is ended before a byte of it is read."""
        async with trio.open_nursery() as nursery:
            await nursery.start(partial(trio.serve_tcp, self._serve, self.port, host="127.0.0.1"), name="flow")
            yield
            nursery.cancel_scope.cancel()

    async def _serve(self, stream: trio.SocketStream) -> None:
        if self.mood == "away":
            await trio.aclose_forcefully(stream)
            return
        if self.mood == "silent":
            async with stream:
                await trio.sleep(SILENCE)
            return
        with suppress(trio.BrokenResourceError, h11.LocalProtocolError):
            await self.serve(stream)

    def _take(self, head: h11.Request, body: bytes) -> dict[str, Any]:
        super()._take(head, body)
        said = msgspec.json.decode(body)
        token = said["token"]
        if said["invokeType"] != "WAIT":
            self.contents.setdefault(token, set()).add(_telling(said))
        if token in self.accepted:
            return {"body": '"TOKEN_COMPLETED"'}
        answer = _ANSWERS.get(self.mood, _ANSWERS["well"])  # a mood that came when the callback was read already
        if answer in (_ANSWERS["well"], _ANSWERS["cutting"]) and said["invokeType"] != "WAIT":
            self.accepted[token] = said
        return answer


def _telling(said: dict[str, Any]) -> str:
    """Give what tells two finishing results apart."""
    return msgspec.json.encode([said["outputs"], said["rootFaults"]]).decode()


class Backend:
    """Counts its effects by path and by key: ``/keyed/…`` honours keys, ``/once/…`` does what it is told each time."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mood: BackendMood = "well"
        self.keys: dict[str, set[str]] = {}  # of /keyed, by path
        self.done: dict[str, int] = {}  # of /once, by path

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Serve while the block runs."""
        async with trio.open_nursery() as nursery:
            await nursery.start(partial(trio.serve_tcp, self._serve, self.port, host="127.0.0.1"), name="backend")
            yield
            nursery.cancel_scope.cancel()

    async def _serve(self, stream: trio.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER)
        async with stream:
            with suppress(h11.ProtocolError, trio.BrokenResourceError):
                while True:
                    head, _ = await read_message(connection, stream)
                    assert isinstance(head, h11.Request)
                    status = await self._do(head)
                    if status is None:
                        return
                    await stream.send_all(_rendered(connection, status))
                    connection.start_next_cycle()

    async def _do(self, head: h11.Request) -> int | None:
        """Have the effect of a request, unless it is refused; None cuts the connection without an answer."""
        mood, path = self.mood, head.target.decode()
        if mood == "refusing":
            return 503
        if path.startswith("/once/"):
            self.done[path] = self.done.get(path, 0) + 1
        else:
            self.keys.setdefault(path, set()).add(dict(head.headers)[b"idempotency-key"].decode())
        if mood == "slow":
            await trio.sleep(SLOWNESS)
        return None if mood == "cutting" else 200

    def has_done(self, path: str) -> bool:
        """Whether it was made to do this."""
        return self.done.get(path, 0) > 0

    def doubled(self, is_accepted: Callable[[str], bool]) -> list[str]:
        """Give the effects beyond the first, of executions for which `is_accepted` holds."""
        once = [f"{path} {count} times" for path, count in self.done.items() if count > 1 and is_accepted(_of(path))]
        keyed = [
            f"{path} {len(keys)} keys" for path, keys in self.keys.items() if len(keys) > 1 and is_accepted(_of(path))
        ]
        return [*once, *keyed]


def _of(path: str) -> str:
    found = re.match(r"/\w+/([^/]+)/", path)
    assert found is not None, path
    return found[1]


def _rendered(connection: h11.Connection, status: int) -> bytes:
    body = b'{"ok": true}'
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    events = (h11.Response(status_code=status, headers=headers), h11.Data(body), h11.EndOfMessage())
    return b"".join(sent for event in events if (sent := connection.send(event)))
