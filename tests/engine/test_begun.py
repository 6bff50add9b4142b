"""Process Call without Wait: executions of their own, begun once each, whatever becomes of their parent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import trio
from msgspec.structs import replace

from runtime.engine.executions import begin_process
from runtime.engine.recovery import take_over
from runtime.errors import StoreError
from runtime.model.bundle import Bundle
from runtime.model.journal import Disown, ExecutionRow, Operation, Search, Status
from runtime.model.platform_shapes import ProcessCallStep
from runtime.model.process import Options, Process
from runtime.model.shapes import ReturnDocumentsStep, Start
from runtime.store.memory import MemoryStore
from tests.engine.houses import SETTINGS, Daemon, bundle, daemon
from tests.engine.processes import Steps
from tests.engine.slow import Slow
from tests.engine.worlds import World

GENERAL = Options(mode="general")


def begins(child: Steps, first: str | None, options: Options = GENERAL, *, of_child: Options = GENERAL) -> Bundle:
    """Give a process that sets a property and begins a child for each document, then calls once."""
    steps = Steps()
    after = steps.call("1", effect="keyed")
    steps.shapes.append(ProcessCallStep(id="begin", process="child", wait=False))
    made = bundle(steps.shapes, steps.set(steps.branch("begin", after), "process", "p", "5"), options)
    start = Start(id="start", mode="no data", to=first)
    called = Process(name="child", start=start, shapes=(start, *child.shapes), options=of_child)
    return replace(made, processes={**made.processes, "child": called})


def calls(effect: str = "keyed") -> tuple[Steps, str]:
    """Give a child whose call takes as many seconds as a property of its caller says."""
    steps = Steps()
    return steps, steps.call("${process.p}", effect=effect)


async def rows(store: MemoryStore) -> tuple[ExecutionRow, list[ExecutionRow]]:
    """Give the parent, and what it has begun in the order of beginning."""
    (parent,) = [row for row in await store.journal.executions() if row.parent is None]
    return parent, (await store.journal.executions(search=Search(parent=parent.id)))[::-1]


async def ended(one: Daemon) -> None:
    """Let everything end."""
    while not all(row.status.finished for row in await one.store.journal.executions()):  # noqa: ASYNC110
        await trio.sleep(1)


async def test_each_document_begins_an_execution_that_outlives_its_parent(autojump_clock: object) -> None:
    """Law: the parent does not wait; each child has an id and a row of its own, and sees its properties."""
    world = Slow()
    async with daemon(begins(*calls()), world) as one:
        one.upkeep()
        await begin_process(one.house, one.deployment, "p", [b"1", b"2"], {})
        await trio.sleep(0.5)
        parent, children = await rows(one.store)
        assert [child.process for child in children] == ["child", "child"]
        assert len({parent.id, *(child.id for child in children)}) == 3
        await trio.sleep(10.5)
        assert (await rows(one.store))[0].status is Status.COMPLETE
        await ended(one)
        assert {row.status for row in (await rows(one.store))[1]} == {Status.COMPLETE}
    assert sorted(content for (operation, _), content in world.effects.items()) == [b"", b"", b"1", b"2"]


async def test_its_failure_is_its_own(autojump_clock: object) -> None:
    """Law: an error of a child does not come back, and stands in its own row."""
    steps = Steps()
    async with daemon(begins(steps, steps.fail("no", stop="process")), World()) as one:
        one.upkeep()
        await begin_process(one.house, one.deployment, "p", [b"1"], {})
        await ended(one)
        parent, (child,) = await rows(one.store)
    assert (parent.status, child.status, child.message) == (Status.COMPLETE, Status.ERROR, "no")


async def test_children_wait_for_places_and_not_at_gates(autojump_clock: object) -> None:
    """Law: no more run at once than there are places; neither Allow Simultaneous nor recovery concerns them."""
    world = Slow()
    alone = Options(mode="general", simultaneous="reject", recovery="fail")
    async with daemon(begins(*calls(), of_child=alone), world, settings=replace(SETTINGS, at_once=2)) as one:
        one.upkeep()
        await begin_process(one.house, one.deployment, "p", [b"%d" % n for n in range(7)], {})
        most = 0
        while not all(row.status.finished for row in await one.store.journal.executions()):
            most = max(most, one.house.running)
            await trio.sleep(0.25)
        assert most == 2
        assert {row.status for row in (await rows(one.store))[1]} == {Status.COMPLETE}
    assert len(world.effects) == 14


async def test_executions_that_begin_each_other_end_somewhere(autojump_clock: object) -> None:
    """Law: a process that begins itself for ever is ended after forty executions, with an error that says so."""
    start = Start(id="start", mode="no data", to="again")
    process = Process(
        name="child",
        start=start,
        shapes=(start, ProcessCallStep(id="again", process="child", wait=False), ReturnDocumentsStep(id="end")),
        options=GENERAL,
    )
    made = begins(Steps(), None)
    async with daemon(replace(made, processes={**made.processes, "child": process}), World()) as one:
        one.upkeep()
        await begin_process(one.house, one.deployment, "child", [], {})
        await ended(one)
        found = await one.store.journal.executions(limit=1000)
    assert len(found) == 41
    assert [row.message for row in found if row.status is Status.ERROR] == [
        "executions begin each other more than 40 levels deep"
    ]


@pytest.mark.parametrize("mode", ["general", "low latency"])
async def test_begun_once_wherever_the_parent_is_killed(mode: str, autojump_clock: object) -> None:
    """Law: killed before any commit and gone on with, a parent has begun each child once, and each ran once."""
    options = Options(mode=mode)  # type: ignore[arg-type]
    made = begins(*calls("once"), options)
    commits = await _lives(made, None)
    assert commits > 6
    for kill_at in range(commits):
        await _lives(made, kill_at)


async def _lives(made: Bundle, kill_at: int | None) -> int:
    store, world, count = MemoryStore(), World(), 0

    def before(operations: Sequence[Operation]) -> None:
        nonlocal count
        if kill_at is not None and count >= kill_at:
            raise StoreError("store.disk", "killed")
        count += 1

    async with daemon(made, world, store) as one:
        store.journal.before_commit = before
        with trio.CancelScope():
            try:
                await begin_process(one.house, one.deployment, "p", [b"1", b"2"], {})
            except StoreError:
                return count  # it was never accepted
            while await take_over(one.house, one.find) if kill_at is None or count < kill_at else False:
                await one.house.drained()
            with trio.move_on_after(60):
                await one.house.drained()
            one.nursery.cancel_scope.cancel()
        store.journal.before_commit = None
    commits = count
    async with daemon(made, world, store, owner="two") as other:
        await store.journal.commit([Disown()])
        other.upkeep()
        await trio.sleep(60)
        parent, children = await rows(store)
        if any(row.status is Status.PARKED for row in [parent, *children]):
            return commits  # a call was under way, and is a person's to decide
        assert parent.status is Status.COMPLETE
        assert [child.status for child in children] == [Status.COMPLETE] * 2
    assert len([operation for operation, _, _ in world.calls if operation == "once"]) == 2
    return commits
