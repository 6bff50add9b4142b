"""The sender: takes due callbacks from the journal, sends them, and writes down what came of it.

A callback stays in the journal until its acknowledgement is committed, so a crash repeats it at worst. One that is
under way is left out of the next look, and holds back the later ones of its execution.
"""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from math import inf
from typing import TYPE_CHECKING

import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.errors import StoreError
from runtime.model.journal import Acknowledged, CallbackRow, Dead, Postpone
from runtime.observe.log import context, logger
from runtime.outbox.circuit import Circuits
from runtime.outbox.decide import after, before
from runtime.outbox.message import Response, Send, Undelivered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from runtime.clock import Clock
    from runtime.settings import Callbacks
    from runtime.store.protocols import Journal

LOOK_EVERY = 1 * SECONDS  # the least often the journal is looked at: bounds the delay when nobody woke the sender
STORE_RETRY = 1 * SECONDS  # a disk that has refused gets this long before it is asked again
GRACE = 5 * SECONDS  # at a stop, for deliveries that are under way; what is cut off is sent again after the start

SERVER_ERRORS = 500  # statuses from here on say that the host itself is in trouble
OUTCOMES = {Acknowledged: "accepted", Postpone: "postponed", Dead: "dead"}

_log = logger(__name__)


class OutboxStatistics(Struct, frozen=True):
    """Figures for metrics: callbacks being sent now, what became of the attempts so far, and hosts left alone."""

    sending: int
    accepted: int
    postponed: int
    dead: int
    left_alone: int = 0


class Outbox:
    """Sends callbacks; made by `open_outbox`. `count` is told what became of each attempt."""

    def __init__(
        self, journal: Journal, send: Send, settings: Callbacks, clock: Clock, count: Callable[[str], None]
    ) -> None:
        self._journal = journal
        self._send = send
        self._settings = settings
        self._clock = clock
        self._count = count
        self._circuits = Circuits(settings.longest_retry)
        self._sending: dict[int, CallbackRow] = {}
        self._woken = trio.Event()
        self._alarm = inf  # when the next callback is due that we have put off ourselves; seconds since the epoch
        self._stopping = False
        self._counts: dict[type[Acknowledged | Postpone | Dead], int] = {Acknowledged: 0, Postpone: 0, Dead: 0}

    def wake(self) -> None:
        """Look for due callbacks now: one was released or added."""
        self._woken.set()

    def statistics(self) -> OutboxStatistics:
        """Give figures for metrics."""
        counts = self._counts
        return OutboxStatistics(
            len(self._sending), counts[Acknowledged], counts[Postpone], counts[Dead], len(self._circuits)
        )

    async def run(self) -> None:
        """Send what is due, until stopped and what is under way has ended."""
        async with trio.open_nursery() as deliveries:
            while not self._stopping:
                self._woken = trio.Event()
                for row in await self._due():
                    if not self._may_send(row):
                        continue
                    self._sending[row.id] = row
                    deliveries.start_soon(self._deliver, row, name=f"callback {row.id} of {row.execution}")
                await self._rest()

    def stop(self) -> None:
        """Begin no more deliveries."""
        self._stopping = True
        self.wake()

    async def _due(self) -> list[CallbackRow]:
        room = self._settings.at_once - len(self._sending)
        if room <= 0:
            return []
        try:
            return await self._journal.callbacks_due(
                self._clock.now(),
                room,
                per_host=self._settings.per_host,
                sending=self._sending.values(),
                without=self._circuits.left_alone(self._clock.now()),
            )
        except StoreError as error:
            _log.warning("due callbacks cannot be read", error=str(error))
            return []

    def _may_send(self, row: CallbackRow) -> bool:
        """Whether a callback is sent now: of those to a host that has not answered lately one alone, to find out."""
        now = self._clock.now()
        if row.expires_at <= now or not self._circuits.is_probe(row.host):
            return True
        if row.host in self._circuits.left_alone(now):
            return False
        self._circuits.begin(row.host, now)
        return True

    def _heed(self, host: str, answer: Response | Undelivered) -> None:
        """Learn from an answer whether its host is there."""
        if isinstance(answer, Response) and answer.status < SERVER_ERRORS:
            if self._circuits.answered(host):
                _log.info("host answers again", host=host)
        elif self._circuits.failed(host, self._clock.now()):
            reason = f"it answered {answer.status}" if isinstance(answer, Response) else answer.message
            _log.warning("host is left alone for a while: it has not answered", host=host, reason=reason)

    async def _rest(self) -> None:
        """Wait until there may be something to do."""
        left = self._alarm - self._clock.now()
        if left <= 0:
            self._alarm = inf
        with trio.move_on_after(min(LOOK_EVERY, max(left, 0))):
            await self._woken.wait()

    async def _deliver(self, row: CallbackRow) -> None:
        try:
            with context(execution=row.execution):
                await self._note(row, await self._attempt(row))
        finally:
            del self._sending[row.id]
            self.wake()

    async def _attempt(self, row: CallbackRow) -> Acknowledged | Postpone | Dead:
        request = before(row, self._settings, self._clock.now())
        if isinstance(request, Dead):
            return request
        answer: Response | Undelivered = Undelivered(f"no answer within {self._settings.timeout:g} s")
        with trio.move_on_after(self._settings.timeout):
            try:
                answer = await self._send(request)
            except Undelivered as error:
                answer = error
        self._heed(row.host, answer)
        return after(row, answer, self._settings, self._clock.now(), random.random())

    async def _note(self, row: CallbackRow, operation: Acknowledged | Postpone | Dead) -> None:
        """Write down what came of an attempt; until that succeeds, the callback is not sent again.

        What the other side has accepted is written even while we are stopped: or it would get it twice.
        """
        await self._commit(operation)
        self._counts[type(operation)] += 1
        self._count(OUTCOMES[type(operation)])
        attempt = row.attempts + 1
        match operation:
            case Acknowledged():
                _log.info("callback accepted", host=row.host, attempt=attempt)
            case Postpone(due=due, error=reason):
                self._alarm = min(self._alarm, due)
                pause = round(due - self._clock.now(), 1)
                _log.info("callback postponed", host=row.host, attempt=attempt, reason=reason, seconds=pause)
            case Dead(error=reason):
                _log.warning("callback is a dead letter", host=row.host, number=row.number, reason=reason)

    async def _commit(self, operation: Acknowledged | Postpone | Dead) -> None:
        while True:
            try:
                with trio.CancelScope(shield=True):  # as long as one commit takes
                    return await self._journal.commit([operation])
            except StoreError as error:
                _log.warning("the outcome of a callback cannot be written yet", error=str(error))
            await trio.sleep(STORE_RETRY)


@asynccontextmanager
async def open_outbox(
    journal: Journal, send: Send, settings: Callbacks, clock: Clock, count: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Outbox]:
    """Send callbacks while the block runs; deliveries under way at its end get a few seconds of grace.

    Open it inside the store and outside whatever adds callbacks.
    """
    async with trio.open_nursery() as nursery:
        outbox = Outbox(journal, send, settings, clock, count)
        nursery.start_soon(outbox.run, name="outbox")
        try:
            yield outbox
        finally:
            outbox.stop()
            nursery.cancel_scope.deadline = min(nursery.cancel_scope.deadline, trio.current_time() + GRACE)
