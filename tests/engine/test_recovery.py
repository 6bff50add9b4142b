"""Executions that leave memory and come back, or do not: waits, policies, doubts, stops (promises 1, 2 and 4)."""

from __future__ import annotations

import msgspec
import pytest
import trio

from runtime.engine.house import ExecutionSettings
from runtime.model.bundle import Bundle, Script
from runtime.model.journal import Status
from runtime.model.process import Mode, Options, Recovery
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import OutcomeUnknown
from runtime.store.memory import MemoryStore
from tests.engine.houses import SETTINGS, Daemon, bundle, call, daemon
from tests.engine.processes import Steps, python
from tests.engine.slow import GENERAL, MODES, Slow, of_mode, two_calls, whole
from tests.engine.worlds import TrioClock, World

# --- waits, recovery, parking -------------------------------------------------------------------------------------


def waiting(options: Options | None = None) -> Bundle:
    """Give a process that calls, waits an hour, and calls."""
    steps = Steps()
    later = steps.wait(steps.call("", steps.returned(), effect="once"), "1 h")
    return bundle(steps.shapes, steps.call("", later, effect="once"), options)


@pytest.mark.parametrize("mode", MODES)
async def test_long_waits_leave_memory(mode: Mode, autojump_clock: object) -> None:
    """A wait that nobody holds a request for is a row; when it is due the execution goes on where it was."""
    world = Slow()
    async with daemon(waiting(of_mode(mode)), world) as one:
        one.upkeep()
        assert await one.ask() == "WAIT"
        await trio.sleep(60)
        assert (await one.row()).status is Status.WAITING
        await whole(one)
        assert await one.ask() == "WAIT", "a repeated token is told so, too"
        await trio.sleep(3_600)
        assert await one.told() == [("due", "hi")]
        assert len(world.calls) == 2
        await whole(one)


async def test_wait_ends_with_the_deadline(autojump_clock: object) -> None:
    """A wait beyond the deadline of the process does not put its end off."""
    async with daemon(waiting(Options(mode="general", deadline=600)), Slow()) as one:
        one.upkeep()
        assert await one.ask() == "WAIT"
        await trio.sleep(700)
        assert (await one.row()).status is Status.ERROR
        ((state, message),) = await one.told()
        assert state == "due"
        assert "deadline of 600 s" in message
        await whole(one)


@pytest.mark.parametrize(
    ("recovery", "effect", "told"),
    [
        ("resume", "keyed", "hi"),
        ("restart", "pure", "hi"),
        ("restart", "keyed", "The runtime was stopped while the process ran, and the process is set not to go on."),
        ("fail", "pure", "The runtime was stopped while the process ran, and the process is set not to go on."),
    ],
)
async def test_policies(recovery: Recovery, effect: str, told: str, autojump_clock: object) -> None:
    """Drained work gives its claim back; the next daemon follows the policy of its process; each ends in a callback."""
    store, world = MemoryStore(), Slow(15)
    made = two_calls(of_mode("general", recovery), effect)
    async with daemon(made, world, store) as one:
        assert await one.ask() == "WAIT"
    (row,) = await store.journal.executions()
    assert (row.status, row.owner) == (Status.RUNNING, None)
    async with daemon(made, world, store, owner="two") as other:
        other.upkeep()
        await trio.sleep(60)
        assert await other.told() == [("due", told)]
        assert (await other.row()).status.finished
        await whole(other)
    assert len(world.calls) == {"resume": 2, "restart": 3 if effect == "pure" else 1, "fail": 1}[recovery]


async def test_repeated_after_a_restart(autojump_clock: object) -> None:
    """A token whose execution goes on in the next daemon is told WAIT at once."""
    store, made = MemoryStore(), two_calls(GENERAL)
    async with daemon(made, Slow(15), store) as one:
        assert await one.ask() == "WAIT"
    async with daemon(made, Slow(300), store) as other:
        other.upkeep()
        await trio.sleep(5)
        with trio.fail_after(1):
            assert await other.ask() == "WAIT"


