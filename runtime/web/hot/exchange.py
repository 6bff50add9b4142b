"""An exchange whose request was read, and whose answer is sent, by the connection's own task."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import trio

from runtime.web.exchange import Answer, CallerGone, Headers, Request, WholeExchange
from runtime.web.hot.parsing import Reader
from runtime.web.hot.writing import LAST_CHUNK, Writer, chunk
from runtime.web.wire import PIECE, Wire

_GONE = (trio.BrokenResourceError, trio.ClosedResourceError)


class HotExchange(WholeExchange):
    """An Exchange over a wire. `keeps` tells whether another request may follow on it."""

    __slots__ = ("_complete", "_reader", "_watch", "_wire", "_writer", "keeps")

    def __init__(self, request: Request, wire: Wire, reader: Reader, writer: Writer, *, keeps: bool) -> None:
        self.request = request  # as the parent does: a call less for every request
        self.answered = False
        self.keeps = keeps
        self._wire = wire
        self._reader = reader
        self._writer = writer
        self._watch: trio.Lock | None = None
        self._complete = False

    async def answer(self, answer: Answer) -> None:
        """Send `answer` (see Exchange.answer)."""
        wire = self._wire
        self._begin()
        data = self._writer.answer(answer, keeps=self.keeps, bodiless=self.request.method == "HEAD")
        try:
            sent = wire.send_now(data)
            if sent < len(data):
                await wire.send_all(data[sent:])
        except _GONE as error:
            raise CallerGone from error
        self._complete = True
        if wire.hung_up:
            raise CallerGone

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Send a body piece by piece (see Exchange.stream)."""
        self._begin()
        bodiless = self.request.method == "HEAD"
        try:
            await self._wire.send_all(self._writer.opening(headers, keeps=self.keeps))
            async with aclosing(pieces):
                async for piece in pieces:
                    if self._has_left():
                        raise CallerGone
                    if piece and not bodiless:
                        await self._wire.send_all(chunk(piece))
            if not bodiless:
                await self._wire.send_all(LAST_CHUNK)
        except _GONE as error:
            raise CallerGone from error
        self._complete = True

    async def wait_gone(self) -> None:
        """Wait for the caller to leave (see Exchange.wait_gone).

        What it sends meanwhile is kept for the next request; beyond a piece of it nobody looks for its leaving.
        """
        if self._watch is None:
            self._watch = trio.Lock()
        async with self._watch:
            while not (self._wire.hung_up or self._complete or self._reader.waiting > PIECE):
                try:
                    self._reader.feed(await self._wire.receive_some())
                except _GONE:
                    break
        if self._complete or not self._wire.hung_up:
            await trio.sleep_forever()

    def _has_left(self) -> bool:
        return self._wire.look()

    def _begin(self) -> None:
        if not self.answered and self._wire.hung_up:
            raise CallerGone
        self.begin()
