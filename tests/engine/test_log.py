from __future__ import annotations

from collections.abc import Sequence

import pytest
import trio

from runtime.engine.batch import Held, Spilled
from runtime.engine.log import MOST_PENDING, ExecutionLog
from runtime.engine.outcome import Ended, Outcome
from runtime.engine.positions import Position
from runtime.engine.records import AnsweredRecord, EffectRecord, IntentRecord, Record, RestartRecord, WaitRecord, decode
from runtime.errors import Fenced, StoreError
from runtime.model.document import Document
from runtime.model.journal import Accept, Append, ExecutionRow, Finish, Operation, Park, Status
from runtime.store.memory import MemoryStore

BATCH = Held((Document(b"1", b"x"),))
ROW = ExecutionRow(
    id="ex", bundle="b", version="1", digest="d", process="p", mode="m", status=Status.RUNNING, started_at=0.0, epoch=1
)
ACCEPT = Accept(ROW, b"start")
NEVER = 1e9  # seconds of writing behind that no test reaches


def at(number: int) -> Position:
    """Give a position."""
    return Position(b"scope", f"s{number}", 0)


def _named(record: Record) -> str:
    kind = type(record).__name__.removesuffix("Record").lower()
    return kind if isinstance(record, RestartRecord | AnsweredRecord) else f"{kind} {record.at.step}"


class Journal:
    """A log over a store, and what the store got of it: commit by commit, the steps and kinds of its records."""

    def __init__(self, *, durable: bool, write_behind: float = NEVER, epoch: int = 1) -> None:
        self.store = MemoryStore()
        self.commits: list[list[str]] = []
        self.refuse: type[StoreError] | None = None
        self.slow = 0.0
        self.log = ExecutionLog(
            self.store.journal, self.store.documents, "ex", epoch, durable=durable, write_behind=write_behind
        )
        self.store.journal.before_commit = self._before
        commit = self.store.journal.commit

        async def slowly(operations: Sequence[Operation]) -> None:
            await trio.sleep(self.slow)
            await commit(operations)

        self.store.journal.commit = slowly  # type: ignore[method-assign]

    def _before(self, operations: Sequence[Operation]) -> None:
        if self.refuse is not None:
            raise self.refuse("store.disk", "no space")
        found: list[str] = []
        for operation in operations:
            if isinstance(operation, Append):
                found += [_named(decode(record)) for record in operation.records]
            else:
                found.append(type(operation).__name__)
        self.commits.append(found)

    async def accepted(self) -> ExecutionLog:
        """Accept the execution, and forget that commit."""
        await self.store.journal.commit([ACCEPT])
        self.commits.clear()
        return self.log

    async def step(self, number: int, *, barrier: bool = False) -> None:
        """Note a step."""
        await self.log.step(at(number), BATCH, Outcome(outputs=(BATCH,)), barrier=barrier)


async def test_steps_are_written_behind() -> None:
    """Steps without effects wait for the next commit, and go in their order before what asks for it."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    await journal.step(1)
    await journal.step(2)
    assert journal.commits == []
    await log.note(IntentRecord(at(3), b"1"))
    await log.note(EffectRecord(at(3), b"1", "key"))
    await journal.step(3, barrier=True)
    assert journal.commits == [["step s1", "step s2", "intent s3"], ["effect s3"], ["step s3"]]


async def test_acceptance_that_is_owed() -> None:
    """An owed acceptance comes first in the first commit that succeeds, and no later one has it."""
    journal = Journal(durable=False)
    log = journal.log
    log.owe(ACCEPT)
    await journal.step(1)
    assert journal.commits == []
    journal.refuse = StoreError
    with pytest.raises(StoreError):
        await log.note(IntentRecord(at(2), b"1"))
    assert log.owes
    journal.refuse = None
    await log.settle()
    await log.note(EffectRecord(at(2), b"1", "key"))
    await log.settle()
    assert journal.commits == [["Accept", "step s1", "intent s2"], ["effect s2"]]


async def test_nothing_follows_the_end(autojump_clock: trio.abc.Clock) -> None:
    """What waits for the commit of the end, as a hand-over does, writes nothing after it."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    journal.slow = 1.0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(log.finish, Finish(execution="ex", epoch=1, status=Status.COMPLETE, finished_at=1.0))
        await trio.sleep(0.5)
        await log.flush(Park("ex", 1, "doubt"))
    assert journal.commits == [["Finish"]]
    assert log.ended


