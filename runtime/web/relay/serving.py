"""The owner's end: requests that other workers pass on, served by the doors of this one."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec
import trio

from runtime.errors import RequestError
from runtime.observe.log import logger
from runtime.web.exchange import Answer, CallerGone, Headers, Request
from runtime.web.front import Front, run_handler
from runtime.web.relay.frames import Ask, Channel, End, Piece, Taken, Told, request_of

_GONE = (trio.BrokenResourceError, trio.ClosedResourceError)
_CUT = "The body did not arrive"  # who reads this has passed on the reason already

_log = logger("nuclide.web")


class RelayedExchange:
    """An Exchange whose caller is connected to another worker."""

    def __init__(self, request: Request, channel: Channel, *, streamed: bool) -> None:
        self._request = request
        self._channel = channel
        self._reading = trio.Lock()
        self._whole = not streamed
        self._answered = False
        self._taken = False
        self._gone = False

    @property
    def request(self) -> Request:
        """The request, wholly read unless its route reads the body as it arrives."""
        return self._request

    @property
    def answered(self) -> bool:
        """Whether an answer has been begun: from then on no other can be sent."""
        return self._answered

    @property
    def is_over(self) -> bool:
        """Whether the caller has its answer, and the connection may serve another."""
        return self._taken and self._whole

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the body (see Exchange.pieces)."""
        if self._whole:
            yield self._request.body
            return
        while True:
            frame = await self._channel.receive()
            match frame:
                case Piece(data):
                    yield data
                case End(whole=True):
                    self._whole = True
                    return
                case End():
                    raise RequestError("web.relayed-body", _CUT)
                case _:
                    self._gone = True
                    raise CallerGone

    async def answer(self, answer: Answer) -> None:
        """Send `answer`; return when the other worker has handed it to the transport (see Exchange.answer)."""
        if self._answered:
            raise RuntimeError("a request is answered once")
        if self._gone:
            raise CallerGone
        self._answered = True
        try:
            await self._channel.send(Told(answer.status, answer.body, answer.headers))
        except _GONE as error:
            self._gone = True
            raise CallerGone from error
        await self._settled()
        if self._gone:
            raise CallerGone

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Refuse: what goes on without an end is not passed on."""
        raise RuntimeError("an answer that is sent piece by piece is not passed on")

    async def wait_gone(self) -> None:
        """Wait for the caller to leave (see Exchange.wait_gone)."""
        await self._settled()
        if not self._gone:
            await trio.sleep_forever()

    async def _settled(self) -> None:
        """Return when the caller has its answer or has gone; pieces of a body that nobody reads are left out."""
        async with self._reading:
            while not (self._taken or self._gone):
                frame = await self._channel.receive()
                if isinstance(frame, Taken):
                    self._taken = True
                elif isinstance(frame, End):
                    self._whole = True
                elif not isinstance(frame, Piece):
                    self._gone = True


async def serve_relay(
    listener: trio.SocketListener, front: Front, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve what other workers pass on, until cancelled; `front` has the routes."""
    async with trio.open_nursery() as nursery:
        task_status.started()
        while True:
            stream = await listener.accept()
            nursery.start_soon(_guard, stream, front, name="web: a worker's connection")


async def _guard(stream: trio.SocketStream, front: Front) -> None:
    """Serve one connection; whatever goes wrong on it ends it alone."""
    channel = Channel(stream)
    try:
        while await _one(channel, front):
            pass
    except msgspec.MsgspecError as error:
        _log.warning("web.relay-failed", kind=type(error).__name__, error=str(error))
    finally:
        channel.close()


async def _one(channel: Channel, front: Front) -> bool:
    """Serve one request; tell whether another may follow."""
    ask = await channel.receive()
    if not isinstance(ask, Ask):
        return False
    route = front.route(ask.path)
    exchange = RelayedExchange(request_of(ask), channel, streamed=ask.streamed)
    if route is None:
        return False
    await run_handler(route, exchange)
    return exchange.is_over
