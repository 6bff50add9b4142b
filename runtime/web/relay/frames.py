"""What two workers say to each other: frames of MessagePack, each after its length.

    asker   Ask, Piece …, End      a request; pieces follow where its body is read as it arrives
    owner   Told                   its answer
    asker   Taken                  the caller has it; a caller that has gone is an end of the connection instead

One request is under way at a time; then the connection serves the next.
"""

from __future__ import annotations

from typing import Final

import msgspec
import trio
from msgspec import Struct

from runtime.web.exchange import Answer, Headers, Request

LONGEST: Final = 256 * 1024 * 1024  # bytes of a frame: beyond the largest body and answer that settings are made for
_PREFIX: Final = 4  # bytes of a length
_READ: Final = 64 * 1024


class Ask(Struct, frozen=True, array_like=True, tag="a"):
    """A request. `age` is how many seconds ago its first byte came; `streamed`: its body follows piece by piece."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes
    client: str | None
    certificate: str | None
    age: float
    streamed: bool


class Piece(Struct, frozen=True, array_like=True, tag="p"):
    """A part of a body."""

    data: bytes


class End(Struct, frozen=True, array_like=True, tag="e"):
    """The end of a body; not `whole`: it is too large or too slow, and its caller has been told so."""

    whole: bool = True


class Told(Struct, frozen=True, array_like=True, tag="t"):
    """An answer."""

    status: int
    body: bytes
    headers: Headers


class Taken(Struct, frozen=True, array_like=True, tag="k"):
    """The answer has been handed to its caller."""


Frame = Ask | Piece | End | Told | Taken

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Frame)


class Channel:
    """One connection between two workers. A read that is cancelled loses nothing."""

    def __init__(self, stream: trio.abc.HalfCloseableStream | trio.SocketStream) -> None:
        self._stream = stream
        self._bytes = bytearray()

    async def send(self, frame: Frame) -> None:
        """Send a frame.

        Raises:
            trio.BrokenResourceError, trio.ClosedResourceError: the other end has gone.
        """
        data = _encoder.encode(frame)
        await self._stream.send_all(len(data).to_bytes(_PREFIX, "big") + data)

    async def receive(self) -> Frame | None:
        """Give the next frame; None when the other end has gone, or speaks something else."""
        while True:
            frame = self._taken()
            if frame is not None:
                return frame
            try:
                data = await self._stream.receive_some(_READ)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return None
            if not data:
                return None
            self._bytes += data
            if int.from_bytes(self._bytes[:_PREFIX], "big") > LONGEST:
                return None

    def close(self) -> None:
        """End the connection at once."""
        if isinstance(self._stream, trio.SocketStream):
            self._stream.socket.close()

    def _taken(self) -> Frame | None:
        if len(self._bytes) < _PREFIX:
            return None
        end = _PREFIX + int.from_bytes(self._bytes[:_PREFIX], "big")
        if len(self._bytes) < end:
            return None
        data = bytes(memoryview(self._bytes)[_PREFIX:end])
        del self._bytes[:end]
        frame: Frame = _decoder.decode(data)
        return frame


def ask_of(request: Request, *, streamed: bool = False) -> Ask:
    """Give a request as it is passed on."""
    return Ask(
        request.method,
        request.path,
        request.query,
        request.headers,
        request.body,
        request.client,
        request.certificate,
        max(0.0, trio.current_time() - request.arrived),
        streamed,
    )


def request_of(ask: Ask) -> Request:
    """Give the request that was passed on; its time counts from its arrival at the first worker."""
    return Request(
        method=ask.method,
        path=ask.path,
        query=ask.query,
        headers=ask.headers,
        body=ask.body,
        client=ask.client,
        arrived=trio.current_time() - ask.age,
        certificate=ask.certificate,
    )


def answer_of(told: Told) -> Answer:
    """Give an answer as the caller gets it."""
    return Answer(status=told.status, body=told.body, headers=told.headers)
