from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
import trio

from runtime.errors import StoreError
from runtime.store.cipher import Cipher
from runtime.store.segments import pool
from runtime.store.segments.blocks import PAGE
from runtime.store.segments.reading import left_in, paths_in
from runtime.store.segments.segment import Segment
from runtime.store.sqlite import following
from runtime.store.sqlite.opening import SEGMENTS
from tests.store.examples import KEY, brief, sqlite, submitted
from tests.store.sqlite.test_segmented import COUNT, ahead, numbered
from tests.store.sqlite.test_writer import busy_writer

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_slow_disk_does_not_keep_a_store_from_closing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has not come home in time when the store closes is left where it is safe, and the next start has it once."""
    monkeypatch.setattr(following, "CLOSING", 0.0)
    monkeypatch.setattr(following, "PIECE", 1)
    async with sqlite(tmp_path) as store, busy_writer(store):
        for number in range(COUNT):
            await submitted(store.journal, numbered(number))
        store.journal._segmented._following._load.has_time = lambda: False  # type: ignore[method-assign]
    monkeypatch.undo()
    left = left_in(tmp_path / SEGMENTS, Cipher(KEY), 0)
    for segment in left.segments:
        segment.close()
    assert left.blocks
    async with sqlite(tmp_path) as store:
        assert store.journal.ahead > 0
        assert {row.id for row in await store.journal.executions()} == {f"ex-{number}" for number in range(COUNT)}


async def test_nobody_waits_for_what_will_not_come_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a store has closed and something is still ahead, whoever asks for the tables is told that it is closed."""
    monkeypatch.setattr(following, "CLOSING", 0.0)
    monkeypatch.setattr(following, "PIECE", 1)
    async with sqlite(tmp_path) as store, busy_writer(store):
        for number in range(COUNT):
            await submitted(store.journal, numbered(number))
    assert store.journal.ahead > 0
    with trio.fail_after(5), pytest.raises(StoreError, match=r"store\.closed"):
        await store.journal.kept(2000.0, 1)


async def test_a_file_that_cannot_be_removed_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that refuses to take a file back that is needed no more keeps nobody from working on."""

    def refused(_path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, f"read only {missing_ok}")

    monkeypatch.setattr(pool, "KEPT", 0)
    monkeypatch.setattr("pathlib.Path.unlink", refused)
    async with sqlite(tmp_path) as store:
        async with ahead(store):
            pass
        await store.journal._segmented.home()
        await store.journal._segmented._following._wipe(whole=True)
        assert paths_in(tmp_path / SEGMENTS)
        await submitted(store.journal, brief("ex-other"))


async def test_what_a_disk_refused_to_wipe_is_wiped_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment that could not be wiped is wiped when that is possible, though nobody calls any more."""
    monkeypatch.setattr(following, "UNTOUCHED", 0.001)
    tried, wipe, wiped = list[Segment](), Segment.wipe, trio.Event()

    def refused(segment: Segment) -> None:
        tried.append(segment)
        if len(tried) < COUNT:
            raise StoreError("store.disk", "the disk refuses")
        wipe(segment)
        trio.from_thread.run_sync(wiped.set)

    monkeypatch.setattr(Segment, "wipe", refused)
    async with sqlite(tmp_path) as store:
        async with ahead(store):
            pass
        with trio.fail_after(30):
            await wiped.wait()
        assert len(tried) == COUNT
        assert [path.read_bytes()[:PAGE] for path in paths_in(tmp_path / SEGMENTS)] == [bytes(PAGE)]
