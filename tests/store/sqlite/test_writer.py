from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from runtime.errors import Fenced, StoreError
from runtime.model.journal import Append, Brief, Status
from tests.store.examples import accept, execution, sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from runtime.model.journal import Operation
    from runtime.store.sqlite.opening import SqliteStore


@asynccontextmanager
async def busy_writer(store: SqliteStore) -> AsyncIterator[trio.Nursery]:
    """Keep the writer busy inside the block, so that whatever comes meanwhile queues; wait for it afterwards."""
    gate = threading.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.journal._writer.do, lambda _: gate.wait(), 1)
        await wait_all_tasks_blocked()
        try:
            yield nursery
            await wait_all_tasks_blocked()
        finally:
            gate.set()


async def test_callers_share_a_transaction(tmp_path: Path) -> None:
    """Whoever waits while a group is written goes with the next one, all together."""
    async with sqlite(tmp_path) as store:
        async with busy_writer(store) as nursery:
            for number in range(100):
                nursery.start_soon(store.journal.commit, [accept(f"ex-{number}")])
            await wait_all_tasks_blocked()
            assert store.journal.statistics().queued == 100
        assert store.journal.statistics().commits == 2
        assert len(await store.journal.executions(limit=200)) == 100


async def test_group_is_limited(tmp_path: Path) -> None:
    """A transaction takes no more operations than allowed; a longer list goes alone."""
    async with sqlite(tmp_path, group=10) as store:
        await store.journal.commit([accept("ex-1")])
        before = store.journal.statistics().commits
        async with busy_writer(store) as nursery:
            for _ in range(4):
                nursery.start_soon(store.journal.commit, [Append("ex-1", 0, (b"record",) * 5)])
            await wait_all_tasks_blocked()
            nursery.start_soon(store.journal.commit, [Append("ex-1", 0, (b"record",) * 25)])
        assert store.journal.statistics().commits - before == 1 + 2 + 1
        assert len(await store.journal.records("ex-1")) == 45


async def test_fenced_caller_fails_alone(tmp_path: Path) -> None:
    """In one transaction each caller stands or falls without regard to the others."""
    results: dict[str, Exception | None] = {}
    lists: dict[str, list[Operation]] = {
        "whole": [accept("ex-2")],
        "fenced": [accept("ex-3"), Append("ex-1", 9, (b"record",))],
        "taken": [accept("ex-4"), accept("ex-5", token="t1")],
        "unwritable": [accept("ex-6", message="\ud800")],
        "whole too": [accept("ex-7")],
    }

    async def commit(store: SqliteStore, name: str, operations: Sequence[Operation]) -> None:
        try:
            await store.journal.commit(operations)
            results[name] = None
        except (StoreError, ValueError) as error:
            results[name] = error

    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-1", token="t1")])
        async with busy_writer(store) as nursery:
            for name, operations in lists.items():
                nursery.start_soon(commit, store, name, operations)
        assert store.journal.statistics().commits == 3
        assert {row.id for row in await store.journal.executions()} == {"ex-1", "ex-2", "ex-7"}
    assert results["whole"] is None
    assert results["whole too"] is None
    assert isinstance(results["fenced"], Fenced)
    assert isinstance(results["taken"], StoreError)
    assert isinstance(results["unwritable"], ValueError)


async def test_queue_is_bounded(tmp_path: Path) -> None:
    """When too much waits, a caller is refused at once and nothing of its list is written."""
    async with sqlite(tmp_path, queue=10) as store:
        await store.journal.commit([accept("ex-1")])
        async with busy_writer(store) as nursery:
            nursery.start_soon(store.journal.commit, [Append("ex-1", 0, (b"record",) * 10)])
            await wait_all_tasks_blocked()
            with pytest.raises(StoreError, match=r"store\.queue-full"):
                await store.journal.commit([accept("ex-2")])
        await store.journal.commit([accept("ex-3")])
        assert len(await store.journal.records("ex-1")) == 10
        assert await store.journal.execution("ex-2") is None


