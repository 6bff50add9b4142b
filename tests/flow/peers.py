"""The two peers of the service on the wire: a caller, and an engine that takes callbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import h11
import msgspec
import trio
from msgspec import Struct

from tests.flow.replay import Message
from tests.patience import PATIENCE

LONGEST_READ = 64 * 1024  # bytes of one read
ANSWER_WITHIN = PATIENCE  # beyond any Sync Timeout of the fixture, so that a silent service is a failure


class Reply(Struct, frozen=True, kw_only=True):
    """An answer as it came; `seconds` from the first byte sent to the last received, `at` on trio's clock."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    at: float

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON; None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except ValueError:
            return None


class Callback(Struct, frozen=True, kw_only=True):
    """A callback as it arrived, at a time of trio's clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float


class NoAnswerError(Exception):
    """Raised when a request brought no answer: nobody listens, the connection broke, or time ran out."""


async def call(port: int, base: str, request: Message) -> Reply:
    """Send a request to ``http://127.0.0.1:<port><base><path>`` on a connection of its own.

    Raises:
        NoAnswerError: nothing that is HTTP came back within `ANSWER_WITHIN`.
    """
    started = trio.current_time()
    try:
        with trio.fail_after(ANSWER_WITHIN):
            answer, body = await _exchange(port, base, request)
    except (OSError, h11.RemoteProtocolError, trio.BrokenResourceError, trio.TooSlowError) as error:
        raise NoAnswerError(f"no answer: {error!r}") from error
    now = trio.current_time()
    assert isinstance(answer, h11.Response)
    return Reply(status=answer.status_code, headers=_headers(answer), body=body, seconds=now - started, at=now)


async def _exchange(port: int, base: str, request: Message) -> tuple[h11.Event, bytes]:
    connection = h11.Connection(h11.CLIENT)
    headers = {**request.headers, "Host": f"127.0.0.1:{port}", "Content-Length": str(len(request.body))}
    head = h11.Request(method=request.method, target=base + request.path, headers=list(headers.items()))
    sent = [connection.send(event) for event in (head, h11.Data(request.body), h11.EndOfMessage())]
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        outcome: tuple[h11.Event, bytes] | Exception
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_send, stream, b"".join(data for data in sent if data))
            try:
                outcome = await read_message(connection, stream)
            except (h11.RemoteProtocolError, trio.BrokenResourceError) as error:
                outcome = error
            nursery.cancel_scope.cancel()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def _send(stream: trio.SocketStream, data: bytes) -> None:
    """Send while the answer is read: a service that refuses a large request answers before it has all come."""
    with suppress(trio.BrokenResourceError):
        await stream.send_all(data)


class Engine:
    """Plays the engine: answers the callbacks of each token by a script, and keeps what arrived."""

    def __init__(self) -> None:
        self.port = 0
        self._scripts: dict[str, tuple[list[dict[str, Any]], bool]] = {}
        self._arrived: dict[str, list[Callback]] = {}
        self._arrival = trio.Event()  # a new one for each callback

    def prepare(self, token: str, answers: Sequence[dict[str, Any]], *, repeat_last: bool = False) -> None:
        """Set the answers to the callbacks of a token, in order; beyond them it answers ``SUCCESS``."""
        self._scripts[token] = (list(answers), repeat_last)

    def arrived(self, token: str) -> list[Callback]:
        """Give the callbacks of a token so far."""
        return list(self._arrived.get(token, ()))

    async def wait_arrived(self, token: str, count: int) -> None:
        """Wait until so many callbacks of a token have come."""
        while len(self.arrived(token)) < count:
            await self._arrival.wait()

    async def serve(self, stream: trio.SocketStream) -> None:
        """Take one callback on a connection and answer it."""
        connection = h11.Connection(h11.SERVER)
        async with stream:
            try:
                head, body = await read_message(connection, stream)
            except (h11.RemoteProtocolError, trio.BrokenResourceError):
                return
            assert isinstance(head, h11.Request)
            answer = self._take(head, body)
            if not answer.get("closeConnection"):
                await stream.send_all(_rendered(connection, answer))

    def _take(self, head: h11.Request, body: bytes) -> dict[str, Any]:
        content = Reply(status=0, headers={}, body=body, seconds=0, at=0).json
        token = content.get("token", "") if isinstance(content, dict) else ""
        callback = Callback(
            method=head.method.decode(),
            path=head.target.decode(),
            headers=_headers(head),
            body=content,
            at=trio.current_time(),
        )
        self._arrived.setdefault(token, []).append(callback)
        self._arrival.set()
        self._arrival = trio.Event()
        answers, repeat_last = self._scripts.get(token, ([], False))
        if not answers:
            return {"body": '"SUCCESS"'}
        return answers[0] if repeat_last and len(answers) == 1 else answers.pop(0)


@asynccontextmanager
async def running_engine() -> AsyncIterator[Engine]:
    """Play the engine on a free port of this machine until the block ends."""
    async with trio.open_nursery() as nursery:
        engine = Engine()
        (listener,) = await nursery.start(partial(trio.serve_tcp, engine.serve, 0, host="127.0.0.1"), name="engine")
        engine.port = listener.socket.getsockname()[1]
        yield engine
        nursery.cancel_scope.cancel()


async def read_message(connection: h11.Connection, stream: trio.SocketStream) -> tuple[h11.Event, bytes]:
    """Read one message, its head and its body.

    Raises:
        h11.RemoteProtocolError: the other side ended the connection, or sent no HTTP.
    """
    head: h11.Event | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.receive_some(LONGEST_READ))
        elif isinstance(event, h11.Request | h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return head, bytes(body)
        elif isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("the connection ended without a message")


def _rendered(connection: h11.Connection, answer: dict[str, Any]) -> bytes:
    body = answer.get("body", "")
    data = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    headers = [
        ("Content-Type", answer.get("contentType", "application/json")),
        ("Content-Length", str(len(data))),
        ("Connection", "close"),
    ]
    events = (h11.Response(status_code=answer.get("status", 200), headers=headers), h11.Data(data), h11.EndOfMessage())
    return b"".join(sent for event in events if (sent := connection.send(event)))


def _headers(head: h11.Request | h11.Response) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