async def test_restart_forgets_for_good(autojump_clock: object) -> None:
    """What an execution did before it was restarted does not come back after its next wait."""
    store, steps = MemoryStore(), Steps()
    after = steps.wait(steps.script(steps.wait(steps.call("", steps.returned()), "90 s"), "s.py"), "3 s")
    scripts = {"s.py": Script(file="s.py", source=python("return documents"))}
    first = steps.call("", after)
    made = bundle(steps.shapes, first, of_mode("general", "restart"), scripts=scripts)
    contents = iter(["one", "two", "three"])

    class Changing(Slow):
        async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
            await super().execute(operation, call)
            return (Reply(b'{"Message":"%s"}' % next(contents).encode() if len(self.calls) < 3 else call.content),)

    world = Changing(15)
    async with daemon(made, world, store) as one:
        assert await one.ask() == "WAIT"
        await trio.sleep(0.5)
    async with daemon(made, world, store) as other:
        other.upkeep()
        await trio.sleep(400)
        assert await other.told() == [("due", "two")]


@pytest.mark.parametrize("mode", MODES)
async def test_parked(mode: Mode, autojump_clock: object) -> None:
    """A doubt parks: WAIT, then word of it at once and a fault later, both released; the token is answered WAIT."""
    made, world = two_calls(of_mode(mode), "once"), Slow(5, OutcomeUnknown("net.timeout", "no answer"))
    async with daemon(made, world) as one:
        one.upkeep()
        assert await one.ask() == "WAIT"
        await trio.sleep(1)
        assert (await one.row()).status is Status.PARKED
        told = await one.told()
        assert [state for state, _ in told] == ["due", "due"]
        assert told[0][1].startswith("WAIT: A person")
        assert told[1][1].startswith("It is not known")
        assert await one.ask() == "WAIT"
        await whole(one)


async def test_parked_after_the_hand_over(autojump_clock: object) -> None:
    """Work that parks after its WAIT has been answered tells it as well."""
    made, world = two_calls(None, "once"), Slow(25, OutcomeUnknown("net.timeout", "no answer"))
    async with daemon(made, world) as one:
        assert await one.ask() == "WAIT"
        await trio.sleep(10)
        assert [state for state, _ in await one.told()] == ["due", "due"]


async def test_parked_without_an_address(autojump_clock: object) -> None:
    """A caller that cannot be called back is told the fault at once, not a WAIT that nothing follows."""
    made, world = two_calls(None, "once"), Slow(5, OutcomeUnknown("net.timeout", "no answer"))
    async with daemon(made, world) as one:
        assert (await one.ask(call(callback=None))).startswith("engine.parked")
        await trio.sleep(1)
        assert (await one.row()).status is Status.PARKED
        assert await one.told() == []


async def test_deadline_in_doubt(autojump_clock: object) -> None:
    """A deadline that cuts a `once` call off leaves it in doubt: it parks, and is not told as a mere failure."""
    async with daemon(two_calls(Options(mode="general", deadline=10), "once"), Slow(15)) as one:
        assert await one.ask() == "WAIT"
        await trio.sleep(1)
        assert (await one.row()).status is Status.PARKED
    async with daemon(two_calls(Options(mode="general", deadline=10), "pure"), Slow(15)) as one:
        assert (await one.ask()).startswith("engine.deadline")


async def test_unreadable_records(autojump_clock: object) -> None:
    """An execution whose records cannot be read is not run again; it ends in a callback, and the daemon lives."""
    store, made = MemoryStore(), two_calls(GENERAL)
    async with daemon(made, Slow(15), store) as one:
        assert await one.ask() == "WAIT"
    ((identity, entry),) = store.journal._entries.items()
    store.journal._entries[identity] = msgspec.structs.replace(entry, records=(b"junk",))
    world = Slow()
    async with daemon(made, world, store) as other:
        other.upkeep()
        await trio.sleep(60)
        assert world.calls == []
        ((_, message),) = await other.told()
        assert "cannot be read" in message
        await whole(other)


