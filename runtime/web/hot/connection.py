"""The front door: one connection, whose requests of hot routes are answered in its own task, with one send each.

It decides nothing that stands elsewhere: who may call, how large a body may be, what serves a path and how a refusal
looks are the `Front`'s. What is not plainly a request of a hot route goes to the connection handler behind, with all
bytes that belong to it, and so does the connection for the rest of its life.
"""

from __future__ import annotations

from socket import AF_INET, AF_INET6

import trio

from runtime.errors import RequestError
from runtime.web import body
from runtime.web.exchange import Answer, Request
from runtime.web.front import Front, Route, decided, run_handler
from runtime.web.hot.exchange import HotExchange
from runtime.web.hot.parsing import Head, Reader, State
from runtime.web.hot.writing import BARE_400, Writer
from runtime.web.listener import ConnectionHandler, ListenerLimits
from runtime.web.wire import Wire


def hot_connections(front: Front, behind: ConnectionHandler, limits: ListenerLimits) -> ConnectionHandler:
    """Give a connection handler that answers the routes of `front` itself, and hands all else to `behind`."""
    writer = Writer()

    async def handle_connection(wire: Wire) -> None:
        reader = Reader(front.hot_route, head_bytes=limits.head_bytes, body_bytes=front.limits.size)
        if await _Connection(front, wire, reader, writer).run() is State.ELSEWHERE:
            wire.unread(reader.rest())
            await behind(wire)

    return handle_connection


class _Connection:
    """One caller."""

    __slots__ = ("_client", "_front", "_reader", "_wire", "_writer")

    def __init__(self, front: Front, wire: Wire, reader: Reader, writer: Writer) -> None:
        self._front = front
        self._wire = wire
        self._reader = reader
        self._writer = writer
        self._client = _client(wire)

    async def run(self) -> State | None:
        """Serve requests until the connection ends, or one is for elsewhere."""
        reader, wire = self._reader, self._wire
        while True:
            head = reader.head()
            if isinstance(head, Head):
                if not await self._serve(head):
                    return None
                if reader.waiting:  # others get their turn between two pipelined requests
                    await trio.lowlevel.checkpoint()
            elif head is State.ELSEWHERE:
                return head
            else:
                data = await wire.receive_some()
                if not data:
                    return None
                reader.feed(data)

    async def _serve(self, head: Head) -> bool:
        """Serve one request; tell whether another may follow."""
        wire = self._wire
        arrived = wire.request_began()
        try:
            route, content = head.route, State.MORE if head.expects else self._reader.body()
            is_whole = isinstance(content, bytes)
            request = self._request(head, content if isinstance(content, bytes) else b"", arrived)
            passes = route.gate is None or route.passes(request)
            refused = None if passes or route.gate is None else await route.gate(request)
            if not is_whole and refused is not None:
                return await self._refuse(refused)
            if not is_whole:
                whole = await self._body(head, route, content)
                if whole is None:
                    return False
                request = self._request(head, whole, arrived)
            found = decided(route, request) if refused is None else refused
            if isinstance(found, Answer):
                await self._send(head, found)
            else:
                exchange = HotExchange(request, wire, self._reader, self._writer, keeps=head.keeps)
                await run_handler(route, exchange, found)
            return head.keeps and not wire.hung_up
        finally:
            wire.request_ended()

    async def _send(self, head: Head, answer: Answer) -> None:
        """Send the answer to a request that was wholly read; to a caller who has left it means nothing."""
        data, wire = self._writer.answer(answer, keeps=head.keeps, bodiless=head.method == "HEAD"), self._wire
        try:
            sent = wire.send_now(data)
            if sent < len(data):
                await wire.send_all(data[sent:])
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    def _request(self, head: Head, content: bytes, arrived: float) -> Request:
        return Request(
            method=head.method,
            path=head.path,
            query=head.query,
            headers=head.headers,
            body=content,
            client=self._client,
            arrived=arrived,
            certificate=self._wire.certificate,
            made=head.made,
        )

    async def _body(self, head: Head, route: Route, content: bytes | State) -> bytes | None:
        """Read a body that had not wholly arrived with its head; None when there is nothing to go on with."""
        seconds = self._front.limits.time
        try:
            if head.expects:
                await self._wire.send_quickly(self._writer.go_on())
                content = self._reader.body()
            with trio.move_on_after(seconds):
                while content is State.MORE:
                    data = await self._wire.receive_some()
                    if data:
                        self._reader.feed(data)
                        content = self._reader.body()
                    else:
                        content = State.BROKEN  # nothing more can come; who only closed its own half is told
            if content is State.BROKEN:
                await self._wire.send_quickly(self._writer.answer(BARE_400, keeps=False, bodiless=False))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return None
        if isinstance(content, bytes):
            return content
        if content is State.BROKEN:
            return None
        error = body.too_slow(seconds) if content is State.MORE else body.too_large(self._front.limits.size)
        await self._refuse(_refusal(route, head, error))
        return None

    async def _refuse(self, answer: Answer) -> bool:
        """Answer a request whose body is not read, and end the connection (see body.refuse_unread)."""
        try:
            await self._wire.send_quickly(self._writer.answer(answer, keeps=False, bodiless=False))
            with trio.move_on_after(body.LINGER):
                await self._discard()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return False
        return False

    async def _discard(self) -> None:
        """Read what is left of a body; of one that is too large or broken, until its caller leaves."""
        content = self._reader.body()
        while not isinstance(content, bytes):
            data = await self._wire.receive_some()
            if not data:
                return
            if content is State.MORE:
                self._reader.feed(data)
                content = self._reader.body()


def _refusal(route: Route, head: Head, error: RequestError) -> Answer:
    status = route.oversize if error.code == body.TOO_LARGE else error.status
    return route.refusal(status, head.path, error.message)


def _client(wire: Wire) -> str | None:
    """Give the address of the caller; None over a Unix socket."""
    if wire.socket.family not in {AF_INET, AF_INET6}:
        return None
    try:
        address: str = wire.socket.getpeername()[0]
    except OSError:  # it has left already, which the first read tells
        return None
    return address
