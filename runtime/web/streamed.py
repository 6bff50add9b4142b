"""Bodies that are read as they arrive, within limits of their own."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import trio
from msgspec import Struct

from runtime.clock import MINUTES, SECONDS
from runtime.errors import RequestError
from runtime.web.asgi import AsgiExchange, Hints, Message, Receive, Scope, Send
from runtime.web.body import TOO_LARGE, TOO_SLOW, declared_length, refuse_unread, too_large
from runtime.web.exchange import Answer, CallerGone, Request


class StreamLimits(Struct, frozen=True, kw_only=True):
    """How large such a body may be, in bytes; how long it, and a pause in it, may take, in seconds."""

    size: int = 2 * 1024**3
    time: float = 30 * MINUTES
    pause: float = 30 * SECONDS


class StreamedExchange(AsgiExchange):
    """An exchange whose body is read by its handler; one that is answered before the body's end is ended with it."""

    def __init__(
        self,
        request: Request,
        receive: Receive,
        send: Send,
        known: Hints,
        *,
        scope: Scope,
        limits: StreamLimits,
        oversize: int,
    ) -> None:
        """Take what AsgiExchange takes, and the status for a body beyond the limit of size."""
        super().__init__(request, receive, send, known)
        self._scope = scope
        self._limits = limits
        self._oversize = oversize
        self._whole = False

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the body as it arrives (see Exchange.pieces)."""
        limits, size = self._limits, 0
        if declared_length(self._scope) > limits.size:
            raise self._too_large()
        until = trio.current_time() + limits.time
        while not self._whole:
            message = await self._message(min(until, trio.current_time() + limits.pause))
            if message["type"] == "http.disconnect":
                raise CallerGone
            self._whole = not message.get("more_body", False)
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size > limits.size:
                raise self._too_large()
            if piece:
                yield piece

    async def _message(self, until: float) -> Message:
        with trio.move_on_at(until):
            return await self._receive()
        limits = self._limits
        text = f"The body did not arrive within {limits.time:g} s, or paused for {limits.pause:g} s."
        raise RequestError(TOO_SLOW, text, status=408)

    async def answer(self, answer: Answer) -> None:
        """Send `answer` (see Exchange.answer)."""
        if self._whole:
            await super().answer(answer)
            return
        self.begin()
        try:
            await refuse_unread(self._scope, self._receive, self._send, answer)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError) as error:
            raise CallerGone from error

    def _too_large(self) -> RequestError:
        return RequestError(TOO_LARGE, too_large(self._limits.size).message, status=self._oversize)