async def test_what_cannot_be_loaded_is_tried_again(autojump_clock: object) -> None:
    """A version that cannot be opened now is tried again, whatever its opening raises; others are not disturbed."""
    store, made, world = MemoryStore(), two_calls(GENERAL), Slow(15)
    async with daemon(made, world, store) as one:
        assert await one.ask() == "WAIT"
    async with daemon(made, world, store) as other:
        tries = 0

        async def find(row: object) -> object:
            nonlocal tries
            tries += 1
            if tries < 3:
                raise OSError("the disk is away")
            return other.deployment

        other.upkeep(find)  # type: ignore[arg-type]
        await trio.sleep(200)
        assert await other.told() == [("due", "hi")]
        await whole(other)


async def test_fenced_owner_writes_nothing(autojump_clock: object) -> None:
    """An owner that was only slow, and has lost its claim, writes nothing more, and leaves memory."""
    store, made = MemoryStore(), two_calls(GENERAL)
    slow = Slow(100)
    async with daemon(made, slow, store) as one, daemon(made, Slow(), store, owner="two") as other:
        assert await one.ask() == "WAIT"
        await trio.sleep(20)  # the lease of 30 s ends, for nobody renews it
        other.upkeep()
        await trio.sleep(10)
        assert await other.told() == [("due", "hi")]
        rows = await store.journal.executions()
        await trio.sleep(500)
        assert await store.journal.executions() == rows
        assert len(await other.told()) == 1
        await whole(one)
        await whole(other)


# --- cancellation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("moment", [0.0, 0.5, 5.0, 7.5, 19.9, 20.0, 25.0, 40.0])
async def test_stopped_at_any_moment(mode: Mode, moment: float, autojump_clock: object) -> None:
    """A daemon that stops at any moment leaves places and tokens whole; durable work is claimable, and ends once."""
    store, world, steps = MemoryStore(), Slow(), Steps()
    tail = steps.wait(steps.combine(steps.call("5", steps.message(steps.returned(), '{"Message":"done"}'))), "8 s")
    first = steps.split(steps.call("5", tail, effect="keyed", concurrency=2), "Message")
    made = bundle(steps.shapes, first, of_mode(mode))
    promised: list[str] = []
    async with daemon(made, world, store, SETTINGS) as one:

        async def ask() -> None:
            promised.append(await one.ask(call(["a", "b", "c"])))

        one.nursery.start_soon(ask)
        await trio.sleep(moment)
    await whole(one)
    async with daemon(made, world, store, ExecutionSettings(engine=SETTINGS.engine)) as other:
        other.upkeep()
        await trio.sleep(100)
        rows = await store.journal.executions()
        assert all(row.status.finished for row in rows)
        told = [message for _, message in await other.told()]
        assert told == (["done"] if rows and promised != ["done"] else [])
        if promised == ["WAIT"]:
            assert told == ["done"]
        await whole(other)


async def test_cancelled_at_every_checkpoint(autojump_clock: object) -> None:
    """Cancelled at any of its checkpoints, an execution in its caller's task leaves memory, and all are told.

    Such a one is durable, and waits for nothing but the commit of its end.
    """
    steps, count = Steps(), 0
    made = bundle(steps.shapes, steps.message(steps.returned(), '{"Message":"x"}'), GENERAL)
    while True:
        async with daemon(made, World()) as one:
            finished = await _cancelled_after(count, one)
            await whole(one)
        if finished:
            break
        count += 1
    assert count > 1


async def _cancelled_after(checkpoints: int, one: Daemon) -> bool:
    finished = False

    async def run() -> None:
        nonlocal finished
        await one.begin(call())
        finished = True

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        for _ in range(checkpoints):
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    return finished


async def test_waits_survive_a_clock_that_goes_back(autojump_clock: object) -> None:
    """When the wall clock is set back by an hour, a wait that was begun before ends an hour later at most by itself."""
    clock = SetClock()
    async with daemon(waiting(GENERAL), Slow()) as one:
        one.house.clock = clock
        clock.error = 3_600.0  # it is wrong when the wait begins
        one.upkeep()
        assert await one.ask() == "WAIT"
        await trio.sleep(60)
        clock.error = 0.0
        await trio.sleep(3_600)
        assert (await one.row()).status is Status.COMPLETE


class SetClock(TrioClock):
    """A wall clock that is wrong by some seconds."""

    error = 0.0

    def now(self) -> float:
        """Give the wrong time."""
        return super().now() + self.error
