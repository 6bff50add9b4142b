"""What the supervisor and a worker say to each other, over a pair of sockets that keeps each message whole.

The end of the pair is news, too: a worker whose supervisor has gone ends at once, as a daemon that is killed does.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
import trio
from msgspec import Struct

from runtime.clock import SECONDS

MOST = 8 * 1024  # bytes of a message: addresses are the longest


class Ready(Struct, frozen=True, tag="ready"):
    """Callers of the worker can connect, at these addresses."""

    addresses: tuple[str, ...]
    safe: bool = False


class Alive(Struct, frozen=True, tag="alive"):
    """The worker's loop has come round."""


class Reloaded(Struct, frozen=True, tag="reloaded"):
    """What stands in files has been read again."""


class Closed(Struct, frozen=True, tag="closed"):
    """The worker's doors are closed and its callers answered; it still serves what the others pass on."""


class Stop(Struct, frozen=True, tag="stop"):
    """Close the doors."""


class Finish(Struct, frozen=True, tag="finish"):
    """Nobody passes anything on any more: end."""


class Reload(Struct, frozen=True, tag="reload"):
    """Read again what stands in files."""


class Adopt(Struct, frozen=True, tag="adopt"):
    """Take the journal of that worker over: it cannot be started."""

    number: int


FromWorker = Ready | Alive | Reloaded | Closed
ToWorker = Stop | Finish | Reload | Adopt

_from_worker = msgspec.json.Decoder(FromWorker)
_to_worker = msgspec.json.Decoder(ToWorker)


def pair() -> tuple[socket.socket, socket.socket]:
    """Give the two ends: the supervisor's and the worker's."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def say(end: socket.socket, message: FromWorker | ToWorker) -> bool:
    """Send a message without waiting; False where the other end has gone or does not read."""
    try:
        end.send(msgspec.json.encode(message), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    except OSError:
        return False
    return True


def heard(end: socket.socket) -> FromWorker | None:
    """Give the next message of a worker that can be read; None when it has gone."""
    try:
        data = end.recv(MOST)
    except OSError:
        return None
    return _from_worker.decode(data) if data else None


class Control:
    """The worker's end. `stop` and `finish` are set when the supervisor says so, `adopt` takes numbers of journals."""

    def __init__(self, end: socket.socket, *, heartbeat: float | None) -> None:
        self.stop = trio.Event()
        self.finish = trio.Event()
        self._end = trio.socket.from_stdlib_socket(end)
        self._raw = end
        self._heartbeat = heartbeat
        self._scope = trio.CancelScope()

    def tell(self, message: FromWorker) -> None:
        """Tell the supervisor."""
        with suppress(OSError):
            say(self._raw, message)

    def end(self) -> None:
        """Follow no more."""
        self._scope.cancel()

    async def follow(self, reload: Callable[[], Awaitable[None]], adopt: Callable[[int], None]) -> None:
        """Do what the supervisor says, for ever."""
        with self._scope:
            await self._follow(reload, adopt)

    async def _follow(self, reload: Callable[[], Awaitable[None]], adopt: Callable[[int], None]) -> None:
        async with trio.open_nursery() as nursery:
            if self._heartbeat is not None:
                nursery.start_soon(self._beat, self._heartbeat, name="tell the supervisor that all is well")
            while True:
                data = await self._received()
                if not data:
                    os.kill(os.getpid(), signal.SIGKILL)
                match _to_worker.decode(data):
                    case Stop():
                        self.stop.set()
                    case Finish():
                        self.finish.set()
                    case Reload():
                        nursery.start_soon(self._reload, reload, name="reload")
                    case Adopt(number):
                        adopt(number)

    async def _received(self) -> bytes:
        try:
            return await self._end.recv(MOST)
        except OSError:
            return b""

    async def _reload(self, reload: Callable[[], Awaitable[None]]) -> None:
        await reload()
        self.tell(Reloaded())

    async def _beat(self, interval: float) -> None:
        while True:
            self.tell(Alive())
            await trio.sleep(min(interval, 5 * SECONDS))
