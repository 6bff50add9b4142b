"""Executions from their call to their end: answered, handed over, recovered, parked, drained (promises 1 and 2)."""

from __future__ import annotations

import gc

import msgspec
import pytest
import trio
from msgspec.structs import replace

from runtime.engine.context import Context
from runtime.engine.execution import Execution
from runtime.engine.house import MOST_VERSIONS
from runtime.engine.log import ExecutionLog
from runtime.engine.recorder import Recorder
from runtime.errors import StoreError, Unavailable
from runtime.flow.handover import AnswerSent, SyncTimeout
from runtime.model.journal import Accept, Append, Finish, Park, Release, Status, Suspend
from runtime.model.process import Mode
from runtime.sdk.connector import Call, Reply
from tests.engine.houses import SETTINGS, answer, bundle, call, daemon, failing
from tests.engine.processes import Steps
from tests.engine.slow import GENERAL, MODES, Slow, of_mode, two_calls, whole
from tests.engine.worlds import World
from tests.store.examples import execution

# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
async def test_in_time(mode: Mode, autojump_clock: object) -> None:
    """What ends within the Sync Timeout is answered with its result, owes no callback, and leaves nothing behind."""
    async with daemon(two_calls(of_mode(mode)), Slow(5)) as one:
        assert await one.ask() == "hi"
        await trio.sleep(1)
        assert await one.told() == []
        assert len(await one.store.journal.executions()) == (mode == "general")
        await whole(one)


async def test_inline(autojump_clock: object) -> None:
    """A process that never waits runs in its caller's task, and is answered when the call has begun."""
    steps = Steps()
    async with daemon(bundle(steps.shapes, steps.message(steps.returned(), '{"Message":"now"}')), World()) as one:
        hold = await one.begin(call())
        assert hold.decided.is_set()
        assert await one.ask() == "now", "a repeated token gets the same answer"
        await whole(one)


@pytest.mark.parametrize("mode", MODES)
async def test_what_may_compute_long_is_told_wait(mode: Mode, autojump_clock: object) -> None:
    """A process that never waits but may compute for long has a task of its own, so that its caller is told in time."""
    steps = Steps()
    end = steps.message(steps.returned(), '{"Message":"counted"}')
    steps.decide(
        "size(properties.d) < 500", steps.set("again", "document", "d", "${properties.d}x"), end, identity="again"
    )
    async with daemon(bundle(steps.shapes, steps.set("again", "document", "d", "x"), of_mode(mode)), World()) as one:
        hold = await one.begin(call())
        hold.join()
        hold.post(SyncTimeout())
        await hold.decided.wait()
        assert answer(hold) == "WAIT"
        hold.post(AnswerSent())
        await trio.sleep(5)
        assert await one.told() == [("due", "counted")]
        await whole(one)


async def test_a_call_leaves_nothing_to_the_collector() -> None:
    """An execution that was answered at once is free when it has left memory: cycles would cost pauses of all calls."""
    steps = Steps()
    async with daemon(bundle(steps.shapes, steps.message(steps.returned(), '{"Message":"now"}')), World()) as one:
        gc.disable()
        try:
            before = _of_executions()  # of other tests; held here, so that nothing new has the identity of one
            for number in range(3):
                await one.ask(call(named=str(number)))
            known = set(map(id, before))
            assert [made for made in _of_executions() if id(made) not in known] == []
        finally:
            gc.enable()


def _of_executions() -> list[object]:
    kinds = (Execution, Context, ExecutionLog, Recorder)
    return [made for made in gc.get_objects() if isinstance(made, kinds)]


@pytest.mark.parametrize("mode", MODES)
async def test_slow(mode: Mode, autojump_clock: object) -> None:
    """What takes longer is told WAIT, only when it is durable; its callback is due, and released after the answer."""
    async with daemon(two_calls(of_mode(mode)), Slow(15)) as one:
        assert await one.ask() == "WAIT"
        row = await one.row()
        assert (row.status, row.released) == (Status.RUNNING, False)
        await trio.sleep(15)
        assert await one.told() == [("due", "hi")]
        assert (await one.row()).status is Status.COMPLETE
        await whole(one)


async def test_callback_is_held_until_the_answer_has_gone(autojump_clock: object) -> None:
    """The callback of an execution that ends while WAIT is being written waits for it."""
    async with daemon(two_calls(), Slow(15)) as one:
        hold = await one.begin(call())
        hold.join()
        await trio.sleep(20)
        hold.post(SyncTimeout())
        await trio.sleep(20)
        assert await one.told() == [("held", "hi")]
        hold.post(AnswerSent())
        await trio.sleep(1)
        assert await one.told() == [("due", "hi")]


@pytest.mark.parametrize("mode", MODES)
async def test_caller_gone(mode: Mode, autojump_clock: object) -> None:
    """A caller that leaves before the hand-over stops its work at the next step; nothing of it is told to anybody."""
    world = Slow(5)
    async with daemon(two_calls(of_mode(mode)), world) as one:
        await one.ask_and_leave(1)
        await trio.sleep(60)
        assert len(world.calls) == 1
        assert await one.told() == []
        await whole(one)


async def test_caller_gone_while_waiting(autojump_clock: object) -> None:
    """Work that waits is stopped at once when its caller leaves."""
    steps = Steps()
    async with daemon(bundle(steps.shapes, steps.wait(steps.returned(), "1 h")), World()) as one:
        await one.ask_and_leave(1)
        await trio.sleep(1)
        await whole(one)


