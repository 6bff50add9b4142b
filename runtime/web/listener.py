"""Our own accept loop: it owns the sockets, bounds the connections, and lets no connection end the process."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress

import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.observe.log import logger
from runtime.web import sockets
from runtime.web.statistics import Tally
from runtime.web.watch import Conversation, Watch, Watched, open_watch
from runtime.web.wire import Patience, Wire

ConnectionHandler = Callable[[Wire], Awaitable[None]] | Watched
"""Speaks with one caller until either end closes. It may raise anything: the listener's guard stands around it."""

Tls = Callable[[], ssl.SSLContext]
"""Gives the context for the next connection: a certificate that is renewed serves at once, and cuts nobody."""

_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
_PAUSE = 0.1 * SECONDS  # long enough for some connection to end, short enough that nobody notices
_SWEEP = 1 * SECONDS  # a caller may overstay by this; a finer sweep costs more than it saves
_FAREWELL = 1 * SECONDS  # for a refused caller to read why; closing sooner may destroy the answer on its way
_AT_ONCE = 100  # connections accepted in a turn of the loop, at some 20 us each
_FAREWELLS = 64  # refused callers that are told at the same time; beyond it they are cut without a word
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

_log = logger("nuclide.web")


class ListenerLimits(Struct, frozen=True, kw_only=True):
    """What callers may claim. `connections` counts open sockets; `head_bytes` bounds a request head; times in seconds.

    `head_timeout` is for a whole request head, `send_timeout` for each 64 KiB of an answer to be taken,
    `keep_alive` for a connection without a request.
    """

    connections: int = 10_000
    head_bytes: int = 16 * 1024
    head_timeout: float = 10 * SECONDS
    send_timeout: float = 30 * SECONDS
    keep_alive: float = 75 * SECONDS  # longer than the 60 s of common proxies, so that the proxy closes first


