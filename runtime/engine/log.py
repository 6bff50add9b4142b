"""The log of one execution: what it has done so far, in memory or in the journal, in order.

A log begins *buffered* (a low-latency execution whose caller holds the request: nothing needs to survive) or *durable*.
A buffered log becomes durable in one commit. A durable log writes behind: the record of a step without effects may ride
with the next commit, for at most `WRITE_BEHIND` seconds of work, since losing it costs no more than running that step
again; everything that concerns an effect, a wait or an answer is committed before the execution goes on. So does its
acceptance where it is *owed*: an execution that is killed before its first commit was never begun, for all that anybody
has seen of it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

import trio
from msgspec import Struct

from runtime.engine.batch import Batch
from runtime.engine.outcome import Outcome
from runtime.engine.persisting import Numbers
from runtime.engine.positions import Position
from runtime.engine.records import (
    AgainRecord,
    AnsweredRecord,
    EffectRecord,
    IntentRecord,
    Record,
    RestartRecord,
    StepRecord,
    WaitRecord,
    decode,
    encode,
    files_of,
    restore,
    step_record,
)
from runtime.errors import StoreError
from runtime.model.journal import Accept, Append, Finish, Operation
from runtime.model.persisted import Persist
from runtime.store.protocols import Documents, Journal

WRITE_BEHIND = 0.05  # seconds of work that a crash may cost an execution without effects
FULL_PAUSE = 0.05  # seconds until a full queue is tried again: a few group commits
MOST_PENDING = 256  # records: more are written at once, so that memory stays bounded

Finished = tuple[Position, Batch, Outcome]


class Ran(Struct, frozen=True):
    """Steps that have finished; `finished` tells what they did."""

    finished: Callable[[], Iterable[Finished]]


Pending = Record | Finished | Ran


class ExecutionLog:
    """Remembers, and makes durable, what an execution has done.

    `kept` is False for an execution without effects that runs in one go: going on from its start costs least.
    """

    def __init__(
        self,
        journal: Journal,
        files: Documents,
        execution: str,
        epoch: int,
        *,
        durable: bool,
        kept: bool = True,
        write_behind: float = WRITE_BEHIND,
    ) -> None:
        self.execution = execution
        self.epoch = epoch
        self.durable = durable
        self.has_effects = False  # an effect has happened, or may have
        self.answered = False  # the caller has been told a finishing result, so no other is
        self.was_waiting = False  # the last that an earlier owner wrote down is that the execution waits
        self.ended = False  # the end is committed, and there is nothing more to write
        self._owed: Accept | None = None
        self._journal = journal
        self._files = files
        self._kept = kept
        self._write_behind = write_behind
        self._lock = trio.Lock()
        self._pending: list[Pending] = []
        self._flushed = time.monotonic()
        self._steps: dict[Position, StepRecord] = {}
        self._intents: dict[Position, set[bytes]] = {}
        self._effects: dict[Position, dict[bytes, EffectRecord]] = {}
        self._doubts: dict[tuple[Position, bytes], IntentRecord] = {}
        self._happened: dict[str, EffectRecord] = {}
        self._waits: dict[Position, WaitRecord] = {}

    def remember(self, records: Sequence[bytes]) -> None:
        """Take in what an earlier owner of the execution wrote down."""
        for data in records:
            record = decode(data)
            self.was_waiting = isinstance(record, WaitRecord)
            self._take(record)
            self._heed(record)

    def _take(self, record: Record) -> None:
        """Take in what is asked for by position, when a step is entered that an earlier owner has entered."""
        match record:
            case StepRecord(at=at):
                self._steps[at] = record
                self._intents.pop(at, None)
                self._effects.pop(at, None)
            case IntentRecord(at, document):
                self._intents.setdefault(at, set()).add(document)
            case EffectRecord(at=at, document=document):
                self._effects.setdefault(at, {})[document] = record
            case AgainRecord(at, document):
                self._intents.get(at, set()).discard(document)
            case AnsweredRecord():
                self.answered = True
            case RestartRecord():
                self._clear()

    def _heed(self, record: Record) -> None:
        """Take in what matters to later steps, in this life or another: it grows with `once` calls and waits alone."""
        match record:
            case AgainRecord(at, document):
                self._doubts.pop((at, document), None)
            case IntentRecord(at, document, once):
                self.has_effects = True
                if once:
                    self._doubts[at, document] = record
            case EffectRecord(at=at, document=document):
                once = (at, document) in self._doubts
                self._doubts.pop((at, document), None)
                if once and record.failed is None:
                    self._happened[record.key] = record
            case WaitRecord(at=at):
                self._waits.pop(at, None)
                self._waits[at] = record  # the last comes last

    @property
    def in_doubt(self) -> bool:
        """Whether a call that must not be made twice was begun, and nobody knows what became of it."""
        return bool(self._doubts)

    @property
    def doubts(self) -> tuple[IntentRecord, ...]:
        """The calls that must not be made twice, were begun, and of which nobody knows what became."""
        return tuple(self._doubts.values())

    def forget(self) -> None:
        """Begin anew, as if nothing had been written down."""
        self._clear()
        self._pending.append(RestartRecord())

    def _clear(self) -> None:
        for known in (self._steps, self._intents, self._doubts, self._effects, self._happened, self._waits):
            known.clear()
        self.has_effects = False

    def finished(self, at: Position, batch: Batch) -> Outcome | None:
        """Give what the step at `at` did with `batch`, if it has finished before."""
        record = self._steps.get(at)
        return None if record is None else restore(record, batch, self._files, self.execution)

    def intended(self, at: Position, document: bytes) -> bool:
        """Whether the effect was about to happen, by an earlier owner."""
        return document in self._intents.get(at, ())

    def effect(self, at: Position, document: bytes) -> EffectRecord | None:
        """Give what is known of the effect, if it is known."""
        return self._effects.get(at, {}).get(document)

    def happened(self, key: str) -> EffectRecord | None:
        """Give the `once` effect with this key if it happened, in this or an earlier try."""
        return self._happened.get(key)

    def wait_is_over(self, due: float) -> None:
        """Take the wait for which an earlier owner left memory until `due` for over, whatever the clock says by now.

        It is the last one, or, where fibers waited side by side, the one that was to end first.
        """
        if self._waits:
            ends = reversed(self._waits.values())
            over = min(ends, key=lambda wait: abs(wait.due - due)).at
            self._waits[over] = WaitRecord(over, 0.0)

    def waiting(self, at: Position) -> WaitRecord | None:
        """Give the wait at `at`, if it has begun."""
        return self._waits.get(at)

    async def step(
        self, at: Position, batch: Batch, outcome: Outcome, *, barrier: bool, keeping: Sequence[Persist | Accept] = ()
    ) -> None:
        """Note that a step has finished; `barrier` when it must not be forgotten.

        What it keeps for other executions, and those that it begins, are committed with it, and at once where nothing
        of this one is durable.

        Raises:
            Changed: another execution has kept one of the values meanwhile; the step is not noted.
        """
        finished: Finished = (at, batch, outcome)
        if keeping:
            await self._keep(keeping, finished)
        elif self._kept:
            self._pending.append(finished)
            if self.durable and (barrier or self._overdue()):
                await self.flush()

    def ran(self, finished: Callable[[], Iterable[Finished]]) -> None:
        """Note that steps have finished, which tells what they did when it is to be written down.

        The log is not durable yet, or the steps would have to be noted one by one.
        """
        if self._kept:
            self._pending.append(Ran(finished))

    def part(self) -> None:
        """Forget what nobody will write down: nothing runs any more."""
        if not self.durable:
            self._pending.clear()

    @property
    def remembers(self) -> bool:
        """Whether an earlier owner of the execution wrote steps down, which are not run again."""
        return bool(self._steps)

    @property
    def keeps(self) -> bool:
        """Whether what is noted may be written down at all."""
        return self._kept

    async def _keep(self, keeping: Sequence[Persist | Accept], finished: Pending) -> None:
        async with self._locked():  # before it is pending, or another fiber could commit it without what it keeps
            if self._kept:
                self._pending.append(finished)
            try:
                if self.durable:
                    await self._commit((), tuple(keeping))
                else:
                    await self._write(keeping)
            except BaseException:  # nothing was written: the step must not be, either, without what it keeps
                if self._kept:
                    self._pending.remove(finished)
                raise

    @asynccontextmanager
    async def _locked(self) -> AsyncGenerator[None]:
        """Run the block alone; where nobody else is in one, without a turn of the loop beside that of the commit."""
        try:
            self._lock.acquire_nowait()
        except trio.WouldBlock:
            await self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    async def reserve(self, numbers: Numbers, wanted: Mapping[str, int]) -> None:
        """Take numbers of counters that a step may use."""
        await numbers.reserve(self._journal, wanted)

    async def note(self, record: IntentRecord | EffectRecord | WaitRecord) -> None:
        """Note something that must be durable before the execution goes on, if anything of it is."""
        self._heed(record)
        self._pending.append(record)
        if self.durable or self._lock.locked():  # locked: it is becoming durable, and this must not be left behind
            await self.flush()

    def _overdue(self) -> bool:
        return len(self._pending) >= MOST_PENDING or time.monotonic() - self._flushed >= self._write_behind

    async def flush(self, *operations: Operation) -> None:
        """Commit what is pending, and `operations` after it, in one transaction; nothing while the log is buffered.

        Raises:
            Fenced: the execution has another owner now.
            StoreError: nothing was written; what was pending still is.
        """
        async with self._locked():
            if self.durable and not self.ended:
                await self._commit((), operations)

    def owe(self, accept: Accept) -> None:
        """Become a durable log, whose execution is accepted by its first commit."""
        self.durable, self._owed = True, accept

    @property
    def owes(self) -> bool:
        """Whether nothing of a durable log is committed yet, not even that its execution was accepted."""
        return self._owed is not None

    async def settle(self) -> None:
        """Let the execution be accepted, if it is not yet: others get a turn now, and may see of it."""
        if self.owes:
            await self.flush()

    async def make_durable(self, accept: Accept) -> None:
        """Turn a buffered log into a durable one: the execution and all it has done, in one transaction."""
        async with self._locked():
            if not self.durable:
                await self._commit((accept,), ())
                self.durable = True

    async def finish(self, *operations: Operation) -> None:
        """Commit the end of the execution; what was pending is erased with it, unless its work is kept."""
        async with self._locked():
            if not any(isinstance(operation, Finish) and operation.keep is not None for operation in operations):
                self._pending.clear()
            await self._commit((), operations)
            self.ended = True

    async def _commit(self, before: tuple[Operation, ...], after: tuple[Operation, ...]) -> None:
        pending, self._pending = self._pending, []
        records = list(_records(pending))
        try:
            names = [name for record in records for name in files_of(record)]
            if names:
                await self._files.sync(self.execution, names)
            appended = (Append(self.execution, self.epoch, tuple(map(encode, records))),) if records else ()
            owed = () if self._owed is None else (self._owed,)
            operations = (*owed, *before, *appended, *after)
            if operations:
                await self._write(operations)
            self._owed = None
        except BaseException:
            self._pending = pending + self._pending
            raise
        self._flushed = time.monotonic()

    async def _write(self, operations: Sequence[Operation]) -> None:
        """Commit, after a while if the journal's queue is full: work that runs waits, only new work is refused."""
        while True:
            try:
                await self._journal.commit(operations)
            except StoreError as error:
                if error.code != "store.queue-full":
                    raise
                await trio.sleep(FULL_PAUSE)
            else:
                return


def _records(pending: Iterable[Pending]) -> Iterator[Record]:
    for item in pending:
        if isinstance(item, tuple):
            yield step_record(*item)
        elif isinstance(item, Ran):
            for finished in item.finished():
                yield step_record(*finished)
        else:
            yield item
