"""A small HTTP server on a loopback socket, whose answers a test decides."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import h11
import trio


@dataclass
class Seen:
    """A request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What the server does: it answers; or, with `silent`, waits; or, with `cut`, closes the connection."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    silent: bool = False
    cut: bool = False
    chunked: bool = False
    reason: str = ""


class Server:
    """The server's address, the requests it saw, and what it answers."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.seen: list[Seen] = []
        self.arrived = trio.Event()
        self.connections = 0
        self.most_at_once = 0
        self.answer: Callable[[Seen], Answer] = lambda _: Answer(body=b"ok")
        self.release = trio.Event()
        self.release.set()
        self._at_once = 0

    async def serve(self, stream: trio.SocketStream) -> None:
        """Serve one connection."""
        self.connections += 1
        connection = h11.Connection(h11.SERVER)
        try:
            while True:
                seen = await _read(connection, stream)
                if seen is None or not await self._respond(connection, stream, seen):
                    break
                connection.start_next_cycle()
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError):
            pass
        finally:
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(stream)

    async def _respond(self, connection: h11.Connection, stream: trio.SocketStream, seen: Seen) -> bool:
        self.seen.append(seen)
        self.arrived.set()
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self.release.wait()
        finally:
            self._at_once -= 1
        answer = self.answer(seen)
        if answer.silent:
            await trio.sleep_forever()
        if answer.cut:
            return False
        length = {"transfer-encoding": "chunked"} if answer.chunked else {"content-length": str(len(answer.body))}
        headers = {**length, **answer.headers}
        response = h11.Response(status_code=answer.status, headers=list(headers.items()), reason=answer.reason)
        await stream.send_all(connection.send(response) or b"")
        body = b"" if seen.method == "HEAD" else answer.body
        for event in (h11.Data(data=body), h11.EndOfMessage()):
            await stream.send_all(connection.send(event) or b"")
        return connection.our_state is h11.DONE


async def _read(connection: h11.Connection, stream: trio.SocketStream) -> Seen | None:
    seen: Seen | None = None
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.receive_some())
        elif isinstance(event, h11.Request):
            headers = {name.decode(): value.decode() for name, value in event.headers}
            seen = Seen(event.method.decode(), event.target.decode(), headers, b"")
        elif isinstance(event, h11.Data) and seen is not None:
            seen.body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return seen
        else:
            return None


@asynccontextmanager
async def running_server() -> AsyncGenerator[Server]:
    """Run a server until the block is left."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        server = Server(listeners[0].socket.getsockname()[1])
        await nursery.start(partial(trio.serve_listeners, server.serve, listeners), name="loopback server")
        try:
            yield server
        finally:
            nursery.cancel_scope.cancel()
