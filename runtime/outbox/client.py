"""The HTTP client of the outbox: sends callbacks over connections that are kept open, few to a host.

Clients that do everything cost many times as much for a callback, as ``python -m tests.bench.callbacks`` shows. This
one does POST over HTTP/1.1, and nothing that the outbox must not do: no redirect is followed, no cookie kept. The way
through proxies is left to httpx2.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from runtime.outbox.border import HEADERS, Address, Origin, address_of, open_proxied, proxies_are_named, tls_context
from runtime.outbox.connections import IDLE_FOR, ClosedBetween, Connection, Idle, connect
from runtime.outbox.message import Response, Send, Undelivered

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from runtime.flow.callbacks import CallbackRequest

PER_HOST = 10  # connections, where nobody says otherwise: more bring little, as the other side works on few at once

_COMMON = b"".join(f"{name}: {value}\r\n".encode() for name, value in HEADERS.items())
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.1
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")  # nothing that ends a header and begins another


@asynccontextmanager
async def open_client(at_once: int, per_host: int = PER_HOST) -> AsyncIterator[Send]:
    """Give what sends a callback; at the end all connections are closed.

    At most `at_once` requests are under way, `per_host` to one host, each over a connection of its own; others wait in
    the order in which they came. Certificates are verified against those of the system. There is no deadline: the
    caller's cancel scope is one. Where the machine names proxies, requests go through them.
    """
    if proxies_are_named():
        async with open_proxied(at_once) as send:
            yield send
        return
    async with trio.open_nursery() as nursery:
        client = _Client(at_once, per_host)
        nursery.start_soon(client.close_idle, name="close idle connections of callbacks")
        try:
            yield client.send
        finally:
            nursery.cancel_scope.cancel()
            client.idle.close()


class _Client:
    """Sends requests; made by `open_client`."""

    def __init__(self, at_once: int, per_host: int) -> None:
        self._all = trio.CapacityLimiter(at_once)
        self._per_host = per_host
        self._hosts: dict[Origin, trio.CapacityLimiter] = {}
        self._trusted: ssl.SSLContext | None = None
        self.idle = Idle(at_once)

    async def send(self, request: CallbackRequest) -> Response:
        """Send a callback and give the answer.

        Raises:
            Undelivered: there was none.
        """
        address = address_of(request.url)
        sent = _encoded(address, request)
        return await self._placed(address.origin, sent)

    async def close_idle(self) -> None:
        """Close connections that nobody has used for a while, for ever."""
        while True:
            await trio.sleep(IDLE_FOR / 3)
            self.idle.close(before=trio.current_time() - IDLE_FOR)

    async def _placed(self, origin: Origin, sent: bytes) -> Response:
        """Wait for a place at a host, and only then for one among all: a host that hangs holds no more than its own."""
        host = self._hosts.get(origin)
        if host is None:
            host = self._hosts[origin] = trio.CapacityLimiter(self._per_host)
        try:
            async with _Place(host), _Place(self._all):
                return await self._exchange(origin, sent)
        finally:
            if not host.borrowed_tokens and not host.statistics().tasks_waiting:
                self._hosts.pop(origin, None)

    async def _exchange(self, origin: Origin, sent: bytes) -> Response:
        connection = self.idle.take(origin)
        if connection is not None:
            try:
                return await self._over(connection, sent)
            except ClosedBetween:
                pass  # no attempt: the other side had tired of this connection, not refused the request
        context = await self._trust() if origin.tls else None
        return await self._over(await connect(origin, context), sent)

    async def _trust(self) -> ssl.SSLContext:
        """Give what verifies certificates; reading those of the system takes some 50 ms, so a thread does it, once."""
        if self._trusted is None:
            self._trusted = await trio.to_thread.run_sync(tls_context)
        return self._trusted

    async def _over(self, connection: Connection, sent: bytes) -> Response:
        healthy = False
        try:
            answer = await connection.exchange(sent)
            healthy = connection.keeps
        finally:
            if healthy:
                self.idle.keep(connection)
            else:
                connection.close()
        return answer


class _Place:
    """A place of a limiter, while the block runs; one that is free costs no turn of the loop, as what follows does."""

    __slots__ = ("_limiter",)

    def __init__(self, limiter: trio.CapacityLimiter) -> None:
        self._limiter = limiter

    async def __aenter__(self) -> None:
        try:
            self._limiter.acquire_on_behalf_of_nowait(self)
        except trio.WouldBlock:
            await self._limiter.acquire_on_behalf_of(self)

    async def __aexit__(self, *_: object) -> None:
        self._limiter.release_on_behalf_of(self)


def _encoded(address: Address, request: CallbackRequest) -> bytes:
    """Give a request as bytes.

    Raises:
        Undelivered: it has a header that no request can carry.
    """
    lines = [b"POST ", address.target, b" HTTP/1.1\r\nHost: ", address.name, b"\r\n", _COMMON]
    for name, value in request.headers:
        try:
            # Latin-1 both ways: the caller's identity goes back byte for byte.
            raw_name, raw_value = name.encode("latin-1"), value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise Undelivered(f"cannot be sent: no header can hold {name}", hopeless=True) from error
        if not _NAME.fullmatch(raw_name) or not _VALUE.fullmatch(raw_value):
            raise Undelivered(f"cannot be sent: no header can hold {name!r}", hopeless=True)
        lines += (raw_name, b": ", raw_value, b"\r\n")
    lines += (b"Content-Length: %d\r\n\r\n" % len(request.body), request.body)
    return b"".join(lines)
