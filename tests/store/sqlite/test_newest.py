from __future__ import annotations

from typing import TYPE_CHECKING

import trio
from trio.testing import wait_all_tasks_blocked

from runtime.model.journal import Search, Status
from tests.store.examples import accept, sqlite
from tests.store.sqlite.test_segmented import COUNT, ahead

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.model.journal import ExecutionRow
    from runtime.store.protocols import Journal

SEARCHES = [
    Search(status=Status.COMPLETE),
    Search(process="another"),
    Search(process="create"),
    Search(text="message"),
    Search(origin="ex-0"),
    Search(parent="ex-0"),
    Search(since=1003.0),
    Search(until=1002.0),
    Search(tracked=("x", "1")),
    Search(tracked=("x", "2")),
]


async def found_by(journal: Journal) -> list[list[ExecutionRow]]:
    """Search in every way."""
    return [
        await journal.executions(),
        await journal.executions(limit=2),
        await journal.executions(status=Status.RUNNING),
        *[await journal.executions(search=search) for search in SEARCHES],
    ]


async def test_a_search_tells_of_what_is_ahead_as_of_the_tables(tmp_path: Path) -> None:
    """Whatever is searched for, what is found is the same before and after the tables have it, the newest first."""
    async with sqlite(tmp_path) as store:
        async with ahead(store):
            before = await found_by(store.journal)
        await store.journal._segmented.home()
        assert await found_by(store.journal) == before
    assert [row.id for row in before[0]] == [f"ex-{number}" for number in reversed(range(COUNT))]
    assert [len(rows) for rows in before] == [COUNT, 2, 0, COUNT, 0, COUNT, 0, 0, 0, 2, 2, COUNT, 0]


async def test_a_search_finds_what_comes_home_meanwhile_once(tmp_path: Path) -> None:
    """Whoever searches while executions come home finds each of them once, before those that stood in the tables."""
    async with sqlite(tmp_path) as store:
        journal, listed = store.journal, list[str]()
        await journal.commit([accept("ex-before")])

        async def search() -> None:
            listed.extend([row.id for row in await journal.executions()])

        async with trio.open_nursery() as nursery, journal._limiter:
            async with ahead(store):
                nursery.start_soon(search)
                await wait_all_tasks_blocked()
            await journal._segmented.home()
        assert listed == [*(f"ex-{number}" for number in reversed(range(COUNT))), "ex-before"]