async def test_cancelled_while_it_queues_nothing_is_written(tmp_path: Path) -> None:
    """A caller that is cancelled before its operations are taken has written nothing; the others have."""
    async with sqlite(tmp_path) as store:
        async with busy_writer(store) as nursery:
            nursery.start_soon(store.journal.commit, [accept("ex-1")])
            await wait_all_tasks_blocked()
            with trio.CancelScope() as scope:
                nursery.start_soon(store.journal.commit, [accept("ex-3")])
                scope.cancel()
                await store.journal.commit([accept("ex-2")])
            assert scope.cancelled_caught
        with trio.CancelScope() as scope:
            async with busy_writer(store) as nursery:
                nursery.start_soon(store.journal.commit, [accept("ex-4")])
                await wait_all_tasks_blocked()
                scope.cancel()
        assert {row.id for row in await store.journal.executions()} == {"ex-1", "ex-3"}
        assert store.journal.statistics().queued == 0


async def test_cancelled_on_the_way_to_the_disk_waits_for_the_outcome(tmp_path: Path) -> None:
    """Once the operations are taken, the caller learns what became of them, cancelled or not."""
    begun, gate = threading.Event(), threading.Event()
    outcome: list[str] = []

    def work(_: object) -> str:
        begun.set()
        gate.wait()
        return "written"

    async def caller(store: SqliteStore, scope: trio.CancelScope) -> None:
        with scope:
            outcome.append(await store.journal._writer.do(work, 1))

    async with sqlite(tmp_path) as store, trio.open_nursery() as nursery:
        scope = trio.CancelScope()
        nursery.start_soon(caller, store, scope)
        await trio.to_thread.run_sync(begun.wait)
        scope.cancel()
        await wait_all_tasks_blocked()
        assert outcome == []
        gate.set()
    assert outcome == ["written"]


async def test_writer_stops_last(tmp_path: Path) -> None:
    """What is committed during a cancelled shutdown, under a shield, is written before the store closes."""
    with trio.CancelScope() as scope:
        async with sqlite(tmp_path) as store:
            scope.cancel()
            try:
                await trio.sleep_forever()
            finally:
                with trio.CancelScope(shield=True):
                    await store.journal.commit([accept("ex-1")])
    async with sqlite(tmp_path) as store:
        assert await store.journal.executions() == [execution("ex-1")]


async def test_closed_store_says_so(tmp_path: Path) -> None:
    """A commit after the store was closed fails with a clear error; it does not hang."""
    async with sqlite(tmp_path) as store:
        pass
    with pytest.raises(StoreError, match=r"store\.closed"):
        await store.journal.commit([accept("ex-1")])


async def test_single_caller_is_not_held_back(tmp_path: Path) -> None:
    """A caller alone is written at once: grouping never waits for company."""
    async with sqlite(tmp_path) as store:
        for number in range(3):
            await store.journal.commit([accept(f"ex-{number}")])
        assert store.journal.statistics().commits == 3
        assert store.journal.statistics().last_commit_seconds > 0


async def test_work_is_done_again_when_another_is_refused(tmp_path: Path) -> None:
    """A caller whose group has a refused one in it gets what its own work gives, once, as if it had been alone."""
    async with sqlite(tmp_path) as store:
        given: list[int] = []

        async def number() -> None:
            given.append(await store.journal.take_numbers("counter", 1))

        async with busy_writer(store) as nursery:
            nursery.start_soon(number)
            nursery.start_soon(_refused, store, Append("nobody", 0, (b"record",)))
            nursery.start_soon(number)
        assert sorted(given) == [1, 2]


async def _refused(store: SqliteStore, operation: Operation) -> None:
    with pytest.raises(Fenced):
        await store.journal.commit([operation])


def _brief(identity: str) -> Brief:
    return Brief(execution=execution(identity, status=Status.COMPLETE, finished_at=1001.0), answer=b"answer")


async def test_submitted_work_is_bounded_and_ends_with_the_store(tmp_path: Path) -> None:
    """What is submitted beyond the queue, or to a closed store, is refused at once; what was taken is written."""
    told: list[Exception | None] = []
    async with sqlite(tmp_path, queue=2) as store, busy_writer(store):
        for number in range(2):
            store.journal.submit(_brief(f"ex-{number}"), told.append)
        with pytest.raises(StoreError, match=r"store\.queue-full"):
            store.journal.submit(_brief("ex-2"), told.append)
        assert told == []
    assert told == [None, None]
    with pytest.raises(StoreError, match=r"store\.closed"):
        store.journal.submit(_brief("ex-3"), told.append)
    async with sqlite(tmp_path) as store:
        assert {row.id for row in await store.journal.executions()} == {"ex-0", "ex-1"}
