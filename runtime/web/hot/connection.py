"""The front door: one connection, whose requests of hot routes are answered in its own task, with one send each.

It decides nothing that stands elsewhere: who may call, how large a body may be, what serves a path and how a refusal
looks are the `Front`'s. What is not plainly a request of a hot route goes to the connection handler behind, with all
bytes that belong to it, and so does the connection for the rest of its life.
"""

from __future__ import annotations

from contextlib import suppress
from socket import AF_INET, AF_INET6

import trio
from msgspec import Struct

from runtime.errors import RequestError
from runtime.web import body
from runtime.web.exchange import Alike, Answer, Handler, Request
from runtime.web.front import Front, Route, decided, lane_of, run_handler
from runtime.web.hot.exchange import HotExchange
from runtime.web.hot.lanes import HeadLane, Lanes
from runtime.web.hot.parsing import Head, Reader, State
from runtime.web.hot.writing import BARE_400, Writer
from runtime.web.later import Later
from runtime.web.listener import ConnectionHandler, ListenerLimits
from runtime.web.watch import Next
from runtime.web.wire import PIECE, Wire

_ANSWERS = (Answer, Alike)


def hot_connections(front: Front, behind: ConnectionHandler, limits: ListenerLimits) -> HotConnections:
    """Give a connection handler that answers the routes of `front` itself, and hands all else to `behind`."""
    return HotConnections(front, behind, limits)


class HotConnections:
    """Speaks with callers: with one in a task of its own, or with all who are watched."""

    def __init__(self, front: Front, behind: ConnectionHandler, limits: ListenerLimits) -> None:
        self.front = front
        self.behind = behind
        self.limits = limits
        self.writer = Writer()
        self.lanes = Lanes()

    async def __call__(self, wire: Wire) -> None:
        """Speak with a caller until either end closes."""
        await self.begin(wire, parks=False).go_on()

    def begin(self, wire: Wire, *, parks: bool = True) -> _Connection:
        """Begin with a new caller; `parks`: somebody else watches the wire between requests."""
        return _Connection(self, wire, parks=parks)


class _Begun(Struct, frozen=True):
    """A request that was taken up at once, and needs a task, or an answer that comes later; `found` answers it."""

    head: Head
    content: bytes | State
    found: Handler | None = None


class _Unsent(Struct, frozen=True):
    """What a task has to send of an answer, and whether another request may follow it."""

    data: bytes
    keeps: bool


