from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trio

from runtime.model.journal import Append
from runtime.store.sqlite.opening import JOURNAL
from tests.chaos.power import How, cut
from tests.store.examples import accept, callback, finish, sqlite
from tests.store.sqlite.committing import BRIEF, RECORDS

if TYPE_CHECKING:
    from runtime.model.journal import ExecutionRow
    from runtime.store.protocols import Journal

ROOT = Path(__file__).parents[3]
WAL = f"{JOURNAL}-wal"


def kill_while_committing(folder: Path, after: int, notes: Path | None = None) -> set[str]:
    """Let a process commit, kill it once it has told of `after` commits, and give all it told of."""
    more = [] if notes is None else [str(notes)]
    command = [sys.executable, "-m", "tests.store.sqlite.committing", str(folder), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        if process.stdout is None:
            raise AssertionError("stdout is a pipe")
        acknowledged = {process.stdout.readline() for _ in range(after)}
        process.kill()
        acknowledged |= set(process.stdout.readlines())
    return {line.decode().strip() for line in acknowledged if line.endswith(b"\n")}


async def _found(journal: Journal, acknowledged: set[str]) -> list[ExecutionRow]:
    """Look for what was acknowledged, before and after it stands in the tables; give the executions with records."""
    for identity in acknowledged:
        assert await journal.execution(identity) is not None, identity
    rows = await journal.executions(limit=100_000)
    assert acknowledged <= {row.id for row in rows}
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        if row.id.startswith(BRIEF):
            assert await journal.by_token(f"token {row.id}") == row
            assert (await journal.answer(row.id), await journal.start(row.id)) == (b"answer", b"kept")
    return [row for row in rows if not row.id.startswith(BRIEF)]


async def test_killed_process_keeps_what_it_was_told(tmp_path: Path) -> None:
    """After kill -9 in the middle of committing, each acknowledged commit is there, and none by halves."""
    for after in (1, 40, 200):
        folder = tmp_path / str(after)
        acknowledged = await trio.to_thread.run_sync(kill_while_committing, folder, after)
        assert len(acknowledged) >= after
        async with sqlite(folder) as store:
            rows = await _found(store.journal, acknowledged)
            for row in rows:
                assert await store.journal.start(row.id) == b"start"
                assert await store.journal.records(row.id) == [b"%d" % record for record in range(RECORDS)]
                assert [it.number for it in await store.journal.callbacks(execution=row.id)] == [1]


@pytest.mark.parametrize("how", ["forgotten", "torn"])
async def test_power_cut_keeps_what_was_acknowledged(how: How, tmp_path: Path) -> None:
    """A power cut takes back what was never synced, all of it or sectors of it: nothing that was acknowledged is lost.

    Files are there as well as the records that name them.
    """
    for after in (1, 60, 400):  # at the beginning, and when the WAL has been brought home
        folder, notes = tmp_path / str(after), tmp_path / f"notes-{after}"
        notes.mkdir()
        acknowledged = await trio.to_thread.run_sync(kill_while_committing, folder, after, notes)
        cut(notes, how, random.Random(after))
        async with sqlite(folder) as store:
            rows = await _found(store.journal, acknowledged)
            for row in rows:
                *records, name = await store.journal.records(row.id)
                assert records == [b"%d" % record for record in range(RECORDS)]
                assert [chunk async for chunk in store.documents.read(row.id, name.decode())] == [b"content"]


async def whole(folder: Path) -> int:
    """Give how many commits a journal holds, having checked that they are the first ones and each is whole."""
    async with sqlite(folder) as store:
        journal = store.journal
        identities = [row.id for row in reversed(await journal.executions())]
        assert identities == [f"ex-{number}" for number in range(len(identities))]
        for number, identity in enumerate(identities):
            finished = number % 3 == 2
            assert await journal.start(identity) == (None if finished else b"start")
            assert await journal.records(identity) == ([] if finished else [b"1" * 600, b"2" * 600])
            assert await journal.answer(identity) == (b"answer" if finished else None)
            assert len(await journal.callbacks(execution=identity)) == 1
        return len(identities)


async def commit_some(folder: Path, count: int) -> tuple[bytes, bytes]:
    """Commit executions, some with their end; give the journal and the WAL while the commits are in the WAL alone."""
    async with sqlite(folder):
        pass
    async with sqlite(folder) as store:
        for number in range(count):
            identity = f"ex-{number}"
            end = [finish(identity, answer=b"answer")] if number % 3 == 2 else []
            records = Append(identity, 0, (b"1" * 600, b"2" * 600))
            await store.journal.commit([accept(identity), records, callback(identity), *end])
        return (folder / JOURNAL).read_bytes(), (folder / WAL).read_bytes()


def crashed(folder: Path, journal: bytes, wal: bytes) -> Path:
    """Make a state folder as a power cut leaves it."""
    folder.mkdir()
    (folder / JOURNAL).write_bytes(journal)
    (folder / WAL).write_bytes(wal)
    return folder


async def test_power_cut_leaves_whole_commits(tmp_path: Path) -> None:
    """Wherever the WAL ends after a power cut, the journal holds the first commits, each of them whole."""
    journal, wal = await commit_some(tmp_path / "state", 9)
    ends = [*range(0, len(wal), len(wal) // 40), len(wal)]
    found = [await whole(crashed(tmp_path / f"cut-{at}", journal, wal[:at])) for at in ends]
    assert found == sorted(found)
    assert set(found) == set(range(10))


async def test_torn_page_ends_the_journal_there(tmp_path: Path) -> None:
    """A page of the WAL that was torn takes the commits from there on with it, and no commit by halves."""
    journal, wal = await commit_some(tmp_path / "state", 9)
    found = []
    for at in range(40, len(wal) - 512, len(wal) // 20):
        torn = wal[:at] + b"torn" * 128 + wal[at + 512 :]
        found.append(await whole(crashed(tmp_path / f"torn-{at}", journal, torn)))
    assert found == sorted(found)
    assert max(found) < 9