async def serve(
    handle_connection: ConnectionHandler,
    listeners: Sequence[trio.SocketListener],
    limits: ListenerLimits,
    *,
    stopping: trio.Event,
    drain: float,
    tally: Tally | None = None,
    tls: Tls | None = None,
    task_status: trio.TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve connections until `stopping` is set; report the addresses when callers can connect.

    With `tls` every connection begins with a handshake. When it stops, nothing more is accepted (the listeners are
    closed), connections end when no request runs on them, and after `drain` seconds those still open are cancelled and
    cut.
    """
    connections = _Connections(handle_connection, limits, Tally() if tally is None else tally, tls)
    addresses = tuple(sockets.address(listener, secure=tls is not None) for listener in listeners)
    with connections.watching() as watch:
        async with trio.open_nursery() as house:
            house.start_soon(connections.cut_when_cancelled, name="web: cut at the end")
            house.start_soon(connections.sweep, name="web: sweep")
            async with trio.open_nursery() as guests:
                if watch is not None:
                    house.start_soon(watch.run, guests, name="web: watch")
                async with AsyncExitStack() as closing, trio.open_nursery() as doors:
                    for listener, where in zip(listeners, addresses, strict=True):
                        await closing.enter_async_context(listener)
                        doors.start_soon(connections.accept, listener, guests, name=f"web: accept {where}")
                    task_status.started(addresses)
                    await stopping.wait()
                    doors.cancel_scope.cancel()
                connections.let_go()
                if watch is not None:
                    guests.start_soon(watch.settled, name="web: answers to come")
                house.cancel_scope.deadline = trio.current_time() + drain
            house.cancel_scope.cancel()


class _Connections:
    """The open connections of one listener."""

    def __init__(self, handle: ConnectionHandler, limits: ListenerLimits, tally: Tally, tls: Tls | None = None) -> None:
        self._handle = handle
        self._limits = limits
        self._patience = Patience(head=limits.head_timeout, send=limits.send_timeout, idle=limits.keep_alive)
        self._tally = tally
        self._tls = tls
        self._wires: set[Wire] = set()
        self._farewells = 0
        self._watch: Watch | None = None

    @contextmanager
    def watching(self) -> Iterator[Watch | None]:
        """Have connections watched between their requests, where whoever speaks with them can be asked at once."""
        if self._tls is not None or not isinstance(self._handle, Watched):
            yield None
            return
        with open_watch(self._guard, self._left) as watch:
            self._watch = watch
            yield watch

    async def accept(self, listener: trio.abc.Listener[trio.SocketStream], guests: trio.Nursery) -> None:
        """Accept for ever. A machine out of descriptors or memory is given a moment: connections end, room returns."""
        while True:
            try:
                stream = await listener.accept()
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                self._tally.pauses += 1
                _log.warning("web.no-room", reason=error.strerror, open=self._tally.open, retry_in_seconds=_PAUSE)
                await trio.sleep(_PAUSE)
            else:
                self._admit(stream, guests)
                for other in _others(listener):
                    self._admit(other, guests)

    def _admit(self, stream: trio.SocketStream, guests: trio.Nursery) -> None:
        self._tally.accepted += 1
        if self._tally.open < self._limits.connections:
            self._tally.open += 1
            self._welcome(_wire(stream), guests)
            return
        self._tally.refused += 1
        if self._farewells < _FAREWELLS:
            self._farewells += 1
            guests.start_soon(self._turn_away, stream, name="web: refuse a connection")
        else:
            stream.socket.close()

    def _welcome(self, wire: Wire, guests: trio.Nursery) -> None:
        self._wires.add(wire)
        wire.owned = True
        if self._watch is None or not isinstance(self._handle, Watched):
            guests.start_soon(self._guard, wire, name="web: connection")
            return
        try:
            self._watch.add(wire, self._handle.begin(wire))
        except Exception as error:  # noqa: BLE001 - the connection guard: the kernel may be out of room to watch one more
            self._left(wire, error)

    async def _guard(self, wire: Wire, conversation: Conversation | None = None) -> None:
        """Run one connection. This is the connection guard: whatever it raises, the others go on."""
        goes_on = stays = False
        try:
            with wire.live():
                if self._tls is not None:
                    await wire.secure(self._tls())
                if conversation is None:
                    await self._handle(wire)
                else:
                    goes_on = await conversation.go_on() and not wire.is_leaving
            if goes_on and conversation is not None and self._watch is not None:
                self._watch.add(wire, conversation)
                stays = True
            else:
                await wire.farewell(waits=not wire.life.cancelled_caught)
        except* trio.TooSlowError:
            self._tally.overdue += 1
        except* (trio.BrokenResourceError, trio.ClosedResourceError):
            self._tally.broken += 1
        except* Exception as group:  # noqa: BLE001 - one caller must never end the process
            self._note(group)
        finally:
            if not stays:
                self._forget(wire)

    def _forget(self, wire: Wire) -> None:
        self._wires.discard(wire)
        self._tally.open -= 1
        wire.cut()

    def _left(self, wire: Wire, error: Exception | None) -> None:
        """Let go a connection that is watched no more: its caller has hung up, or `error` was raised."""
        if isinstance(error, OSError):
            self._tally.broken += 1
        elif error is not None:
            self._note(ExceptionGroup("a connection that was watched", [error]))
        self._forget(wire)

    def _end(self, wire: Wire) -> None:
        """End a connection on which no request runs."""
        if self._watch is not None and self._watch.remove(wire):
            wire.part()
            self._forget(wire)
        else:
            wire.life.cancel()

    def _note(self, group: ExceptionGroup[Exception]) -> None:
        for error in _leaves(group):
            kind = type(error).__name__
            self._tally.guarded[kind] += 1
            # Callers can cause these at will: the first of a kind tells the story, the count tells the rest.
            if self._tally.guarded[kind] == 1:
                _log.warning("web.connection-failed", kind=kind, exc_info=error)

    async def _turn_away(self, stream: trio.SocketStream) -> None:
        try:
            with trio.move_on_after(_FAREWELL), suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await stream.send_all(_FULL)
                await stream.send_eof()
                while await stream.receive_some():
                    pass
        finally:
            self._farewells -= 1
            stream.socket.close()

    async def sweep(self) -> None:
        """End, about once a second, the connections whose callers are late or have nothing to ask."""
        while True:
            await trio.sleep(_SWEEP)
            now = trio.current_time()
            for wire in tuple(self._wires):
                if wire.has_begun(now, _SWEEP) and self._stirred(wire):
                    continue
                if wire.is_late(now, self._patience):
                    self._tally.overdue += 1
                    wire.cut()
                elif wire.is_stuck(now, self._patience):
                    self._tally.overdue += 1
                    wire.life.cancel()
                elif wire.is_idle(now, self._patience):
                    self._end(wire)

    def _stirred(self, wire: Wire) -> bool:
        """Have a task go on with a request of which a part has come; False where nobody watches the connection."""
        return self._watch is not None and self._watch.stir(wire)

    def let_go(self) -> None:
        """End the idle connections now, and the others with the request that runs on them."""
        for wire in tuple(self._wires):
            wire.let_go()
            if wire.is_leaving and not (wire.has_begun(trio.current_time(), 0.0) and self._stirred(wire)):
                self._end(wire)

    async def cut_when_cancelled(self) -> None:
        """Wait to be cancelled, then cut every connection: hypercorn shields its sends from cancellation."""
        try:
            await trio.sleep_forever()
        finally:
            for wire in tuple(self._wires):
                if self._watch is not None and self._watch.remove(wire):
                    self._forget(wire)
                else:
                    wire.cut()


def _others(listener: trio.abc.Listener[trio.SocketStream]) -> Iterator[trio.SocketStream]:
    """Give connections that wait beside one that was accepted: a turn of a busy loop for each would keep them long."""
    if not isinstance(listener, trio.SocketListener):
        return
    ours = socket.socket(fileno=listener.socket.fileno())
    try:
        for _ in range(_AT_ONCE):
            raw, _ = ours.accept()
            raw.settimeout(0)
            yield trio.SocketStream(trio.socket.from_stdlib_socket(raw))
    except OSError:
        return  # there is none, or whoever waits for the next meets it, too
    finally:
        ours.detach()


def _wire(stream: trio.SocketStream) -> Wire:
    """Give the wire of a connection, which knows its socket below trio's."""
    raw = socket.socket(fileno=stream.socket.detach())
    raw.settimeout(0)
    return Wire(trio.SocketStream(trio.socket.from_stdlib_socket(raw)), raw)


def _leaves(group: BaseExceptionGroup[Exception]) -> list[Exception]:
    leaves: list[Exception] = []
    for error in group.exceptions:
        leaves.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else (error,))
    return leaves
