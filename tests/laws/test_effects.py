"""Promise 4: an effect is declared, never guessed. What is called again, under which key, and what is parked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runtime.engine.interruption import Parked
from runtime.engine.records import EffectRecord, IntentRecord, StepRecord, decode
from runtime.errors import NuclideError, ProcessFault
from runtime.model.journal import Append, Operation, Status
from runtime.sdk.connector import Call
from tests.engine.processes import Steps
from tests.engine.runs import Ended, Killed, Run, compiled
from tests.engine.worlds import ApplicationFault, NotSent, OutcomeUnknown, World, documents

WORDS = ("pure", "idempotent", "keyed", "once")
REPEATABLE = ("pure", "idempotent", "keyed")

REFUSED = ApplicationFault("[409] Conflict", status="409")
NOT_SENT = NotSent("net.refused", "connection refused")
UNKNOWN = OutcomeUnknown("net.timeout", "no answer")
MISTAKEN = KeyError("a mistake of the connector")
ENDING = ProcessFault("x.ends", "an error of the process")


class Failing(World):
    """A world whose first calls of each key fail: some by refusing, some after they were felt."""

    def __init__(self, error: Exception, times: int = 1) -> None:
        super().__init__(self._fail)
        self.error = error
        self.times = times
        self.attempts: list[str] = []

    def _fail(self, operation: str, call: Call, tries: int) -> bytes:
        self.attempts.append(call.key)
        if tries < self.times:
            raise self.error
        return call.content


def process(world: World, word: str, retries: int = 1) -> Run:
    """Give a process that tries one call, again if it may, and returns what comes of it."""
    steps = Steps()
    end = steps.returned()
    first = steps.attempt(steps.call("n", end, effect=word), end, retries=retries, trigger="all errors")
    return Run(compiled(steps.shapes, first, world), world, documents(b"1"))


async def outcome(run: Run, kill_at: int | None = None) -> Ended | str:
    """Run to the end; a text says why the execution is parked."""
    if kill_at is not None:
        return await run.go_on(kill_at)
    try:
        return await run.go()
    except Parked as turn:
        return turn.reason


def completed(ended: Ended | str) -> bool:
    """Whether a run has ended well."""
    return not isinstance(ended, str) and ended.status is Status.COMPLETE


# --- faults, and retries by Try/Catch --------------------------------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("fault", [REFUSED, NOT_SENT], ids=["refused", "not sent"])
async def test_definite_refusals_are_tried_again(word: str, fault: NuclideError) -> None:
    """A refusal, or a call that was not sent, is no doubt: every word is tried again, under the same key."""
    world = Failing(fault)
    assert completed(await outcome(process(world, word)))
    assert len(world.attempts) == 2
    assert len(set(world.attempts)) == 1


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("error", [UNKNOWN, MISTAKEN, ENDING], ids=["unknown", "mistake", "process"])
async def test_unknown_outcomes(word: str, error: Exception) -> None:
    """What may have happened is called again under the same key, except a `once` call: that parks.

    A connector that breaks, or raises what its contract does not name, leaves it open what has happened.
    """
    world = Failing(error)
    ended = await outcome(process(world, word))
    if word in REPEATABLE:
        assert completed(ended)
        assert len(world.attempts) == 2
        assert len(set(world.attempts)) == 1
    else:
        assert isinstance(ended, str)
        assert "must not be made twice" in ended
        assert len(world.attempts) == 1


@pytest.mark.parametrize("word", WORDS)
async def test_what_happened_is_not_tried_again(word: str) -> None:
    """When a later step fails and all is tried again, a `once` call gives its first reply; the others are repeated."""
    world, steps = World(lambda operation, call, tries: _later(call, tries)), Steps()
    end = steps.returned()
    path = steps.call("first", steps.call("later", end, effect="pure"), effect=word)
    first = steps.attempt(path, None, retries=1)
    ended = await outcome(Run(compiled(steps.shapes, first, world), world, documents(b"1")))
    made = [key for operation, key, content in world.calls if content == b"1"]
    assert completed(ended)
    assert len(made) == (1 if word == "once" else 2)
    assert len(set(made)) == 1


def _later(call: Call, tries: int) -> bytes:
    if call.fields.note == "later" and tries == 0:
        raise REFUSED
    return b"first" if call.fields.note == "first" else call.content


async def test_every_call_has_a_key_of_its_own() -> None:
    """Documents, steps, visits and paths differ in their keys; the executions that make them do as well."""
    world, steps = World(), Steps()
    again = steps.call("again", effect="keyed")
    first = steps.branch(steps.call("a", again, effect="keyed"), steps.call("b", again, effect="keyed"))
    await Run(compiled(steps.shapes, first, world), world, documents(b"1", b"1")).go()
    assert len(world.calls) == len({key for _, key, _ in world.calls}) == 8


# --- kills -----------------------------------------------------------------------------------------------------------


class Recorded:
    """Finds the commit that writes a kind of record."""

    def __init__(self, run: Run) -> None:
        self.kinds: list[set[type]] = []
        commit = run.store.journal.commit

        async def watched(operations: Sequence[Operation]) -> None:
            await commit(operations)
            appended = [
                record for operation in operations if isinstance(operation, Append) for record in operation.records
            ]
            if appended:
                self.kinds.append({type(decode(record)) for record in appended})

        run.store.journal.commit = watched  # type: ignore[method-assign]

    def number(self, kind: type) -> int:
        """Give the number of the first commit with a record of this kind."""
        return next(number for number, kinds in enumerate(self.kinds) if kind in kinds)


async def commit_of(word: str, kind: type) -> int:
    """Give the number of the commit that writes the first record of a kind, in an undisturbed run."""
    run = process(World(), word)
    recorded = Recorded(run)
    await run.go()
    return recorded.number(kind)


@pytest.mark.parametrize("word", ["keyed", "once"])
async def test_killed_before_the_intent(word: str) -> None:
    """A call is not made before its intent is durable; killed before, it is made once, by the next owner."""
    run = process(World(), word)
    at = await commit_of(word, IntentRecord)
    with pytest.raises(Killed):
        await run.go(at)
    assert run.world.calls == [], "nothing happens before its intent is written"
    assert completed(await outcome(run))
    assert len(run.world.calls) == 1


@pytest.mark.parametrize("word", ["keyed", "once"])
async def test_killed_after_the_intent(word: str) -> None:
    """Killed between intent and call, nobody knows: `keyed` is called, `once` parks though nothing has happened."""
    world = Failing(Killed())  # type: ignore[arg-type]  # the kill itself, in the middle of the call
    ended = await _gone_on(process(world, word))
    assert completed(ended) is (word == "keyed")
    assert len(world.calls) == (1 if word == "keyed" else 0)


@pytest.mark.parametrize("word", WORDS)
async def test_killed_before_the_effect(word: str) -> None:
    """Killed after the call and before it is known: repeated under the same key, or parked."""
    run = process(World(), word)
    kind = EffectRecord if word in {"keyed", "once"} else StepRecord
    ended = await run.go_on(await commit_of(word, kind))
    assert completed(ended) is (word in REPEATABLE)
    assert len(run.world.calls) == (2 if word in REPEATABLE else 1)
    assert len(run.world.effects) == 1


@pytest.mark.parametrize("word", ["keyed", "once"])
async def test_killed_after_the_effect(word: str) -> None:
    """What is known to have happened is not called again, whatever its word, and its replies go on."""
    run = process(World(), word)
    ended = await run.go_on(await commit_of(word, EffectRecord) + 1)
    assert not isinstance(ended, str)
    assert ended.returned == (b"1",)
    assert len(run.world.calls) == 1


@pytest.mark.parametrize("word", WORDS)
async def test_killed_after_a_refusal(word: str) -> None:
    """A refusal that was written down is a refusal after a crash, too: no doubt, and tried again as before."""
    world = Failing(REFUSED)
    kills = range((await _commits(word)) + 1)
    for kill_at in kills:
        world = Failing(REFUSED)
        ended = await process(world, word).go_on(kill_at)
        if isinstance(ended, str):
            assert word == "once"
            assert len(world.calls) <= 1
        else:
            assert completed(ended)
            assert len(world.effects) == 1


async def _commits(word: str) -> int:
    run = process(Failing(REFUSED), word)
    await run.go()
    return run.commits


async def _gone_on(run: Run) -> Ended | str:
    try:
        await run.go()
    except Killed:
        return await outcome(run)
    except BaseExceptionGroup as group:
        if group.split(Killed)[1] is not None:
            raise
        return await outcome(run)
    raise AssertionError("the run was not killed")


async def test_parked_stays_parked() -> None:
    """What is in doubt stays so through every resumption, and is never called again."""
    world = Failing(UNKNOWN, times=9)
    run = process(world, "once")
    for _ in range(3):
        assert isinstance(await outcome(run), str)
    assert len(world.attempts) == 1


async def test_siblings_of_a_doubt() -> None:
    """A doubt about one document lets the calls under way for its siblings finish, and their outcomes be known."""

    def rule(operation: str, call: Call, tries: int) -> bytes:
        if call.content == b"2":
            raise UNKNOWN
        return call.content

    world, steps = World(rule), Steps()
    first = steps.call("n", steps.returned(), effect="once", concurrency=3)
    run = Run(compiled(steps.shapes, first, world), world, documents(b"1", b"2", b"3"))
    assert isinstance(await outcome(run), str)
    assert isinstance(await outcome(run), str)
    assert sorted(content for _, _, content in world.calls) == [b"1", b"3"]
