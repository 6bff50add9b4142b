"""The same bytes to the front door and to hypercorn alone, over pairs of sockets, and what each of them says."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import trio
import trio.testing
from msgspec import Struct
from msgspec.structs import replace

from runtime.web.connection import hypercorn_connections
from runtime.web.exchange import Answer, Exchange, Handler, Request
from runtime.web.front import BodyLimits, Front, Lane, Route
from runtime.web.hot.connection import hot_connections
from runtime.web.later import Later
from runtime.web.listener import ConnectionHandler, ListenerLimits
from runtime.web.watch import Conversation, Watched, open_watch
from runtime.web.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

BODY_LIMIT = 100  # bytes
LIMITS = ListenerLimits()
SWITCHED = b"HTTP/1.1 101 "
CLOSE_LIMIT = 10  # seconds: beyond it a server hangs


class Reply(Struct, frozen=True):
    """One answer, without what differs from second to second."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Talk(Struct, frozen=True):
    """What a server said, and whether it hung up before its caller did."""

    replies: tuple[Reply, ...]
    closed: bool


async def mirror(exchange: Exchange) -> None:
    """Answer with all that is known of the request; some paths end otherwise."""
    request = exchange.request
    if request.path == "/fs/none":
        await exchange.answer(Answer(status=204))
        return
    await exchange.answer(_mirrored(request))


def decide(request: Request) -> Answer | Later | Handler:
    """Answer at once, as `mirror` does, or later, but for one path."""
    if request.path == "/fs/none":
        return mirror
    return _soon(_mirrored(request)) if request.path == "/fs/later" else _mirrored(request)


def _soon(answer: Answer) -> Later:
    """Have an answer come by itself."""
    later = Later()
    trio.lowlevel.current_trio_token().run_sync_soon(later.complete, answer)
    return later


def lane(request: Request) -> Lane | None:
    """Answer the next requests with a head as `mirror` does, or have it do so, but for a body and for a path."""
    if request.path == "/fs/none":
        return None

    def answer(body: bytes, arrived: float) -> Answer | Later | Handler | None:
        if body.startswith(b"a"):
            return None
        if body.startswith(b"b"):
            return mirror
        mirrored = _mirrored(replace(request, body=body, arrived=arrived))
        return _soon(mirrored) if request.path == "/fs/later" else mirrored

    return answer


def _mirrored(request: Request) -> Answer:
    if request.path == "/fs/fail":
        raise ValueError("on purpose")
    return Answer(status=200, body=msgspec.json.encode(_told(request)), headers=((b"x-a", b"b"),))


def _told(request: Request) -> dict[str, Any]:
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query.decode("latin-1"),
        "headers": pairs,
        "body": request.body.decode("latin-1"),
    }


async def gate(request: Request) -> Answer | None:
    """Refuse who says so."""
    return Answer(status=401, body=b"no") if request.header("x-refuse") else None


def passes(request: Request) -> bool:
    """Let some pass who would pass the gate."""
    return request.method in {"POST", "HEAD"} and request.header("x-refuse") is None


def handlers(stopping: trio.Event) -> tuple[ConnectionHandler, ConnectionHandler]:
    """Give the front door, and hypercorn alone, in front of the same application."""
    route = Route(handler=mirror, oversize=400, gate=gate, passes=passes, decide=decide, lane=lane)
    front = Front({"/fs": route}, limits=BodyLimits(size=BODY_LIMIT, time=5))
    behind = hypercorn_connections(front, LIMITS, stopping)
    return hot_connections(front, behind, LIMITS), behind


async def talk(handle: ConnectionHandler, pieces: Sequence[bytes], *, watched: bool = False) -> Talk:
    """Say `pieces`, each when the server has taken the one before; then hang up.

    `watched`: to a server that needs no task while nothing has to be waited for.
    """
    async with _connected(handle, watched=watched) as (ours, over):
        said = b""
        for piece in pieces:
            try:
                ours.sendall(piece)
            except OSError:
                break  # it has hung up already
            await trio.testing.wait_all_tasks_blocked()
            said += _received(ours)
        closed = over.is_set()
        _hang_up(ours)
        if SWITCHED in said:  # hypercorn forgets some who say nothing more then; in a house the sweeper ends them
            return Talk(replies_of(said), closed=True)
        with trio.fail_after(CLOSE_LIMIT):
            await over.wait()
        said += _received(ours)
    return Talk(replies_of(said), closed)


@asynccontextmanager
async def _connected(handle: ConnectionHandler, *, watched: bool) -> AsyncGenerator[tuple[socket.socket, trio.Event]]:
    ours, theirs = socket.socketpair()
    over = trio.Event()
    caught: list[ExceptionGroup[Exception]] = []

    async def guarded(wire: Wire, conversation: Conversation | None = None) -> None:
        stays = False
        try:
            with wire.live():
                if conversation is None:
                    await handle(wire)
                else:
                    stays = await conversation.go_on() and not wire.is_leaving
        except* Exception as group:  # noqa: BLE001 - as the listener's guard
            caught.append(group)
        if stays and conversation is not None:
            watch.add(wire, conversation)
        else:
            left(wire, None)

    def left(wire: Wire, _error: Exception | None) -> None:
        wire.cut()
        over.set()

    with ours, open_watch(guarded, left) as watch:
        ours.settimeout(0)
        theirs.settimeout(0)
        async with trio.open_nursery() as nursery:
            wire = Wire(trio.SocketStream(trio.socket.from_stdlib_socket(theirs)), theirs)
            if watched:
                assert isinstance(handle, Watched)
                watch.add(wire, handle.begin(wire))
                nursery.start_soon(watch.run, nursery)
            else:
                nursery.start_soon(guarded, wire)
            yield ours, over
            nursery.cancel_scope.cancel()
            wire.cut()


def _received(ours: socket.socket) -> bytes:
    said = b""
    try:
        while data := ours.recv(65536):
            said += data
    except OSError:
        return said
    return said


def _hang_up(ours: socket.socket) -> None:
    try:
        ours.shutdown(socket.SHUT_WR)
    except OSError:
        return


def replies_of(said: bytes) -> tuple[Reply, ...]:
    """Give the answers that stand in what a server said.

    Raises:
        ValueError: there is something that is no whole answer.
    """
    replies: list[Reply] = []
    while said:
        head, blank, said = said.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, status = first.partition(" ")
        if version != "HTTP/1.1" or not blank:
            raise ValueError(f"no answer: {head!r}")
        pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        headers = dict(pairs)
        method_was_head = "x-head" in headers
        length = 0 if method_was_head else int(headers.get("content-length", "0"))
        if len(said) < length:
            raise ValueError(f"half an answer: {head!r}")
        body, said = said[:length], said[length:]
        if status.startswith("101"):
            said = b""  # what follows is another protocol
        told = tuple(sorted((name, value.lower()) for name, value in pairs if name != "date"))
        replies.append(Reply(int(status.split()[0]), told, body))
    return tuple(replies)
