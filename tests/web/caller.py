"""A caller that says exactly the bytes it is told to, and reads one answer at a time."""

from __future__ import annotations

import socket
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import h2.connection
import h2.events
import trio
from msgspec import Struct

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Reply(Struct, frozen=True, kw_only=True):
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """One connection to the server under test. Waits beyond patience fail: they would be hangs."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._buffer = b""

    async def say(self, data: bytes) -> None:
        """Send bytes."""
        await self.stream.send_all(data)

    async def request(
        self, method: str, path: str, body: bytes = b"", *, headers: tuple[str, ...] = (), length: int | None = None
    ) -> None:
        """Send one request; `length` overrides the Content-Length that it declares."""
        declared = len(body) if length is None else length
        lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {declared}", *headers, "", ""]
        await self.say("\r\n".join(lines).encode() + body)

    async def reply(self, *, to_head: bool = False) -> Reply:
        """Read one whole answer; `to_head` when the request was HEAD and no body follows."""
        with trio.fail_after(PATIENCE):
            while b"\r\n\r\n" not in self._buffer:
                await self._more()
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = 0 if to_head else int(headers.get("content-length", "0"))
            while len(self._buffer) < length:
                await self._more()
            body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Reply(status=int(first.split()[1]), headers=headers, body=body)

    async def rest(self) -> bytes:
        """Read until the server closes; a reset is an end, too."""
        with trio.fail_after(PATIENCE):
            try:
                while True:
                    await self._more()
            except (EOFError, trio.BrokenResourceError):
                rest, self._buffer = self._buffer, b""
                return rest

    def reset(self) -> None:
        """Leave at once, with a reset instead of a farewell."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.socket.close()

    async def _more(self) -> None:
        data = await self.stream.receive_some()
        if not data:
            raise EOFError(self._buffer)
        self._buffer += data


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    """Connect to the server under test."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream:
        yield Caller(stream)


async def over_http2(
    connection: h2.connection.H2Connection, caller: Caller, body: bytes, *, scheme: str = "http"
) -> bytes:
    """Send one more request on an HTTP/2 connection; give the body of its answer."""
    stream = connection.get_next_available_stream_id()
    headers = [(":method", "POST"), (":path", "/fs/x"), (":scheme", scheme), (":authority", "x")]
    connection.send_headers(stream, headers)
    connection.send_data(stream, body, end_stream=True)
    await caller.say(connection.data_to_send())
    answer = b""
    with trio.fail_after(PATIENCE):
        while True:
            events = connection.receive_data(await caller.stream.receive_some())
            answer += b"".join(event.data for event in events if isinstance(event, h2.events.DataReceived))
            if any(isinstance(event, h2.events.StreamEnded) for event in events):
                return answer
