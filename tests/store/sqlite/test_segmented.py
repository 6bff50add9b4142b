from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from runtime.errors import StoreError, TokenTaken
from runtime.model.journal import Brief, Forget, Purge, Unkeep
from runtime.store.cipher import Cipher
from runtime.store.segments.blocks import Gap, blocks_in
from runtime.store.segments.reading import left_in, paths_in
from runtime.store.segments.segment import Segment, found
from runtime.store.sqlite import following
from runtime.store.sqlite.births import insert_briefs
from runtime.store.sqlite.border import open_writer
from runtime.store.sqlite.check import check
from runtime.store.sqlite.known_tokens import KnownTokens
from runtime.store.sqlite.opening import JOURNAL, SEGMENTS, note_tokens
from tests.store.examples import KEY, accept, brief, sqlite, submitted
from tests.store.sqlite.test_disk import assert_nowhere_in_clear, full_disk
from tests.store.sqlite.test_writer import busy_writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runtime.store.protocols import Journal
    from runtime.store.sqlite.opening import SqliteStore

COUNT = 5
CANARY = b"canary-4111111111111111"


@asynccontextmanager
async def ahead(store: SqliteStore, count: int = COUNT, first: int = 0) -> AsyncIterator[None]:
    """Keep executions ahead of the tables inside the block; they are durable, while the tables are held."""
    async with busy_writer(store):
        ends: list[Exception | None] = []
        for number in range(first, first + count):
            store.journal.submit(numbered(number), ends.append)
        while len(ends) < count:
            await trio.lowlevel.checkpoint()
        assert ends == [None] * count
        assert store.journal.ahead > 0
        yield


def numbered(number: int) -> Brief:
    """Give one of the executions that are ahead."""
    times: dict[str, object] = {"started_at": 1000.0 + number, "finished_at": 1001.0 + number}
    return brief(f"ex-{number}", token=f"t{number}", answer=CANARY, **times)


def crashed(folder: Path) -> Path:
    """Give a copy of a state folder as it is on the disk now."""
    return shutil.copytree(folder, folder.with_name(f"{folder.name} after a crash"))


async def told(journal: Journal) -> list[object]:
    """Give what is told of each execution without a look at the tables."""
    each = [f"ex-{number}" for number in range(COUNT)]
    return [
        [await journal.execution(identity) for identity in each],
        [await journal.by_token(f"t{number}") for number in range(COUNT)],
        [await journal.answer(identity) for identity in each],
        [await journal.start(identity) for identity in each],
        [await journal.records(identity) for identity in each],
        [await journal.tracked(identity) for identity in each],
        await journal.counts(),
        [journal.may_know(f"t{number}") for number in range(COUNT + 1)],
    ]


async def test_what_is_ahead_is_told_as_what_stands_in_the_tables(tmp_path: Path) -> None:
    """Whatever is asked of an execution, the answer is the same before and after the tables have it."""
    async with sqlite(tmp_path) as store:
        journal = store.journal
        async with ahead(store):
            before = await told(journal)
            history = await journal.history()
        await journal._segmented.home()
        assert journal.ahead == 0
        assert await told(journal) == before
        now = await journal.history()
        assert (history.finished, history.replayable) == (now.finished, now.replayable) == (COUNT, COUNT)


async def test_what_comes_home_meanwhile_is_counted_once(tmp_path: Path) -> None:
    """Whoever counts while executions come home counts each of them once."""
    async with sqlite(tmp_path) as store:
        journal, counted = store.journal, list[object]()

        async def count() -> None:
            counted.append((await journal.counts())["complete"])

        async def look() -> None:
            history = await journal.history()
            counted.append((history.finished, history.replayable))

        async with trio.open_nursery() as nursery, journal._limiter:
            async with ahead(store):
                nursery.start_soon(count)
                nursery.start_soon(look)
                await wait_all_tasks_blocked()
            await journal._segmented.home()
        assert sorted(counted, key=str) == [(COUNT, COUNT), COUNT]


