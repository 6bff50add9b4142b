"""The other side of callbacks on a real socket: for each request it does what a test says, and remembers it."""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import trio

from runtime.flow.callbacks import CallbackRequest

ACCEPTED = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"SUCCESS"'

Wire = trio.abc.Stream
Behaviour = Callable[[Wire], Awaitable[None]]
"""What becomes of one request; a connection that it has closed is not read again."""


class Server:
    """Serves requests: the first ones by `behaviours`, others are accepted. `seen` has the connection and the bytes."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.port = 0
        self.seen: list[tuple[int, bytes]] = []
        self.closed = trio.Event()  # whenever the caller hangs up
        self._behaviours = deque(behaviours)
        self._connections = 0

    @property
    def host(self) -> str:
        """Give the address."""
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self) -> list[int]:
        """Over which connection each request came."""
        return [number for number, _ in self.seen]

    def callback(self, body: bytes = b"{}", scheme: str = "http") -> CallbackRequest:
        """Give a callback to this server."""
        return CallbackRequest(url=f"{scheme}://{self.host}/response", headers=(), body=body)

    async def serve(self, stream: Wire) -> None:
        """Serve one connection."""
        self._connections += 1
        number = self._connections
        async with stream:
            try:
                while (request := await received(stream)) is not None:
                    self.seen.append((number, request))
                    await (self._behaviours.popleft() if self._behaviours else says(ACCEPTED))(stream)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                pass
        self.closed.set()


async def received(stream: Wire) -> bytes | None:
    """Read one request; None at the end."""
    data = b""
    while b"\r\n\r\n" not in data or not is_whole(data):
        piece = await stream.receive_some(65_536)
        if not piece:
            return None
        data += piece
    return data


def is_whole(data: bytes) -> bool:
    """Whether a request has its whole body."""
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(body) >= int(lengths[0].split(b":")[1])


def says(*pieces: bytes) -> Behaviour:
    """Answer, in pieces; the connection stays open."""

    async def behave(stream: Wire) -> None:
        for piece in pieces:
            await stream.send_all(piece)

    return behave


def closes(*pieces: bytes) -> Behaviour:
    """Answer as far as it goes, and hang up."""

    async def behave(stream: Wire) -> None:
        await says(*pieces)(stream)
        await stream.aclose()

    return behave


async def resets(stream: Wire) -> None:
    """Break the connection off."""
    assert isinstance(stream, trio.SocketStream)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()


def waits(event: trio.Event, answer: bytes = ACCEPTED) -> Behaviour:
    """Wait before the answer."""

    async def behave(stream: Wire) -> None:
        await event.wait()
        await stream.send_all(answer)

    return behave


@asynccontextmanager
async def up(
    *behaviours: Behaviour, wrapped: Callable[[trio.SocketStream], Wire] = lambda stream: stream
) -> AsyncIterator[Server]:
    """Let a server listen while the block runs; `wrapped` may put TLS around its connections."""
    server = Server(*behaviours)

    async def serve(stream: trio.SocketStream) -> None:
        await server.serve(wrapped(stream))

    async with trio.open_nursery() as nursery:
        (listener,) = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        server.port = listener.socket.getsockname()[1]
        yield server
        nursery.cancel_scope.cancel()
