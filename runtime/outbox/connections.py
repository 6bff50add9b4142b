"""Connections to the hosts of callbacks, kept open from one request to the next."""

from __future__ import annotations

import ssl
from collections import deque
from typing import TYPE_CHECKING

import trio

from runtime.clock import SECONDS
from runtime.outbox.answers import Reader
from runtime.outbox.message import Response, Undelivered

if TYPE_CHECKING:
    from runtime.outbox.border import Origin

IDLE_FOR = 30 * SECONDS  # below the 60 s of common proxies, so that we close first
READ = 64 * 1024  # bytes asked for at once


class ClosedBetween(Exception):
    """Raised when a connection that was kept open had been closed before a byte of the answer came."""


class Connection:
    """A connection. `used` says whether it has carried a request before, `since` when it was laid by."""

    def __init__(self, origin: Origin, transport: trio.SocketStream, stream: trio.abc.Stream) -> None:
        self.origin = origin
        self.used = False
        self.since = 0.0
        self._transport = transport
        self._stream = stream
        self._reader = Reader()

    @property
    def keeps(self) -> bool:
        """Whether it may carry another request."""
        return self._reader.keeps

    def is_silent(self) -> bool:
        """Whether nothing has come that nobody asked for: the end of the connection, mostly."""
        return not self._transport.socket.is_readable()

    def close(self) -> None:
        """Close it; nobody may be using it."""
        self._transport.socket.close()

    async def exchange(self, request: bytes) -> Response:
        """Send a request and read its answer.

        Raises:
            Undelivered: no answer came.
            ClosedBetween: the other side had closed the connection since its last answer, so that the same request may
                be sent again over another.
        """
        self._reader.expect()
        used, self.used = self.used, True
        broken: trio.BrokenResourceError | None = None
        try:
            await self._stream.send_all(request)
        except trio.BrokenResourceError as error:
            broken = error  # who closes early may have said why
        try:
            return await self._answer()
        except (Undelivered, trio.BrokenResourceError) as error:
            if used and not self._reader.begun:
                raise ClosedBetween from error
            if isinstance(error, Undelivered) and broken is None:
                raise
            raise Undelivered(f"no answer: {described(broken or error)}") from error

    async def _answer(self) -> Response:
        while True:
            data = await self._stream.receive_some(READ)
            if not data:
                return self._reader.end()
            answer = self._reader.feed(bytes(data))
            if answer is not None:
                return answer


class Idle:
    """Connections that may carry another request: at most `most`, the oldest of which are closed first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Origin, deque[Connection]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def take(self, origin: Origin) -> Connection | None:
        """Give the connection that was used last, if there is one; those closed meanwhile are dropped."""
        kept = self._kept.get(origin)
        while kept:
            connection = kept.pop()
            self._count -= 1
            if not kept:
                del self._kept[origin]
            if connection.is_silent() and trio.current_time() < connection.since + IDLE_FOR:
                return connection
            connection.close()
        return None

    def keep(self, connection: Connection) -> None:
        """Lay a connection by."""
        connection.since = trio.current_time()
        self._kept.setdefault(connection.origin, deque()).append(connection)
        self._count += 1
        if self._count > self._most:
            self._close_first(min(self._kept, key=lambda origin: self._kept[origin][0].since))

    def close(self, *, before: float | None = None) -> None:
        """Close those that were laid by at the time `before` or earlier, or all."""
        for origin in list(self._kept):
            while (kept := self._kept.get(origin)) and (before is None or kept[0].since <= before):
                self._close_first(origin)

    def _close_first(self, origin: Origin) -> None:
        kept = self._kept[origin]
        kept.popleft().close()
        self._count -= 1
        if not kept:
            del self._kept[origin]


async def connect(origin: Origin, context: ssl.SSLContext | None) -> Connection:
    """Open a connection; with a `context` over TLS, to a host whose certificate it trusts.

    Raises:
        Undelivered: there is none to be had.
    """
    try:
        transport = await trio.open_tcp_stream(origin.host, origin.port)
        return Connection(
            origin, transport, transport if context is None else await _secured(origin, transport, context)
        )
    except (OSError, trio.BrokenResourceError) as error:
        raise Undelivered(f"no answer: {described(error)}") from error


async def _secured(origin: Origin, transport: trio.SocketStream, context: ssl.SSLContext) -> trio.abc.Stream:
    """Shake hands."""
    # With `https_compatible` the end of a connection need not be announced: few servers do.
    stream = trio.SSLStream(transport, context, server_hostname=origin.host, https_compatible=True)
    try:
        await stream.do_handshake()
    except BaseException:
        transport.socket.close()
        raise
    return stream


def described(error: BaseException) -> str:
    """Say what an error of the network was: the innermost reason, as the outer ones say little."""
    while (cause := error.__cause__) is not None:
        error = cause
    if isinstance(error, BaseExceptionGroup):
        return described(error.exceptions[0])
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