async def test_a_crash_loses_nothing_that_is_ahead(tmp_path: Path) -> None:
    """After a crash all that was acknowledged is there once, known by its token from the first moment on."""
    state = tmp_path / "state"
    async with sqlite(state) as store, ahead(store):
        before = await told(store.journal)
        left = crashed(state)
    async with sqlite(left) as store:
        assert await told(store.journal) == before
        assert len(await store.journal.executions()) == COUNT
        await store.journal._segmented.home()
        left = crashed(left)  # it came home, and nothing was wiped yet
    async with sqlite(left) as store:
        assert store.journal.ahead == 0
        assert len(await store.journal.executions()) == COUNT
        await submitted(store.journal, brief("ex-new"))


async def test_what_was_forgotten_does_not_come_back(tmp_path: Path) -> None:
    """An execution that came home and was purged stays away, even where its segment is still there after a crash."""
    state = tmp_path / "state"
    async with sqlite(state) as store:
        async with ahead(store):
            pass
        await store.journal._segmented.home()
        await store.journal.commit([Unkeep(tuple(f"ex-{number}" for number in range(COUNT)))])
        await store.journal.commit([Purge(2000.0, 100)])
        left = crashed(state)
    async with sqlite(left) as store:
        assert await store.journal.executions() == []
        assert await store.journal.by_token("t0") is None


async def test_nothing_is_left_in_segments_when_the_store_is_closed(tmp_path: Path) -> None:
    """Closing brings all home, and leaves no segment from which anything could be read, with the key or without."""
    state = tmp_path / "state"
    async with sqlite(state) as store, ahead(store):
        assert_nowhere_in_clear(state)
        assert left_in(state / SEGMENTS, Cipher(KEY), 0).blocks
    paths = paths_in(state / SEGMENTS)
    assert paths
    for path in paths:
        assert path.stat().st_mode & 0o077 == 0
        assert found(path).head is None
    async with sqlite(state) as store:
        assert len(await store.journal.executions()) == COUNT


async def test_a_token_that_is_ahead_is_taken(tmp_path: Path) -> None:
    """A token belongs to one execution, wherever that stands: whoever comes later is told whose it is."""
    async with sqlite(tmp_path) as store, ahead(store):
        with pytest.raises(TokenTaken) as taken:
            await store.journal.commit([accept("ex-other", token="t3")])
        assert taken.value.execution == "ex-3"
        with pytest.raises(TokenTaken):
            await submitted(store.journal, brief("ex-other", token="t3"))


