"""ASGI and the exchange: the protocol's messages live here and nowhere else in the house."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

import trio
from msgspec import Struct

from runtime.web.exchange import Answer, CallerGone, Headers, Request, WholeExchange

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Poll = Callable[[], Message | None]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]  # each framework types scope, receive and send its own way

HINTS = "nuclide.hints"
"""The ASGI extension under which the server leaves its `Hints`; any other server simply has none."""


class Hints(Struct, frozen=True, kw_only=True):
    """What our server knows beyond ASGI.

    `arrived` is when the first byte came; `poll` gives a message that waits, or None; `hung_up` tells whether the
    connection has ended, which is known before the message that says so has come; `certificate` is the name in the
    caller's verified client certificate.
    """

    arrived: float
    poll: Poll
    hung_up: Callable[[], bool]
    certificate: str | None = None


def hints(scope: Scope) -> Hints:
    """Give the server's hints, or what can be said without them."""
    found = scope.get("extensions", {}).get(HINTS)
    return found if isinstance(found, Hints) else _no_hints()


def _no_hints() -> Hints:
    return Hints(arrived=trio.current_time(), poll=lambda: None, hung_up=lambda: False)


def raw_path(scope: Scope) -> str:
    """Give the path of the target as it was sent, percent-encoded, without scheme and host (RFC 9112, 3.2.2)."""
    path: str = scope["raw_path"].decode("latin-1")
    if path.startswith("/") or "://" not in path:
        return path
    _, _, rest = path.partition("://")
    _, slash, rest = rest.partition("/")
    return slash + rest or "/"


def request_of(scope: Scope, path: str, body: bytes, known: Hints) -> Request:
    """Make the neutral request of an ASGI scope and its body."""
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=path,
        query=scope["query_string"],
        headers=tuple(scope["headers"]),
        body=body,
        client=client[0] if client else None,
        arrived=known.arrived,
        certificate=known.certificate,
    )


class AsgiExchange(WholeExchange):
    """An Exchange over the two ASGI callables, and what the server knows beyond them."""

    def __init__(self, request: Request, receive: Receive, send: Send, known: Hints) -> None:
        super().__init__(request)
        self._receive = receive
        self._send = send
        self._known = known
        self._watch = trio.Lock()
        self._gone = False
        self._complete = False

    async def answer(self, answer: Answer) -> None:
        """Send `answer` (see Exchange.answer)."""
        if not self.answered and self._has_left():
            raise CallerGone
        self.begin()
        try:
            await send_open(self._send, answer)
            left = self._has_left()
            # The server reports a disconnect after every complete answer, too: from here on it means nothing.
            self._complete = True
            await send_end(self._send)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError) as error:
            raise CallerGone from error
        if left:
            raise CallerGone

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Send a body piece by piece (see Exchange.stream)."""
        self.begin()
        try:
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            async with aclosing(pieces):
                async for piece in pieces:
                    if self._has_left():
                        raise CallerGone
                    await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            self._complete = True
            await send_end(self._send)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError) as error:
            raise CallerGone from error

    async def wait_gone(self) -> None:
        """Wait for the caller to leave (see Exchange.wait_gone)."""
        async with self._watch:
            while not self._gone and not self._complete:
                message = await self._receive()
                self._take(message)
        if not self._gone:
            await trio.sleep_forever()

    def _has_left(self) -> bool:
        if not self._gone:
            self._take(self._known.poll())
        return self._gone or self._known.hung_up()

    def _take(self, message: Message | None) -> None:
        if message is not None and message["type"] == "http.disconnect" and not self._complete:
            self._gone = True


async def send_open(send: Send, answer: Answer) -> None:
    """Send all of `answer` except its end, so that what happens to the caller meanwhile can still be learned."""
    await send({"type": "http.response.start", "status": answer.status, "headers": _with_length(answer)})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})


async def send_end(send: Send) -> None:
    """Complete an answer."""
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _with_length(answer: Answer) -> Headers:
    # 204 must not carry it, and 304 would lie with it (RFC 9110, 8.6).
    if answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return answer.headers
    if any(name.lower() == b"content-length" for name, _ in answer.headers):
        return answer.headers
    return (*answer.headers, (b"content-length", b"%d" % len(answer.body)))
