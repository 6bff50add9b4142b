"""An exchange whose answer is counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import trio

from runtime.observe.meters import Meter
from runtime.web.exchange import Answer, Exchange, Headers


class Counted:
    """Counts an answer by its status, and times it from the arrival of the request."""

    __slots__ = ("_exchange", "_meter", "request")

    def __init__(self, exchange: Exchange, meter: Meter) -> None:
        self.request = exchange.request
        self._exchange = exchange
        self._meter = meter

    @property
    def answered(self) -> bool:
        """Whether an answer has been begun."""
        return self._exchange.answered

    def pieces(self) -> AsyncGenerator[bytes]:
        """Give the body piece by piece (see Exchange.pieces)."""
        return self._exchange.pieces()

    async def answer(self, answer: Answer) -> None:
        """Send `answer` and count it; a caller may close its connection as soon as it has all; that ends this."""
        exchange = self._exchange
        try:
            await exchange.answer(answer)
        finally:
            if exchange.answered:
                self._meter.note(answer.status, trio.current_time() - self.request.arrived)

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Answer piece by piece (see Exchange.stream)."""
        await self._exchange.stream(headers, pieces)

    async def wait_gone(self) -> None:
        """Return when the caller leaves before its answer is complete."""
        await self._exchange.wait_gone()