async def test_the_past_is_forgotten_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be forgotten by age, or by name, is brought home first; younger ones are not waited for."""
    monkeypatch.setattr(following, "PIECE", 1)
    async with sqlite(tmp_path) as store:
        journal = store.journal
        async with trio.open_nursery() as nursery, ahead(store):
            assert await journal.kept(1001.0, 100) == []
            for number in (COUNT, COUNT + 1):
                await submitted(journal, numbered(number))
            nursery.start_soon(journal.commit, [Forget(1001.0 + COUNT + 1)])
            nursery.start_soon(journal.commit, [Unkeep(("ex-6",))])
            await wait_all_tasks_blocked()
        answers = [await journal.answer(f"ex-{number}") for number in range(COUNT + 2)]
        assert answers == [None] * (COUNT + 1) + [CANARY]
        assert (await journal.start("ex-5"), await journal.start("ex-6")) == (b"kept", None)


async def test_alone_it_goes_into_the_tables(tmp_path: Path) -> None:
    """Where nothing else is on its way, one commit does it, and there is no segment; so where none may be ahead."""
    async with sqlite(tmp_path) as store:
        await submitted(store.journal, brief("ex-1"))
        assert paths_in(tmp_path / SEGMENTS) == []
    async with sqlite(tmp_path, ahead=0) as store, trio.open_nursery() as nursery, busy_writer(store):
        nursery.start_soon(submitted, store.journal, brief("ex-2"))
        await wait_all_tasks_blocked()
        assert await store.journal.execution("ex-2") is None
    assert paths_in(tmp_path / SEGMENTS) == []


async def test_what_no_segment_takes_goes_into_the_tables(tmp_path: Path) -> None:
    """What is large, and text that is none, is for the tables to write or to refuse; the others are not held up."""
    async with sqlite(tmp_path) as store:
        ends: dict[str, Exception | None] = {}
        async with ahead(store):
            for given in (brief("ex-large", answer=bytes(1_000_000)), brief("ex-bad", message="\ud800")):
                store.journal.submit(given, partial(ends.__setitem__, given.execution.id))
            await submitted(store.journal, brief("ex-other"))
            assert ends == {}
        while len(ends) < len(("ex-large", "ex-bad")):
            await trio.lowlevel.checkpoint()
        assert {row.id for row in await store.journal.executions()} >= {"ex-large", "ex-other"}
        assert ends["ex-large"] is None
        assert isinstance(ends["ex-bad"], ValueError)


async def test_a_disk_that_refuses_fails_the_group_and_passes(tmp_path: Path) -> None:
    """When the disk refuses a block its callers are told, it is nowhere, and later ones are written."""
    state = tmp_path / "state"
    async with sqlite(state) as store:
        async with ahead(store, 1):
            with full_disk(), pytest.raises(StoreError, match=r"store\.disk"):
                await submitted(store.journal, brief("ex-1", token="t1"))
            assert store.trouble() is not None
            assert await store.journal.execution("ex-1") is None
            await submitted(store.journal, brief("ex-2", token="t2"))
            left = crashed(state)
        await store.probe()
        assert store.trouble() is None
    async with sqlite(left) as store:
        assert {row.id for row in await store.journal.executions()} == {"ex-0", "ex-2"}


async def test_without_room_for_a_segment_the_tables_take_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no segment can be made, what was to go into one goes into the tables, and nothing is in trouble."""
    monkeypatch.setattr("runtime.store.segments.segment._allocate", _refusing)
    async with sqlite(tmp_path) as store:
        ends: list[Exception | None] = []
        async with busy_writer(store):
            for number in range(COUNT):
                store.journal.submit(numbered(number), ends.append)
            await wait_all_tasks_blocked()
            assert store.trouble() is None
        while len(ends) < COUNT:
            await trio.lowlevel.checkpoint()
        assert ends == [None] * COUNT
        assert len(await store.journal.executions()) == COUNT
        assert paths_in(tmp_path / SEGMENTS) == []


async def test_a_block_of_which_nobody_knew_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that was written after all, though its callers were told otherwise, does not stand beside a later one."""
    state = tmp_path / "state"
    async with sqlite(state) as store, ahead(store, 1):
        await _written_unknown(store, monkeypatch)
        await submitted(store.journal, brief("ex-2", token="t2"))
        left = crashed(state)
    async with sqlite(left) as store:
        assert {row.id for row in await store.journal.executions()} == {"ex-0", "ex-2"}


async def test_the_tables_know_better_than_a_block_of_which_nobody_knew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a call whose block failed was repeated, and stands in the tables, it is that which its token tells of."""
    state = tmp_path / "state"
    monkeypatch.setattr(Segment, "wipe", _refused)
    async with sqlite(state) as store:
        async with ahead(store, 1):
            await _written_unknown(store, monkeypatch)
        await submitted(store.journal, brief("ex-2", token="t1"))
        left = crashed(state)
    assert left_in(left / SEGMENTS, Cipher(KEY), 1).blocks
    async with sqlite(left) as store:
        for _ in range(2):
            row = await store.journal.by_token("t1")
            assert row is not None
            assert row.id == "ex-2"
            await store.journal._segmented.home()
        assert {row.id for row in await store.journal.executions()} == {"ex-0", "ex-2"}