async def test_nothing_is_behind_for_long() -> None:
    """Work is never further behind than its time, nor by more records than memory is for."""
    prompt = Journal(durable=True, write_behind=0.0)
    await prompt.accepted()
    await prompt.step(1)
    assert prompt.commits == [["step s1"]]
    many = Journal(durable=True)
    await many.accepted()
    for number in range(MOST_PENDING):
        await many.step(number)
    assert [len(commit) for commit in many.commits] == [MOST_PENDING]


async def test_buffered_log_writes_nothing() -> None:
    """Until the hand-over nothing is written; then everything is, in one commit with the execution."""
    journal = Journal(durable=False, write_behind=0.0)
    await journal.step(1, barrier=True)
    await journal.log.note(WaitRecord(at(2), 5.0))
    await journal.log.flush()
    assert journal.commits == []
    await journal.log.make_durable(ACCEPT)
    assert journal.commits == [["Accept", "step s1", "wait s2"]]
    assert journal.log.durable


async def test_handed_over_once() -> None:
    """Two hand-overs at once make one: the execution is accepted once."""
    journal = Journal(durable=False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.log.make_durable, ACCEPT)
        nursery.start_soon(journal.log.make_durable, ACCEPT)
    assert journal.commits == [["Accept"]]


async def test_effects_during_the_hand_over_wait_for_it(autojump_clock: trio.abc.Clock) -> None:
    """An intent that is noted while the hand-over is being written is durable before its call is made.

    Otherwise a crash at that moment would leave an execution that is resumed, and does not know of the call.
    """
    journal = Journal(durable=False)
    journal.slow = 5.0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.log.make_durable, ACCEPT)
        await trio.sleep(1)
        await journal.log.note(IntentRecord(at(1), b"1"))
        assert journal.commits == [["Accept"], ["intent s1"]]


async def test_effects_during_a_hand_over_that_fails(autojump_clock: trio.abc.Clock) -> None:
    """When the hand-over fails the log is buffered still: effects go on as before, and are kept for another try."""
    journal = Journal(durable=False)
    journal.slow, journal.refuse = 5.0, StoreError

    async def hand_over() -> None:
        with pytest.raises(StoreError):
            await journal.log.make_durable(ACCEPT)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(hand_over)
        await trio.sleep(1)
        await journal.log.note(IntentRecord(at(1), b"1"))
    assert not journal.log.durable
    journal.refuse = None
    await journal.log.make_durable(ACCEPT)
    assert journal.commits == [["Accept", "intent s1"]]


@pytest.mark.parametrize("error", [StoreError, Fenced])
async def test_refused_commit_keeps_what_is_pending(error: type[StoreError]) -> None:
    """What a failed commit did not write is still pending, in its order, and what asked for the commit is not."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    await journal.step(1)
    journal.refuse = error
    with pytest.raises(error):
        await log.flush(Park("ex", 1, "why"))
    with pytest.raises(error):
        await log.note(IntentRecord(at(2), b"1"))
    journal.refuse = None
    await log.flush()
    assert journal.commits == [["step s1", "intent s2"]]


async def test_cancelled_commit_keeps_what_is_pending(autojump_clock: trio.abc.Clock) -> None:
    """A commit that is cancelled has not happened: nothing is lost, nothing is written twice."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    await journal.step(1)
    journal.slow = 5.0
    with trio.move_on_after(1):
        await log.flush()
    journal.slow = 0.0
    await journal.step(2)
    await log.flush()
    assert journal.commits == [["step s1", "step s2"]]


