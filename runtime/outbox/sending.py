"""The sender: takes due callbacks from the journal, sends them, and has written down what came of it.

A callback stays in the journal until its acknowledgement is committed, so a crash repeats it at worst. One that is
under way, or whose outcome is not on the disk, is left out of the next look, and holds back the later ones of its
execution.

A look at the journal costs more than an exchange over a connection that is open, so it brings more than there are
places. What waits here meanwhile is asked for again before it is sent: somebody may have withdrawn it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from contextlib import asynccontextmanager
from itertools import chain, islice
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
from runtime.outbox.notes import Note, Notes, Outcome
from runtime.outbox.rooms import Rooms
from runtime.store.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runtime.clock import Clock
    from runtime.settings import Callbacks
    from runtime.store.protocols import Journal

LOOK_EVERY = 1 * SECONDS  # the least often the journal is looked at: bounds the delay when nobody woke the sender
GRACE = 5 * SECONDS  # at a stop, for deliveries that are under way; what is cut off is sent again after the start
AHEAD = 64  # callbacks that a look brings beyond the places there are
MOST_AHEAD = 2 * AHEAD
GATHER = 0.01  # seconds from one look to the next while callbacks are under way

SERVER_ERRORS = 500  # statuses from here on say that the host itself is in trouble
OUTCOMES = {Acknowledged: "accepted", Postpone: "postponed", Dead: "dead"}

_log = logger(__name__)


class OutboxStatistics(Struct, frozen=True):
    """Figures for metrics: callbacks under way or not yet noted, what attempts came to so far, and hosts left alone."""

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
        self._rooms = Rooms(settings.per_host)
        self._notes = Notes(journal, self._noted, enough=max(1, settings.at_once // 2))
        self._held: dict[int, CallbackRow] = {}  # under way, or its outcome is not on the disk
        self._ahead: dict[str, deque[CallbackRow]] = {}  # by host: brought by looks, and not sent yet
        self._withdrawals = journal.withdrawals()  # before the first of them was looked up
        self._cut_short = False  # the last look may have left something due
        self._full: set[str] = set()  # hosts that the last look left out, as they had no place left
        self._worth_a_look = True
        self._looked = self._expired_looked = -inf  # on trio's clock
        self._woken = trio.Event()
        self._alarm = inf  # when the next callback is due that we have put off ourselves; seconds since the epoch
        self._stopping = False
        self._counts: dict[type[Outcome], int] = {Acknowledged: 0, Postpone: 0, Dead: 0}

    def wake(self) -> None:
        """Look for due callbacks now: one was released or added."""
        self._worth_a_look = True
        self._woken.set()

    def statistics(self) -> OutboxStatistics:
        """Give figures for metrics."""
        counts = self._counts
        return OutboxStatistics(
            len(self._held), counts[Acknowledged], counts[Postpone], counts[Dead], len(self._circuits)
        )

    async def run(self) -> None:
        """Send what is due, until stopped and what is under way has ended."""
        async with trio.open_nursery() as noting:
            noting.start_soon(self._notes.run, name="outcomes of callbacks")
            try:
                async with trio.open_nursery() as deliveries:
                    while not self._stopping:
                        self._woken = trio.Event()
                        await self._begin(deliveries)
                        await self._rest()
            finally:
                self._notes.close()

    def stop(self) -> None:
        """Begin no more deliveries."""
        self._stopping = True
        self.wake()

    async def _begin(self, deliveries: trio.Nursery) -> None:
        """Begin deliveries while there are places, and callbacks that may take them."""
        while not self._stopping:
            rows = await self._still_due(self._take())
            if not rows:
                if self._look_in() > 0:
                    return
                self._worth_a_look = False
                self._lay_by(await self._due())
                self._rooms.forget(but=self._ahead)  # nothing is due to them
                rows = self._take()
            for row in rows:
                deliveries.start_soon(self._deliver, row, name=f"callback {row.id} of {row.execution}")

    def _room(self) -> int:
        """Give how many may be begun. What is not on the disk counts as what is under way: a crash repeats both."""
        return self._settings.at_once - len(self._held)

    def _look_in(self) -> float:
        """Give the seconds until the next look: while others are under way, many reasons for one become one."""
        if not self._worth_a_look or self._room() <= 0:
            return inf
        if not self._held or (self._cut_short and not self._ahead):
            return 0.0
        return self._looked + GATHER - trio.current_time()

    def _lay_by(self, rows: list[CallbackRow]) -> None:
        for row in rows:
            self._ahead.setdefault(row.host, deque()).append(row)

    def _take(self) -> list[CallbackRow]:
        """Give the places there are to what was brought ahead, hosts in turn."""
        open_to = {host: left for host in self._ahead if (left := self._rooms.left(host)) > 0}
        if not open_to or self._room() <= 0:
            return []
        waiting = {host: list(islice(self._ahead[host], left)) for host, left in open_to.items()}
        taken: list[CallbackRow] = []
        for row in in_turn(waiting, self._rooms.under_way, _when_due):
            if self._room() <= 0:
                break
            kept = self._ahead[row.host]
            kept.popleft()
            if not kept:
                del self._ahead[row.host]
            if self._may_send(row):
                self._held[row.id] = row
                self._rooms.begin(row.host)
                taken.append(row)
        return taken

    async def _still_due(self, rows: list[CallbackRow]) -> list[CallbackRow]:
        """Give those that nobody has withdrawn since they were looked up."""
        if not rows or self._journal.withdrawals() == self._withdrawals:
            return rows
        try:
            due = await self._journal.still_due([row.id for row in rows])
        except StoreError as error:
            _log.warning("due callbacks cannot be read", error=str(error))
            due = set()  # they are looked up again
        for row in rows:
            if row.id not in due:
                del self._held[row.id]
                self._rooms.end(row.host)
        return [row for row in rows if row.id in due]

    async def _due(self) -> list[CallbackRow]:
        """Look up what is due to hosts with places left, beside what lies here."""
        now, self._looked = self._clock.now(), trio.current_time()
        if sum(map(len, self._ahead.values())) > MOST_AHEAD:
            self._ahead.clear()  # for hosts that are slow: it is looked up again when they have places
        if not self._ahead:
            self._withdrawals = self._journal.withdrawals()
        self._full = {host for host in self._rooms.under_way if self._rooms.left(host) <= 0}
        alone = self._circuits.left_alone(now)
        full = self._full
        if self._looked < self._expired_looked + LOOK_EVERY:
            full = full | alone  # what has expired to a host that is left alone can wait, and is looked for among much
        else:
            self._expired_looked = self._looked
        here = [*self._held.values(), *chain.from_iterable(self._ahead.values())]
        try:
            rows = await self._journal.callbacks_due(
                now,
                self._room() + AHEAD,
                per_host=len(here) + AHEAD,
                sending=here,
                without=alone,
                full=full,
            )
        except StoreError as error:
            _log.warning("due callbacks cannot be read", error=str(error))
            return []
        self._cut_short = len(rows) >= AHEAD
        return rows

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
            self._rooms.answered(host)
            if self._circuits.answered(host):
                _log.info("host answers again", host=host)
            return
        self._rooms.failed(host)
        if self._circuits.failed(host, self._clock.now()):
            reason = f"it answered {answer.status}" if isinstance(answer, Response) else answer.message
            _log.warning("host is left alone for a while: it has not answered", host=host, reason=reason)

    async def _rest(self) -> None:
        """Wait until there may be something to do."""
        left = self._alarm - self._clock.now()
        if left <= 0:
            self._alarm = inf
        until_look = min(LOOK_EVERY, max(left, 0))
        with trio.move_on_after(min(until_look, max(self._look_in(), 0))) as waited:
            await self._woken.wait()
        if waited.cancelled_caught:
            self._worth_a_look = True

    async def _deliver(self, row: CallbackRow) -> None:
        outcome: Outcome | None = None
        try:
            with context(execution=row.execution):
                outcome = await self._attempt(row)
        finally:
            self._rooms.end(row.host)
            if outcome is None:
                del self._held[row.id]
            else:
                self._notes.add(Note(row, outcome))
            self._worth_a_look = self._worth_a_look or self._cut_short or row.host in self._full
            self._woken.set()

    async def _attempt(self, row: CallbackRow) -> Outcome:
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

    def _noted(self, note: Note) -> None:
        """Tell of an outcome that is on the disk; it may let the next callback of its execution go."""
        row, outcome = note.row, note.outcome
        del self._held[row.id]
        self._counts[type(outcome)] += 1
        self._count(OUTCOMES[type(outcome)])
        with context(execution=row.execution):
            self._tell(row, outcome)
        self.wake()

    def _tell(self, row: CallbackRow, outcome: Outcome) -> None:
        attempt = row.attempts + 1
        match outcome:
            case Acknowledged():
                _log.info("callback accepted", host=row.host, attempt=attempt)
            case Postpone(due=due, error=reason):
                self._alarm = min(self._alarm, due)
                pause = round(due - self._clock.now(), 1)
                _log.info("callback postponed", host=row.host, attempt=attempt, reason=reason, seconds=pause)
            case Dead(error=reason):
                _log.warning("callback is a dead letter", host=row.host, number=row.number, reason=reason)


def _when_due(row: CallbackRow) -> tuple[float, int]:
    return row.due, row.id


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