async def _written_unknown(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a block written, but fail when it is synced: it is on the disk of which nobody knows."""
    with monkeypatch.context() as patch:
        patch.setattr("runtime.store.segments.segment._sync", _refusing)
        with pytest.raises(StoreError):
            await submitted(store.journal, brief("ex-1", token="t1"))


def _refused(_segment: Segment) -> None:
    raise StoreError("store.disk", "the disk refuses")


def _refusing(_path: Path, _handle: int, /) -> None:
    raise OSError(5, "Input/output error")


async def test_a_damaged_block_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    """Executions of a damaged block are lost, and the check says so; what stands before and behind it comes home."""
    state = tmp_path / "state"
    async with sqlite(state) as store, busy_writer(store):
        for number in range(3):
            await submitted(store.journal, numbered(number))
        left = crashed(state)
    (path,) = paths_in(left / SEGMENTS)
    segment = found(path)
    assert segment.head is not None
    second = [each for each in blocks_in(Cipher(KEY), segment.head, path.read_bytes()) if not isinstance(each, Gap)][1]
    with path.open("r+b") as file:
        file.seek(second.at + 40)
        file.write(b"damage")
    damage = check(left, Cipher(KEY), lambda _: []).damage
    assert len(damage) == 1
    assert f"the block at {second.at} cannot be opened" in damage[0].what
    async with sqlite(left) as store:
        assert {row.id for row in await store.journal.executions()} == {"ex-0", "ex-2"}


async def test_what_the_tables_refuse_holds_nobody_up(tmp_path: Path) -> None:
    """An execution that cannot come home, for its token is another's after all, is told of and left out."""
    state = tmp_path / "state"
    async with sqlite(state) as store, ahead(store):
        left = crashed(state)
    connection = open_writer(left / JOURNAL)
    insert_briefs(connection, Cipher(KEY), [brief("ex-thief", token="t2")])
    connection.close()
    async with sqlite(left) as store:
        await store.journal._segmented.home()
        rows = await store.journal.executions()
        assert {row.id for row in rows} == {"ex-thief", "ex-0", "ex-1", "ex-3", "ex-4"}
        assert store.journal.ahead == 0


async def test_many_come_home_and_segments_are_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many blocks there have been, the files stay few, and everything is found that was acknowledged."""
    monkeypatch.setattr("runtime.store.segments.pool.SIZE", 64 * 1024)
    monkeypatch.setattr(following, "PIECE", 7)
    rounds, callers = 6, 20
    async with sqlite(tmp_path, group=3) as store:
        for number in range(rounds):
            async with ahead(store, callers, number * callers):
                pass
            await store.journal._segmented.home()
        assert await store.journal.counts() == (await store.journal.counts()) | {"complete": rounds * callers}
        assert len(paths_in(tmp_path / SEGMENTS)) <= callers // 3 + 5
    async with sqlite(tmp_path) as store:
        rows = await store.journal.executions(limit=1000)
        assert {row.token for row in rows} == {f"t{number}" for number in range(rounds * callers)}


async def test_tokens_of_others_are_known_with_what_is_ahead(tmp_path: Path) -> None:
    """Whoever asks which tokens a journal knows, on which nobody works, hears of those that stand in segments, too."""
    state = tmp_path / "state"
    async with sqlite(state) as store, ahead(store):
        left = crashed(state)
    known = KnownTokens(awaited=True)
    note_tokens(left, Cipher(KEY), known)
    assert not known.awaited
    assert [known.may_hold(f"t{number}") for number in range(COUNT)] == [True] * COUNT


async def test_the_check_counts_what_is_ahead(tmp_path: Path) -> None:
    """A check beside a daemon looks at what stands in segments as well, and finds nothing wrong with it."""
    async with sqlite(tmp_path) as store, ahead(store):
        report = await trio.to_thread.run_sync(check, tmp_path, Cipher(KEY), lambda _: [])
        assert (report.payloads, report.damage) == (2 * COUNT, ())
