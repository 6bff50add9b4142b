"""The asker's end: a request is passed on to the worker that it belongs to, and its answer to the caller.

While that worker is being replaced a caller waits for it, up to a limit. A request that may be repeated is passed on
again when the worker dies with it: its token begins once. Of any other nobody knows then what became of it, and its
caller is told so.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec
import trio

from runtime.clock import SECONDS
from runtime.errors import RequestError, Unavailable
from runtime.web.exchange import Answer, CallerGone, Exchange, Request
from runtime.web.problem import Refusal
from runtime.web.relay.frames import Ask, Channel, End, Piece, Taken, Told, answer_of, ask_of

PATIENCE: Final = 10 * SECONDS  # for a worker that is being replaced: several starts, well below a caller's patience
PAUSE: Final = 0.02 * SECONDS  # between two tries to reach it
PROMPT: Final = 0.05 * SECONDS  # an answer that takes no longer costs no task that watches the caller
IDLE: Final = 128  # connections kept for the next requests
AWAY: Final = "web.worker-away"
_GONE = (trio.BrokenResourceError, trio.ClosedResourceError)
_NOBODY = frozenset({errno.ENOENT, errno.ECONNREFUSED, errno.EAGAIN})
_REPLACED = "The worker that serves this call is being replaced; nothing was begun, so it may be repeated."
_UNKNOWN = "The worker that served this call has died; whether the call was carried out is not known."


class Peer:
    """One other worker, at its Unix socket. `patience` is for how many seconds a caller waits for it."""

    def __init__(self, path: Path, number: int, *, patience: float = PATIENCE) -> None:
        self._path = path
        self._number = number
        self._patience = patience
        self._idle: list[tuple[trio.SocketStream, Channel]] = []

    def close(self) -> None:
        """End the connections that nobody uses; there may be new ones all the same."""
        while self._idle:
            self._idle.pop()[1].close()

    async def ask(self, request: Request, *, patience: float | None = None) -> Answer:
        """Ask for something of the worker itself, and give its answer.

        Raises:
            Unavailable: nobody answers there.
        """
        until = trio.current_time() + (self._patience if patience is None else patience)
        while True:
            stream, channel = await self._connected(until)
            told = await self._told(stream, channel, ask_of(request))
            if told is not None:
                return answer_of(told)
            if trio.current_time() >= until:
                raise self._away()
            await trio.sleep(PAUSE)

    async def pass_on(self, exchange: Exchange, refusal: Refusal, *, repeatable: bool, streamed: bool = False) -> None:
        """Have a request answered by the worker.

        Raises CallerGone when the caller has left.
        """
        path, until = exchange.request.path, trio.current_time() + self._patience
        while True:
            try:
                stream, channel = await self._connected(until)
            except Unavailable:
                await exchange.answer(_later(refusal(503, path, _REPLACED)))
                return
            try:
                if await self._passed(exchange, stream, channel, streamed=streamed):
                    return
            except RequestError as error:  # the body did not arrive, or is too large
                await exchange.answer(refusal(error.status, path, error.message))
                return
            if not repeatable:
                await exchange.answer(refusal(502, path, _UNKNOWN))
                return
            await trio.sleep(PAUSE)

    async def _passed(self, exchange: Exchange, stream: trio.SocketStream, channel: Channel, *, streamed: bool) -> bool:
        """Pass a request on; False when the worker has gone without an answer."""
        whole = False
        try:
            try:
                await channel.send(ask_of(exchange.request, streamed=streamed))
                if streamed:
                    await _send_body(channel, exchange)
            except _GONE:
                return False
            told = await _answered(channel, exchange)
            if told is None:
                return False
            await exchange.answer(answer_of(told))
            await _tell(channel)
            whole = True
        finally:
            self._keep(stream, channel, whole=whole)
        return True

    async def _told(self, stream: trio.SocketStream, channel: Channel, ask: Ask) -> Told | None:
        whole = False
        try:
            await channel.send(ask)
            told = await channel.receive()
            await _tell(channel)
            whole = isinstance(told, Told)
        except _GONE:
            return None
        finally:
            self._keep(stream, channel, whole=whole)
        return told if isinstance(told, Told) else None

    def _keep(self, stream: trio.SocketStream, channel: Channel, *, whole: bool) -> None:
        if whole and len(self._idle) < IDLE:
            self._idle.append((stream, channel))
        else:
            channel.close()

    async def _connected(self, until: float) -> tuple[trio.SocketStream, Channel]:
        while self._idle:
            stream, channel = self._idle.pop()
            if _is_open(stream):
                return stream, channel
            channel.close()
        while True:
            try:
                stream = await _connect(self._path)
            except OSError as error:
                if error.errno not in _NOBODY or trio.current_time() >= until:
                    raise self._away() from error
                await trio.sleep(PAUSE)
            else:
                return stream, Channel(stream)

    def _away(self) -> Unavailable:
        return Unavailable(AWAY, f"worker {self._number} is being replaced; ask again in a moment")


async def _connect(path: Path) -> trio.SocketStream:
    sock = trio.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        await sock.connect(str(path))
    except BaseException:
        sock.close()
        raise
    return trio.SocketStream(sock)


def _is_open(stream: trio.SocketStream) -> bool:
    """Tell, without waiting, whether the other end of an idle connection is still there."""
    try:
        with socket.socket(fileno=stream.socket.fileno()) as raw:
            try:
                raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            finally:
                raw.detach()
    except OSError:
        return False
    return False  # an end, or bytes that nobody has asked for


async def _answered(channel: Channel, exchange: Exchange) -> Told | None:
    """Wait for the answer, and for the caller's leaving; raises CallerGone for that."""
    with trio.move_on_after(PROMPT):
        frame = await channel.receive()
        return frame if isinstance(frame, Told) else None
    frame = None
    gone = False

    async def watch(scope: trio.CancelScope) -> None:
        nonlocal gone
        await exchange.wait_gone()
        gone = True
        scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch, nursery.cancel_scope, name="watch for the caller's leaving")
        frame = await channel.receive()
        nursery.cancel_scope.cancel()
    if isinstance(frame, Told):
        return frame
    if gone:
        raise CallerGone
    return None


async def _send_body(channel: Channel, exchange: Exchange) -> None:
    """Send a body as it arrives; where that fails the worker is told, and the caller by what is raised."""
    try:
        async with aclosing(_pieces(exchange)) as pieces:
            async for piece in pieces:
                await channel.send(Piece(piece))
    except RequestError:
        await channel.send(End(whole=False))
        raise
    await channel.send(End())


async def _pieces(exchange: Exchange) -> AsyncGenerator[bytes]:
    async with aclosing(exchange.pieces()) as pieces:
        async for piece in pieces:
            yield piece


async def _tell(channel: Channel) -> None:
    """Tell the worker that the caller has its answer; that it has died since is its successor's affair."""
    try:
        await channel.send(Taken())
    except _GONE:
        channel.close()


def _later(answer: Answer) -> Answer:
    return Answer(status=answer.status, body=answer.body, headers=(*answer.headers, (b"retry-after", b"1")))


def request(method: str, path: str, *, query: str = "", body: object = None) -> Request:
    """Make a request of one worker to another."""
    return Request(
        method=method,
        path=path,
        query=query.encode(),
        headers=(),
        body=b"" if body is None else msgspec.json.encode(body),
        client=None,
        arrived=trio.current_time(),
    )
