"""Connections between two requests: one task watches all of them, and has answered at once what can be answered so.

A task for each connection costs a caller its turn of the loop, which is dearer than many a request. So a connection is
here until a request on it has to wait for something; then a task goes on with it, and gives it back afterwards.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import trio
from msgspec import Struct

from runtime.web.later import Later
from runtime.web.wire import PIECE, Wire

if TYPE_CHECKING:
    from runtime.web.exchange import Alike, Answer

MOST = 64  # connections heard in a turn: at some 25 us each, all others of the process wait less than two milliseconds
# Connections heard before they are answered, one after the other. Each answer by itself would wake whoever reads it on
# another core, and who falls asleep again before the next: a fifth of a small request. More of them save no more, and
# the first waits longer.
ROW = 16


class Next(Enum):
    """What is to be done with a caller who cannot be answered at once, or needs nothing more."""

    MORE = "a part of a request has come"
    TASK = "a task has to go on"
    OVER = "there is nobody to talk to"


class Conversation(Protocol):
    """What is said over one wire, whose bytes somebody else reads while nothing has to be waited for."""

    def at_once(self, data: bytes, arrived: float) -> Next | Later | bytes:
        """Take in what has arrived at a time on trio's clock; give what is to be sent where that answers all of it.

        No data means that the caller has closed its half. An answer that comes later goes to `tell`; until then nothing
        more is read. Where more has to come a task goes on if that takes long.
        """
        ...

    def tell(self, answer: Answer | Alike, now: float) -> Next | bytes:
        """Take the answer that was to come later; give what `at_once` gives."""
        ...

    def left_over(self, rest: bytes, now: float) -> Next:
        """Take back what the socket did not take of what was to be sent."""
        ...

    async def go_on(self) -> bool:
        """Go on in a task of its own; True when the caller is between two requests, False when all has been said."""
        ...


@runtime_checkable
class Watched(Protocol):
    """Who speaks with callers, and can be asked at once."""

    async def __call__(self, wire: Wire) -> None:
        """Speak with a caller until either end closes."""
        ...

    def begin(self, wire: Wire) -> Conversation:
        """Begin with a new caller."""
        ...


class Seat(Struct):
    """A connection that is watched; `raw` is the socket of its wire, `place` the number by which the kernel knows it.

    `heard`: the kernel tells what comes. While an answer is awaited it does so until something comes, as hardly ever.
    """

    wire: Wire
    raw: socket.socket
    conversation: Conversation
    place: int
    heard: bool = True


class Watch:
    """The connections that are watched.

    `serve` goes on with a connection in a task. `left` is told of one that has ended here, since its caller has hung up
    or an error was raised; it must raise nothing.
    """

    def __init__(
        self,
        epoll: select.epoll,
        serve: Callable[[Wire, Conversation], Awaitable[None]],
        left: Callable[[Wire, Exception | None], None],
    ) -> None:
        self._epoll = epoll
        self._serve = serve
        self._left = left
        self._guests: trio.Nursery | None = None
        self._seats: dict[int, Seat] = {}
        self._awaited: dict[int, Seat] = {}  # the last in each place that waits for an answer
        self._awaiting = 0  # connections whose answer comes later
        self._settled = trio.Event()

    def add(self, wire: Wire, conversation: Conversation) -> None:
        """Watch a connection whose caller is between two requests, and whose wire is a bare socket.

        Raises:
            OSError: the kernel watches no more.
        """
        raw = wire.raw
        if raw is None:
            raise ValueError("what is encrypted cannot be watched")
        place = raw.fileno()
        self._epoll.register(place, select.EPOLLIN)
        self._seats[place] = Seat(wire, raw, conversation, place)

    def remove(self, wire: Wire) -> bool:
        """Watch a connection no more; False where it was not watched."""
        place = -1 if wire.raw is None else wire.raw.fileno()
        if self._seats.pop(place, None) is None:
            return False
        self._epoll.unregister(place)
        return True

    def stir(self, wire: Wire) -> bool:
        """Have a task go on with a connection; False where it is not watched."""
        seat = None if wire.raw is None else self._seats.get(wire.raw.fileno())
        if seat is None:
            return False
        self.remove(wire)
        self._go_on(seat, Next.TASK)
        return True

    async def run(self, guests: trio.Nursery) -> None:
        """Watch for ever; connections that need a task get it among `guests`."""
        self._guests = guests
        now = trio.lowlevel.current_clock().current_time
        poll = self._epoll.poll
        while True:
            await trio.lowlevel.wait_readable(self._epoll.fileno())
            heard = 0
            while heard < MOST and (ready := poll(0, ROW)):  # a turn of the loop is dear beside a request
                self._hear(ready, now())
                heard += len(ready)

    def _hear(self, ready: list[tuple[int, int]], now: float) -> None:
        """Hear those who have something to say, and answer them in a row.

        This is a connection guard: whatever one raises, the others go on.
        """
        answers: list[tuple[Seat, bytes]] = []
        for place, _ in ready:
            seat = self._seats.get(place)
            if seat is None:
                self._put_off(place)
                continue
            try:
                data = _received(seat.raw)
                if data is None:
                    continue
                told = seat.conversation.at_once(data, now)
            except Exception as error:  # noqa: BLE001 - one caller must never end the process
                self._let_go(seat, error)
                continue
            if isinstance(told, bytes):
                answers.append((seat, told))
            elif told is Next.MORE:
                seat.wire.head_began(now)
            elif isinstance(told, Later):
                self._awaited[place] = self._seats.pop(place)
                self._awaiting += 1
                told.then(partial(self._tell, seat))
            else:
                self.remove(seat.wire)
                self._go_on(seat, told)
        for seat, answer in answers:
            if (after := _sent(seat, answer, now)) is not None:
                self.remove(seat.wire)
                self._go_on(seat, after)

    def _put_off(self, place: int) -> None:
        """Hear what has come before an answer when that is sent: the kernel would tell of it all the time."""
        seat = self._awaited.get(place)
        if seat is not None:
            self._unheard(seat)

    def _unheard(self, seat: Seat) -> None:
        """Have the kernel tell nothing more of a connection; of a socket that was closed it does not."""
        if seat.heard and not self._epoll.closed and seat.raw.fileno() == seat.place:
            self._epoll.unregister(seat.place)
        seat.heard = False

    def _go_on(self, seat: Seat, after: Next) -> None:
        """Do what is to be done with a connection that is not watched now."""
        if after is Next.TASK and self._guests is not None:
            self._guests.start_soon(self._serve, seat.wire, seat.conversation, name="web: connection")
        else:
            self._left(seat.wire, None)

    def _tell(self, seat: Seat, answer: Answer | Alike) -> None:
        """Hand over an answer that has come; this, too, is a connection guard."""
        wire, place = seat.wire, seat.place
        if self._awaited.get(place) is seat:
            del self._awaited[place]
        self._awaiting -= 1
        if not self._awaiting:
            self._settled.set()
        try:
            now = trio.current_time()
            told = seat.conversation.tell(answer, now)
            after = _sent(seat, told, now) if isinstance(told, bytes) else told
            stays = after is None and not wire.is_leaving
            if not stays:
                self._unheard(seat)
            elif seat.heard:
                self._seats[place] = seat
            else:
                self.add(wire, seat.conversation)
        except Exception as error:  # noqa: BLE001 - one caller must never end the process
            self._left(wire, error)
            return
        if after is not None:
            self._go_on(seat, after)
        elif not stays:
            wire.part()
            self._left(wire, None)

    async def settled(self) -> None:
        """Wait until no connection waits for an answer that comes later."""
        while self._awaiting:
            self._settled = trio.Event()
            await self._settled.wait()

    def _let_go(self, seat: Seat, error: Exception | None) -> None:
        self.remove(seat.wire)
        self._left(seat.wire, error)


def _received(raw: socket.socket) -> bytes | None:
    """Give what has come, nothing at the end; None where there is nothing to read after all."""
    try:
        return raw.recv(PIECE)
    except BlockingIOError:
        return None


def _sent(seat: Seat, answer: bytes, now: float) -> Next | None:
    """Send an answer; give what is to be done where it could not be sent whole."""
    try:
        sent = seat.raw.send(answer)
    except BlockingIOError:
        sent = 0
    except OSError:
        return Next.OVER
    if sent < len(answer):
        return seat.conversation.left_over(answer[sent:], now)
    seat.wire.head_ended(now)
    return None


@contextmanager
def open_watch(
    serve: Callable[[Wire, Conversation], Awaitable[None]], left: Callable[[Wire, Exception | None], None]
) -> Iterator[Watch]:
    """Open a watch that nobody is in yet; to be run while the block lasts."""
    epoll = select.epoll()
    try:
        yield Watch(epoll, serve, left)
    finally:
        epoll.close()
