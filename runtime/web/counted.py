"""An exchange whose answer is counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import trio

from runtime.observe.metrics import Counter, Family, Histogram
from runtime.web.exchange import Answer, Exchange, Headers, Request


class Counted:
    """Counts an answer by its status, under the name of a route, and times it from the arrival of the request."""

    def __init__(self, exchange: Exchange, route: str, requests: Family[Counter], seconds: Histogram) -> None:
        self._exchange = exchange
        self._route = route
        self._requests = requests
        self._seconds = seconds

    @property
    def request(self) -> Request:
        """The request, wholly read."""
        return self._exchange.request

    @property
    def answered(self) -> bool:
        """Whether an answer has been begun."""
        return self._exchange.answered

    def pieces(self) -> AsyncGenerator[bytes]:
        """Give the body piece by piece (see Exchange.pieces)."""
        return self._exchange.pieces()

    async def answer(self, answer: Answer) -> None:
        """Send `answer` and count it; a caller may close its connection as soon as it has all; that ends this."""
        try:
            await self._exchange.answer(answer)
        finally:
            if self._exchange.answered:
                self._requests.of(self._route, str(answer.status)).inc()
                self._seconds.observe(trio.current_time() - self._exchange.request.arrived)

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Answer piece by piece (see Exchange.stream)."""
        await self._exchange.stream(headers, pieces)

    async def wait_gone(self) -> None:
        """Return when the caller leaves before its answer is complete."""
        await self._exchange.wait_gone()
