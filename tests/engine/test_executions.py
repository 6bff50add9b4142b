"""Executions from their call to their end: answered, handed over, recovered, parked, drained (promises 1 and 2)."""

from __future__ import annotations

import msgspec
import pytest
import trio

from runtime.engine.house import ExecutionSettings
from runtime.errors import StoreError, Unavailable
from runtime.flow.handover import AnswerSent, SyncTimeout
from runtime.model.bundle import Bundle, Script
from runtime.model.journal import Accept, Append, Finish, Park, Release, Status, Suspend
from runtime.model.process import Mode, Options, Recovery
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import OutcomeUnknown
from runtime.store.memory import MemoryStore
from tests.engine.houses import SETTINGS, Daemon, bundle, call, daemon, failing
from tests.engine.processes import Steps, python
from tests.engine.worlds import World

GENERAL = Options(mode="general")
MODES: list[Mode] = ["general", "low latency"]


class Slow(World):
    """A world whose calls take some seconds, by their note."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        super().__init__()
        self.seconds = seconds
        self.error = error

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer after a while."""
        await trio.sleep(float(call.fields.note or self.seconds))
        if self.error is not None:
            raise self.error
        return await super().execute(operation, call)


def two_calls(options: Options | None = None, effect: str = "keyed") -> Bundle:
    """Give a process of two calls, each as slow as the world is."""
    steps = Steps()
    return bundle(steps.shapes, steps.call("", steps.call("", steps.returned(), effect=effect), effect=effect), options)


def of_mode(mode: Mode, recovery: Recovery = "resume") -> Options:
    """Give options."""
    return Options(mode=mode, recovery=recovery)


async def whole(one: Daemon) -> None:
    """Assert that nothing is left in memory: no execution, no token, no place taken."""
    assert one.house.live == {}
    assert one.house.tokens._live == {}
    assert one.house.places.statistics().borrowed_tokens == 0
    assert one.house.queued == 0


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
    """Cancelled at any of its checkpoints, an inline execution leaves memory, and whoever shares it is answered."""
    steps, count = Steps(), 0
    first = steps.split(
        steps.message(steps.combine(steps.message(steps.returned(), '{"Message":"x"}')), "1"), "Message"
    )
    made = bundle(steps.shapes, first)
    while True:
        async with daemon(made, World()) as one:
            finished = await _cancelled_after(count, one)
            await whole(one)
        if finished:
            break
        count += 1
    assert count > 10


async def _cancelled_after(checkpoints: int, one: Daemon) -> bool:
    finished = False

    async def run() -> None:
        nonlocal finished
        await one.begin(call(list(range(20))))
        finished = True

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        for _ in range(checkpoints):
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    return finished