class _Connection:
    """One caller."""

    __slots__ = (
        "_begun",
        "_behind",
        "_client",
        "_front",
        "_held",
        "_lane",
        "_lanes",
        "_parks",
        "_reader",
        "_since",
        "_wire",
        "_writer",
    )

    def __init__(self, house: HotConnections, wire: Wire, *, parks: bool) -> None:
        front = self._front = house.front
        self._behind = house.behind
        self._lanes = house.lanes
        self._writer = house.writer
        self._reader = Reader(front.hot_route, head_bytes=house.limits.head_bytes, body_bytes=front.limits.size)
        self._wire = wire
        self._parks = parks
        self._client = _client(wire)
        self._begun: _Begun | _Unsent | None = None
        self._lane: HeadLane | None = None
        self._held = b""  # what has come of a request whose lane is known, and which is not whole
        self._since = 0.0  # when it began to come

    def at_once(self, data: bytes, arrived: float) -> Next | Later | bytes:
        """Answer a whole request of a hot route for which nothing has to be waited (see Conversation.at_once)."""
        if self._held or not data:
            if not data:
                return Next.TASK if self._held else Next.OVER
            data, arrived, self._held = self._held + data, self._since, b""
        lane = self._lane
        if lane is None or not data.startswith(lane.raw):
            lane = self._lane = self._lanes.find(self._client, data, arrived)
        if lane is None:
            return self._anew(data, arrived)
        if len(data) < lane.size <= PIECE:  # many callers send their body behind their head
            self._held, self._since = data, arrived
            return Next.MORE
        if len(data) == lane.size:
            content = data[len(lane.raw) :]
            found = lane.answer(content, arrived)
            if found is not None:
                return self._found(lane.head, content, found, arrived)
        return self._anew(data, arrived)

    def _anew(self, data: bytes, arrived: float) -> Next | Later | bytes:
        """Read a request, and answer it if it is whole and nothing has to be waited for."""
        reader = self._reader
        reader.feed(data)
        head = reader.head()
        if not isinstance(head, Head):
            self._wire.head_began(arrived)
            return Next.TASK
        content = State.MORE if head.expects else reader.body()
        if not isinstance(content, bytes):
            return self._later(_Begun(head, content), arrived)
        request, route = self._request(head, content, arrived), head.route
        if route.gate is not None and not route.passes(request):
            return self._later(_Begun(head, content), arrived)
        found = decided(route, request)
        if isinstance(found, Answer | Later):
            self._make_lane(head, request)
        return self._found(head, content, found, arrived)

    def tell(self, answer: Answer | Alike, now: float) -> Next | bytes:
        """Take the answer that has come by itself (see Conversation.tell)."""
        begun, self._begun = self._begun, None
        self._wire.request_ended()
        return self._answered(begun.head, answer, now) if isinstance(begun, _Begun) else Next.OVER

    def left_over(self, rest: bytes, now: float) -> Next:
        """Have a task send the rest of an answer (see Conversation.left_over)."""
        return self._later(_Unsent(rest, keeps=True), now)

    def _found(
        self, head: Head, content: bytes, found: Answer | Alike | Later | Handler, arrived: float
    ) -> Next | Later | bytes:
        """Do what was found for a whole request."""
        if isinstance(found, _ANSWERS):
            return self._answered(head, found, arrived)
        if not isinstance(found, Later):
            return self._later(_Begun(head, content, found), arrived)
        self._begun = _Begun(head, b"")
        self._wire.request_began()
        return found

    def _answered(self, head: Head, answer: Answer | Alike, arrived: float) -> Next | bytes:
        """Give an answer as it is sent; a task sends one that something follows, if only the end of the connection."""
        data = self._writer.answer(answer, keeps=head.keeps, bodiless=head.method == "HEAD")
        if head.keeps and not self._reader.waiting:
            return data
        return self._later(_Unsent(data, head.keeps), arrived)

    def _make_lane(self, head: Head, request: Request) -> None:
        """Note what answers the next requests with this head."""
        raw = self._reader.repeated
        answer = lane_of(head.route, request) if raw and head.length is not None and not head.expects else None
        if answer is not None:
            self._lane = HeadLane(raw, len(raw) + (head.length or 0), head, answer)
            self._lanes.keep(self._client, self._lane, request.arrived)

    def _later(self, begun: _Begun | _Unsent, arrived: float) -> Next:
        self._begun = begun
        self._wire.head_began(arrived)
        return Next.TASK

    async def go_on(self) -> bool:
        """Serve requests until the connection ends, or where it parks, until it is between two of them."""
        if self._held:
            self._reader.feed(self._held)
            self._held = b""
        begun, self._begun = self._begun, None
        if begun is not None and not await self._resume(begun):
            return False
        reader, wire = self._reader, self._wire
        while True:
            head = reader.head()
            if isinstance(head, Head):
                if not await self._serve(head, State.MORE if head.expects else reader.body()):
                    return False
                if reader.waiting:  # others get their turn between two pipelined requests
                    await trio.lowlevel.checkpoint()
            elif head is State.ELSEWHERE:
                wire.unread(reader.rest())
                await self._behind(wire)
                return False
            elif self._parks and not reader.waiting:
                return True
            elif not await self._read_on():
                return False

    async def _read_on(self) -> bool:
        """Read more of a head; tell whether anything has come."""
        reader, wire = self._reader, self._wire
        if reader.waiting:
            wire.head_began(trio.current_time())
        if wire.is_leaving:  # it was let go before this task began: nothing has ended its life
            return False
        data = await wire.receive_some()
        reader.feed(data)
        return bool(data)

    async def _resume(self, begun: _Begun | _Unsent) -> bool:
        """Go on with what was begun at once; tell whether another request may follow."""
        if isinstance(begun, _Begun):
            return await self._serve(begun.head, begun.content, begun.found)
        wire = self._wire
        wire.request_began()
        try:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await wire.send_all(begun.data)
            return begun.keeps and not wire.hung_up
        finally:
            wire.request_ended()

    async def _serve(self, head: Head, content: bytes | State, found: Handler | None = None) -> bool:
        """Serve one request, by what was found to answer it, if that is known; tell whether another may follow."""
        wire, route = self._wire, head.route
        arrived = wire.request_began()
        try:
            is_whole = isinstance(content, bytes)
            request = self._request(head, content if isinstance(content, bytes) else b"", arrived)
            if found is None:
                passes = route.gate is None or route.passes(request)
                refused = None if passes or route.gate is None else await route.gate(request)
                if not is_whole and refused is not None:
                    return await self._refuse(refused)
                if not is_whole:
                    whole = await self._body(head, route, content)
                    if whole is None:
                        return False
                    request = self._request(head, whole, arrived)
                answering = decided(route, request) if refused is None else refused
            else:
                answering = found
            if isinstance(answering, Answer):
                await self._send(head, answering)
            else:
                exchange = HotExchange(request, wire, self._reader, self._writer, keeps=head.keeps)
                await run_handler(route, exchange, answering)
            return head.keeps and not wire.hung_up
        finally:
            wire.request_ended()

    async def _send(self, head: Head, answer: Answer) -> None:
        """Send the answer to a request that was wholly read; to a caller who has left it means nothing."""
        data = self._writer.answer(answer, keeps=head.keeps, bodiless=head.method == "HEAD")
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._wire.send_quickly(data)

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