# --- repeated tokens ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
async def test_repeated_while_live(mode: Mode, autojump_clock: object) -> None:
    """Calls with one token share one execution and its ending, begun at once, one after the other, or after its end."""
    world, answers = Slow(5), list[str]()
    async with daemon(two_calls(of_mode(mode)), world) as one:

        async def ask(after: float) -> None:
            await trio.sleep(after)
            answers.append(await one.ask())

        async with trio.open_nursery() as nursery:
            for after in (0, 0, 3, 30):
                nursery.start_soon(ask, after)
        assert answers == ["hi"] * 4
        assert len(world.calls) == 2
        await whole(one)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("after", [0.0, 2.0, 60.0])
async def test_repeated_after_leaving(mode: Mode, after: float, autojump_clock: object) -> None:
    """A caller that left and calls again is answered, while its first work stops as when it has stopped."""
    async with daemon(two_calls(of_mode(mode)), Slow(8)) as one:
        await one.ask_and_leave(1)
        await trio.sleep(after)
        with trio.fail_after(60):
            assert await one.ask() == "hi"
        await trio.sleep(60)
        await whole(one)


async def test_repeated_when_the_answer_is_forgotten(autojump_clock: object) -> None:
    """A token whose answer is not kept any more is told so; WAIT is only for those to whom a callback comes."""
    async with daemon(two_calls(GENERAL), Slow(1)) as one:
        one.upkeep()
        assert await one.ask() == "hi"
        await trio.sleep(SETTINGS.repeated_answers_for + 10)
        assert (await one.ask()).startswith("flow.answered")


async def test_other_tokens_are_other_calls(autojump_clock: object) -> None:
    """Another token is another execution."""
    world = Slow(5)
    async with daemon(two_calls(), world) as one:
        assert [await one.ask(call(token, named=token)) for token in ("a", "b")] == ["a", "b"]
        assert len(world.effects) == 4


async def test_too_many(autojump_clock: object) -> None:
    """Beyond the queue for places calls are refused, clearly, and those that wait are served."""
    settings = msgspec.structs.replace(SETTINGS, at_once=1, queued=2)
    async with daemon(two_calls(), Slow(1), settings=settings) as one:
        holds = []
        for number in range(4):
            await trio.sleep(0.1)
            if number < 3:
                holds.append(await one.begin(call(named=str(number))))
        with pytest.raises(Unavailable):
            await one.begin(call(named="too many"))
        await trio.sleep(60)
        assert all(hold.decided.is_set() for hold in holds)
        await whole(one)


# --- the disk -----------------------------------------------------------------------------------------------------


async def test_hand_over_refused(autojump_clock: object) -> None:
    """When the disk refuses the hand-over the call is refused with 503, and its work stops."""
    world = Slow(25)
    async with daemon(two_calls(), world) as one:
        one.store.journal.before_commit = failing(Accept)
        assert await one.ask() == "503"
        await trio.sleep(60)
        assert len(world.calls) == 1
        await whole(one)


async def test_not_accepted(autojump_clock: object) -> None:
    """A process that is durable from its start does not start without its disk."""
    async with daemon(two_calls(GENERAL), Slow(15)) as one:
        one.store.journal.before_commit = failing(Accept)
        with pytest.raises(StoreError):
            await one.ask()
        await whole(one)


@pytest.mark.parametrize("kind", [Append, Finish])
async def test_disk_refuses_for_a_while(kind: type, autojump_clock: object) -> None:
    """Durable work goes on by itself, in the same daemon, when the disk takes it again; it ends in its callback."""
    async with daemon(two_calls(GENERAL), Slow(15)) as one:
        one.upkeep()
        answers: list[str] = []

        async def ask() -> None:
            answers.append(await one.ask())

        one.nursery.start_soon(ask)
        await trio.sleep(25)
        one.store.journal.before_commit = failing(kind)
        await trio.sleep(60)
        one.store.journal.before_commit = None
        await trio.sleep(120)
        assert answers == ["WAIT"]
        assert await one.told() == [("due", "hi")]
        await whole(one)


async def test_ending_refused_at_the_hand_over(autojump_clock: object) -> None:
    """A disk that refuses hand-over and ending alike ends no more than this one call, whose row is ended later."""
    async with daemon(two_calls(GENERAL), Slow(10)) as one:
        hold = await one.begin(call())
        hold.join()
        await trio.sleep(15)
        one.store.journal.before_commit = failing(Append, Finish, Suspend, Park, Release)
        await trio.sleep(30)
        one.store.journal.before_commit = None
        one.upkeep()
        await trio.sleep(60)
        assert hold.decided.is_set()
        assert (await one.row()).status.finished
        await whole(one)


async def test_what_cannot_be_written_refuses_the_call(autojump_clock: object) -> None:
    """An execution that cannot be written down ends its own call, not the daemon."""

    class Odd(Slow):
        async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
            await super().execute(operation, call)
            return (Reply(call.content, {"odd": "\ud800"}),)

    async with daemon(two_calls(), Odd(12)) as one:
        assert await one.ask() == "503"
        await trio.sleep(60)
        await whole(one)


async def test_ends_are_counted_of_the_versions_that_ran_last() -> None:
    """However many versions a daemon has seen, it counts those that run, and forgets those that rested longest."""
    steps = Steps()
    async with daemon(bundle(steps.shapes, steps.returned()), World()) as one:
        row = execution()
        for number in range(MOST_VERSIONS + 10):
            one.house.end(replace(row, digest="old"), Status.COMPLETE)
            one.house.end(replace(row, digest=f"version {number}"), Status.ERROR)
        assert len(one.house.outcomes) == MOST_VERSIONS
        assert one.house.outcomes["old"] == [MOST_VERSIONS + 10, 0]
        assert "version 0" not in one.house.outcomes
