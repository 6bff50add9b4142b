"""The other side of callbacks: it answers as told, and remembers what came when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import trio

from runtime.flow.callbacks import CallbackRequest
from runtime.model.journal import CallbackState
from runtime.outbox.message import Response, Undelivered
from runtime.store.memory import MemoryJournal

ACCEPTED = Response(200, b'"SUCCESS"')


class Flow:
    """The other side: it answers as told, and remembers what came when."""

    def __init__(self, answer: Callable[[CallbackRequest], Response | Undelivered] = lambda _: ACCEPTED) -> None:
        self.answer = answer
        self.seen: list[tuple[float, bytes]] = []
        self.gates: dict[bytes, trio.Event] = {}
        self.at_once: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()

    async def send(self, request: CallbackRequest) -> Response:
        """Take a callback."""
        host = request.url.split("/")[2]
        self.seen.append((trio.current_time(), request.body))
        for name in (host, "all"):
            self.at_once[name] += 1
            self.most_at_once[name] = max(self.most_at_once[name], self.at_once[name])
        try:
            await trio.lowlevel.checkpoint()
            if request.body in self.gates:
                await self.gates[request.body].wait()
        finally:
            self.at_once.subtract([host, "all"])
        answer = self.answer(request)
        if isinstance(answer, Undelivered):
            raise answer
        return answer

    @property
    def bodies(self) -> list[bytes]:
        """What came, in order."""
        return [body for _, body in self.seen]


def answers(*given: Response | Undelivered) -> Callable[[CallbackRequest], Response | Undelivered]:
    """Answer with each in turn."""
    left = list(given)
    return lambda _: left.pop(0)


async def empty(journal: MemoryJournal) -> None:
    """Wait until no callback is left to send."""
    while any(row.state == CallbackState.DUE for row in await journal.callbacks()):  # noqa: ASYNC110 - virtual time
        await trio.sleep(0.01)
