"""Parts that run side by side: threads of Flow Control, and paths of a parallel Branch (reference 1.22)."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace

from runtime.engine.executions import begin_process
from runtime.engine.fibers import MOST
from runtime.model.journal import Append, Status
from runtime.model.platform_shapes import FlowControlStep
from runtime.model.process import Options
from runtime.model.shapes import BranchStep, ScriptStep
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import OutcomeUnknown
from tests.engine.graphs import scripts
from tests.engine.houses import bundle, daemon, failing
from tests.engine.processes import Steps
from tests.engine.runs import SMALL, Run, compiled
from tests.engine.slow import Slow
from tests.engine.worlds import World, documents

GENERAL = Options(mode="general")


def parts(steps: Steps, to: str, threads: int, batch: int = 0) -> str:
    """Add a Flow Control."""
    steps.shapes.append(FlowControlStep(id=f"parts{len(steps.shapes)}", fibers=threads, batch=batch, to=to))
    return steps.shapes[-1].id


def parallel(steps: Steps, *paths: str | None) -> str:
    """Add a parallel Branch."""
    steps.shapes.append(BranchStep(id=f"paths{len(steps.shapes)}", paths=paths, parallel=True))
    return steps.shapes[-1].id


def run_of(steps: Steps, first: str, *contents: bytes, world: World | None = None) -> Run:
    """Give a run of a process that starts with these contents."""
    used = world or World()
    return Run(compiled(steps.shapes, first, used), used, documents(*contents))


class Counting(Slow):
    """A slow world that knows how many calls were under way at once."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.under_way = self.most = 0

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer after a while."""
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await super().execute(operation, call)
        finally:
            self.under_way -= 1


async def test_threads_run_side_by_side(autojump_clock: object) -> None:
    """Law: threads take the time of the slowest, and what they return stands in the order of the documents."""
    steps = Steps()
    first = parts(steps, steps.call("${document}", steps.returned(), effect="keyed"), 4)
    begun = trio.current_time()
    ended = await run_of(steps, first, b"4", b"3", b"2", b"1", world=Slow()).go()
    assert trio.current_time() - begun == pytest.approx(4.0)
    assert ended.returned == (b"4", b"3", b"2", b"1")


async def test_no_more_than_the_limit_compute(autojump_clock: object) -> None:
    """Law: no more parts than the setting allows compute at once; the others wait for a place and are counted."""
    steps, world = Steps(), Counting(1.0)
    first = parts(steps, steps.call("", steps.returned(), effect="keyed"), 6)
    run = run_of(steps, first, *[b"%d" % n for n in range(6)], world=world)
    begun = trio.current_time()
    await run.go(limits=replace(SMALL, parts_at_once=2))
    assert world.most == 2
    assert trio.current_time() - begun == pytest.approx(3.0)


async def test_threads_see_properties_as_they_were_and_the_last_thread_wins(autojump_clock: object) -> None:
    """Law: a thread sees nothing that another sets; afterwards the last in the order of threads has won."""
    steps = Steps()
    seen = steps.call("", steps.returned(), effect="keyed")
    first = steps.message(seen, "${process.p}")
    second = steps.set(first, "process", "p", "${process.p}+${document}")
    waits = steps.call("${document}", second)
    after = steps.branch(parts(steps, waits, 2), steps.message(steps.returned(), "${process.p}", combine=True))
    ended = await run_of(steps, after, b"9", b"1", world=Slow()).go()
    assert ended.returned == (b"+9", b"+1", b"+1+1")
    assert ended.properties["p"] == "+1"


async def test_a_thread_that_fails_does_not_stop_the_others(autojump_clock: object) -> None:
    """Law: an error of the process ends the run once all threads have ended, with what they returned."""
    steps, world = Steps(), Slow()
    back = steps.returned()
    called = steps.call("${document}", back, effect="keyed")
    first = parts(steps, steps.decide("document == 1", steps.fail("no", stop="process"), called), 3)
    ended = await run_of(steps, first, b"1", b"5", b"6", world=world).go()
    assert (ended.status, ended.message) == (Status.ERROR, "no")
    assert ended.returned == (b"5", b"6")


async def test_a_try_around_threads_catches_what_fails_in_them(autojump_clock: object) -> None:
    """Law: documents that fail in threads go down the Catch path of the Try around, in the order of documents."""
    steps = Steps()
    back = steps.returned()
    refused = steps.decide("document % 2 == 0", steps.fail("no ${document}"), steps.message(back, "ok ${document}"))
    first = steps.attempt(parts(steps, refused, 3), steps.message(back, "${meta.catcherrorsmessage}"))
    ended = await run_of(steps, first, b"1", b"2", b"3", b"4").go()
    assert ended.returned == (b"ok 1", b"ok 3", b"no 2", b"no 4")


async def test_a_stop_in_a_thread_ends_the_process_as_a_success(autojump_clock: object) -> None:
    """Law: a Stop that ends the process lets the threads beside it end, and nothing after them run."""
    steps = Steps()
    back = steps.returned()
    first = parts(steps, steps.decide("document == 1", steps.stop(goes_on=False), back), 2)
    ended = await run_of(steps, steps.branch(first, back), b"1", b"2").go()
    assert (ended.status, ended.returned) == (Status.COMPLETE, (b"2",))


async def test_parallel_paths_get_all_documents_each(autojump_clock: object) -> None:
    """Law: the paths of a parallel Branch take the time of the slowest; what fails on one goes on on the other."""
    steps = Steps()
    back = steps.returned()
    one = steps.call("3", steps.decide("document == 1", steps.fail("no"), back), effect="keyed")
    other = steps.call("2", steps.message(back, "other ${document}"), effect="keyed")
    begun = trio.current_time()
    ended = await run_of(steps, parallel(steps, one, None, other), b"1", b"2", world=Slow()).go()
    assert trio.current_time() - begun == pytest.approx(2 * 3.0)  # a keyed step calls one by one
    assert (ended.status, ended.message) == (Status.ERROR, "no")
    assert ended.returned == (b"2", b"other 1", b"other 2")


async def test_parts_within_parts_end_somewhere(autojump_clock: object) -> None:
    """Law: a process that forks for ever into parts that fork ends with an error that says so."""
    steps = Steps()
    steps.shapes.append(FlowControlStep(id="again", fibers=2, to="double"))
    steps.shapes.append(ScriptStep(id="double", file="double.py", to="again"))
    made = compiled(steps.shapes, "again", World(), scripts=scripts())
    ended = await Run(made, World(), documents(b"1", b"2")).go(limits=replace(SMALL, steps=100_000))
    assert (ended.status, ended.message) == (
        Status.ERROR,
        f"again: parts that run side by side divide again, into more than {MOST}",
    )


async def test_executions_give_their_place_back_while_all_parts_wait(autojump_clock: object) -> None:
    """Law: an execution whose parts all wait holds no place and leaves memory; it goes on when the first is due."""
    steps, world = Steps(), World()
    waits = steps.wait(steps.call("${document}", steps.returned(), effect="keyed"), "${document} min")
    made = bundle(steps.shapes, parts(steps, waits, 3), GENERAL)
    async with daemon(made, world) as one:
        one.upkeep()
        begun = trio.current_time()
        await begin_process(one.house, one.deployment, "p", [b"3", b"1", b"2"], {})
        await trio.sleep(30)
        assert (await one.row()).status is Status.WAITING
        assert one.house.live == {}
        assert one.house.running == 0
        await trio.sleep(50)
        assert [content for _, content in sorted((key, content) for (_, key), content in world.effects.items())] == [
            b"1"
        ]
        while not (await one.row()).status.finished:  # noqa: ASYNC110 - a row has no event
            await trio.sleep(1)
        assert trio.current_time() - begun == pytest.approx(180, abs=5)
        assert (await one.row()).status is Status.COMPLETE
    assert len(world.calls) == 3


async def test_a_part_in_doubt_parks_the_execution_when_the_others_have_ended(autojump_clock: object) -> None:
    """Law: where one part is in doubt, the others run to their end before a person is asked."""
    steps = Steps()

    def rule(operation: str, call: Call, tries: int) -> bytes:
        if call.content == b"1":
            raise OutcomeUnknown("gone", "the connection is gone")
        return call.content

    world = World(rule)
    first = parts(steps, steps.call("", steps.wait(steps.call("b", effect="keyed"), "2 s"), effect="once"), 2)
    async with daemon(bundle(steps.shapes, first, GENERAL), world) as one:
        await begin_process(one.house, one.deployment, "p", [b"1", b"2"], {})
        await one.house.drained()
        assert (await one.row()).status is Status.PARKED
    assert [(operation, content) for operation, _, content in world.calls] == [("once", b"2"), ("keyed", b"2")]


async def test_a_full_disk_stops_parts_at_their_next_step(autojump_clock: object) -> None:
    """Law: when a record cannot be written, no part begins another step, and no call is torn."""
    steps, world = Steps(), Slow()
    last = steps.call("1", effect="keyed")
    first = parts(steps, steps.call("${document}", last, effect="keyed"), 2)
    async with daemon(bundle(steps.shapes, first, GENERAL), world) as one:
        await begin_process(one.house, one.deployment, "p", [b"5", b"1"], {})
        await trio.sleep(0.5)
        one.store.journal.before_commit = failing(Append)
        await trio.sleep(10)
        assert one.house.live == {}
        one.store.journal.before_commit = None
        assert [content for _, _, content in world.calls] == [b"1", b"5"]
        one.upkeep()
        while not (await one.row()).status.finished:  # noqa: ASYNC110 - a row has no event
            await trio.sleep(1)
    assert len(world.effects) == 4
