"""The laws of scripts of map functions in processes of their own."""

from __future__ import annotations

import threading

import pytest
import trio
import trio.testing

from runtime.engine.scripts.calling import map_call
from runtime.engine.scripts.messages import Input, Kind, Variables
from runtime.engine.scripts.workers import Borrowed, ScriptLimits, Workers, open_workers
from runtime.errors import DocumentFault
from runtime.sdk.script import ScriptContext
from tests.patience import PATIENCE

LIMITS = ScriptLimits(time=PATIENCE, memory=400 * 1024 * 1024, processes=1)
GIVEN = Variables((Input("a", "integer", "20"),), ("out",))
SOURCES: dict[Kind, str] = {"groovy": "out = a * 2 + 2", "javascript": "out = a * 2 + 2"}


async def called(
    workers: Workers, kind: Kind, *sources: str, facade: ScriptContext | None = None
) -> list[dict[str, str | None] | DocumentFault]:
    """Call scripts in one borrowed process, one after the other; give what each leaves, or how it failed."""
    context = facade or ScriptContext({"P": "1"}, {})
    lines: list[tuple[str, str]] = []

    def work(borrowed: Borrowed) -> list[dict[str, str | None] | DocumentFault]:
        found: list[dict[str, str | None] | DocumentFault] = []
        for source in sources:
            try:
                made = map_call(borrowed, kind, "F1", source, variables=GIVEN, facade=context, lines=lines)
                found.append(made)
            except DocumentFault as fault:
                found.append(fault)
        return found

    return await workers.lend(work, trio.CapacityLimiter(1))


@pytest.mark.parametrize("kind", ["groovy", "javascript"])
async def test_what_a_script_leaves_comes_back(kind: Kind) -> None:
    """With the properties that it set; the same process serves the calls that follow."""
    context = ScriptContext({"P": "1"}, {})
    setting = "com.boomi.execution.ExecutionUtil.setDynamicProcessProperty('Q', '2', false); out = 'x'"
    async with open_workers(LIMITS) as workers:
        made = await called(workers, kind, SOURCES[kind], setting, facade=context)
        assert len(workers._idle) == 1
    assert made == [{"out": "42"}, {"out": "x"}]
    assert context.process.changes == {"Q": "2"}


@pytest.mark.parametrize("kind", ["groovy", "javascript"])
async def test_a_script_that_never_ends_is_stopped_and_the_next_runs(kind: Kind) -> None:
    """Its document fails; the process is ended, and another takes its place."""
    async with open_workers(ScriptLimits(time=0.5, memory=LIMITS.memory, processes=1)) as workers:
        (late,) = await called(workers, kind, "while (true) { }")
    assert isinstance(late, DocumentFault)
    assert late.code == "script.time"
    async with open_workers(LIMITS) as workers:
        failed, made = await called(workers, kind, "throw new RuntimeException('x')", SOURCES[kind])
    assert isinstance(failed, DocumentFault)
    assert (failed.code, made) == ("script.error", {"out": "42"})


async def test_memory_is_bounded() -> None:
    """A text that doubles without end takes no more than its process may have."""
    async with open_workers(LIMITS) as workers:
        (failed,) = await called(workers, "groovy", "def s = 'x'\nwhile (true) s += s")
    assert isinstance(failed, DocumentFault)
    assert failed.code in {"script.memory", "script.ended"}


@pytest.mark.parametrize("kind", ["groovy", "javascript"])
async def test_a_call_that_is_cancelled_ends_with_its_process(kind: Kind) -> None:
    """Nothing waits for a script that nobody wants any more."""
    async with open_workers(ScriptLimits(time=600.0, memory=LIMITS.memory, processes=1)) as workers:
        with trio.move_on_after(0.5) as scope:
            await called(workers, kind, "while (true) { }")
        assert scope.cancelled_caught


async def test_no_script_begins_for_a_caller_that_has_gone() -> None:
    """A cancellation that comes between two calls is not lost, and the process of the first serves nobody else."""
    answered, gone = threading.Event(), threading.Event()

    def call(borrowed: Borrowed, source: str) -> None:
        map_call(borrowed, "groovy", "F1", source, variables=GIVEN, facade=ScriptContext({}, {}), lines=[])

    def work(borrowed: Borrowed) -> None:
        call(borrowed, SOURCES["groovy"])
        answered.set()
        gone.wait(PATIENCE)
        with pytest.raises(DocumentFault, match="not wanted any more"):
            call(borrowed, "while (true) { }")

    async with open_workers(ScriptLimits(time=600.0, memory=LIMITS.memory, processes=1)) as workers:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(workers.lend, work, trio.CapacityLimiter(1))
            while not answered.is_set():  # noqa: ASYNC110 - a thread
                await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                await trio.testing.wait_all_tasks_blocked()
            gone.set()
        assert workers._idle == []
        assert await called(workers, "groovy", SOURCES["groovy"]) == [{"out": "42"}]