async def test_what_is_noted_during_a_commit_follows_it(autojump_clock: trio.abc.Clock) -> None:
    """A commit takes what was pending when it began; what comes meanwhile goes with the next, behind it."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    journal.slow = 5.0
    await journal.step(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(log.flush)
        await trio.sleep(1)
        await journal.step(2)
        nursery.start_soon(log.flush)
    assert journal.commits == [["step s1"], ["step s2"]]


async def test_full_queue_is_waited_for(autojump_clock: trio.abc.Clock) -> None:
    """Work that runs waits for room in the journal's queue instead of failing."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    refusals = 3

    def full(operations: Sequence[Operation]) -> None:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise StoreError("store.queue-full", "full")

    journal.store.journal.before_commit = full
    await journal.step(1)
    await log.flush()
    assert len(await journal.store.journal.records("ex")) == 1


async def test_files_are_durable_before_their_record() -> None:
    """A record that names a file is not committed when the file cannot be made durable."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    missing = Spilled(journal.store.documents, "ex", "not-there", 3)
    await log.step(at(1), BATCH, Outcome(outputs=(missing,)), barrier=False)
    with pytest.raises(StoreError, match="not-there"):
        await log.flush()
    assert journal.commits == []


async def remembered(journal: Journal) -> ExecutionLog:
    """Give the log of the next owner."""
    log = ExecutionLog(journal.store.journal, journal.store.documents, "ex", 2, durable=True)
    log.remember(await journal.store.journal.records("ex"))
    return log


async def test_next_owner_remembers() -> None:
    """The next owner knows finished steps, intents, effects and waits by their positions."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    effect = EffectRecord(at(2), b"1", "key", failed=Ended("c", "refused"))
    for record in (IntentRecord(at(2), b"1"), effect, IntentRecord(at(2), b"2"), WaitRecord(at(3), 7.0)):
        await log.note(record)
    await journal.step(1)
    await log.flush()
    other = await remembered(journal)
    assert other.finished(at(1), BATCH) == Outcome(outputs=(BATCH,))
    assert other.finished(at(2), BATCH) is None
    assert (other.intended(at(2), b"1"), other.intended(at(2), b"2"), other.intended(at(1), b"1")) == (
        True,
        True,
        False,
    )
    assert other.effect(at(2), b"1") == effect
    wait = other.waiting(at(3))
    assert wait is not None
    assert wait.due == 7.0
    assert (other.has_effects, other.was_waiting) == (True, False)


@pytest.mark.parametrize("once", [True, False])
async def test_doubts(once: bool) -> None:  # noqa: FBT001 - both words
    """A call is in doubt from its intent to its effect, if it must not be made twice; in this life and the next."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    await log.note(IntentRecord(at(1), b"1", once))
    assert log.in_doubt is (await remembered(journal)).in_doubt is once
    await log.note(EffectRecord(at(1), b"1", "key"))
    assert log.in_doubt is (await remembered(journal)).in_doubt is False
    assert (log.happened("key") is not None) is ((await remembered(journal)).happened("key") is not None) is once


async def test_restart_forgets_for_good() -> None:
    """What was done before a restart counts neither after it nor after the next crash."""
    journal = Journal(durable=True)
    await journal.accepted()
    await journal.step(1)
    await journal.step(2)
    await journal.log.flush()
    other = await remembered(journal)
    other.forget()
    await other.step(at(1), BATCH, Outcome(stop=True), barrier=False)
    other.epoch = 1
    journal.store.journal.before_commit = None
    await other.flush()
    third = await remembered(journal)
    assert third.finished(at(1), BATCH) == Outcome(stop=True)
    assert third.finished(at(2), BATCH) is None


async def test_memory_does_not_grow_with_effects() -> None:
    """What a life has done itself it need not remember by position: calls that may be repeated leave nothing behind."""
    journal = Journal(durable=True)
    log = await journal.accepted()
    for number in range(100):
        await log.note(IntentRecord(at(number), b"1"))
        await log.note(EffectRecord(at(number), b"1", str(number)))
    kept = (log._intents, log._effects, log._doubts, log._happened, log._pending)
    assert [len(each) for each in kept] == [0] * 5


async def test_log_that_is_not_kept_grows_by_nothing() -> None:
    """An execution that cannot be handed over halfway keeps no record of its steps."""
    store = MemoryStore()
    log = ExecutionLog(store.journal, store.documents, "ex", 1, durable=False, kept=False)
    await log.step(at(1), BATCH, Outcome(), barrier=False)
    await log.make_durable(ACCEPT)
    assert await store.journal.records("ex") == []
