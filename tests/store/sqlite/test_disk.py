from __future__ import annotations

import resource
import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import apsw
import pytest
import trio

from runtime.errors import HostError, StoreError
from runtime.model.journal import Append
from runtime.store.sqlite.opening import DOCUMENTS, JOURNAL
from runtime.store.sqlite.schema import MIGRATIONS
from tests.store.examples import accept, callback, execution, finish, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runtime.store.sqlite.opening import SqliteStore

CANARY = b"canary-4111111111111111"


@contextmanager
def full_disk() -> Iterator[None]:
    """Let every write of this process beyond a file's first bytes fail, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


async def test_full_disk_fails_the_group_and_passes(tmp_path: Path) -> None:
    """When the disk refuses, every caller of the group is told and nothing is written; later the store goes on."""
    failed: list[str] = []

    async def commit(store: SqliteStore, identity: str) -> None:
        try:
            await store.journal.commit([accept(identity)])
        except StoreError as error:
            failed.append(error.code)

    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-before")])
        with full_disk():
            async with trio.open_nursery() as nursery:
                for number in range(5):
                    nursery.start_soon(commit, store, f"ex-{number}")
            assert [row.id for row in await store.journal.executions()] == ["ex-before"]
        assert failed == ["store.disk"] * 5
        await store.journal.commit([accept("ex-after")])
        assert [row.id for row in await store.journal.executions()] == ["ex-after", "ex-before"]
    async with sqlite(tmp_path) as store:
        assert [row.id for row in await store.journal.executions()] == ["ex-after", "ex-before"]


async def test_full_disk_refuses_a_document(tmp_path: Path) -> None:
    """A file that finds no room is refused, and leaves nothing behind."""
    async with sqlite(tmp_path) as store:
        with pytest.raises(StoreError, match=r"store\.disk"), full_disk():
            async with store.documents.create("ex-1") as writer:
                await writer.write(b"content" * 10_000)
        assert list((tmp_path / DOCUMENTS / "ex-1").iterdir()) == []


async def test_everything_survives_closing(tmp_path: Path) -> None:
    """What was written is there when the store is opened again."""
    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-1", token="t1"), Append("ex-1", 0, (b"record",)), callback("ex-1")])
        async with store.documents.create("ex-1") as writer:
            await writer.write(b"content")
        before = await store.journal.callbacks()
    async with sqlite(tmp_path) as store:
        assert await store.journal.by_token("t1") == execution("ex-1", token="t1")
        assert await store.journal.start("ex-1") == b"start"
        assert await store.journal.records("ex-1") == [b"record"]
        assert await store.journal.callbacks() == before
        assert [chunk async for chunk in store.documents.read("ex-1", writer.name)] == [b"content"]


async def test_files_of_nobody_are_swept_at_opening(tmp_path: Path) -> None:
    """Files of executions that are unknown or have finished are what a crash left; those of others stay."""
    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-running"), accept("ex-finished"), finish("ex-finished")])
        for identity in ("ex-running", "ex-finished", "ex-unknown"):
            async with store.documents.create(identity) as writer:
                await writer.write(b"content")
    async with sqlite(tmp_path):
        assert [path.name for path in (tmp_path / DOCUMENTS).iterdir()] == ["ex-running"]


async def test_payloads_are_never_in_clear(tmp_path: Path) -> None:
    """No file of the state folder holds a sealed payload in clear: while it is open, closed, or after a crash."""
    state = tmp_path / "state"
    async with sqlite(state) as store:
        await store.journal.commit([accept("ex-1", start=CANARY), Append("ex-1", 0, (CANARY,))])
        await store.journal.commit([callback("ex-1", request=CANARY), accept("ex-2")])
        await store.journal.commit([finish("ex-2", answer=CANARY)])
        async with store.documents.create("ex-1") as writer:
            await writer.write(CANARY)
        assert await store.journal.start("ex-1") == CANARY
        assert_nowhere_in_clear(state)
        shutil.copytree(state, tmp_path / "crashed")
    assert_nowhere_in_clear(state)
    async with sqlite(tmp_path / "crashed") as store:
        assert await store.journal.records("ex-1") == [CANARY]
        assert_nowhere_in_clear(tmp_path / "crashed")


def assert_nowhere_in_clear(folder: Path) -> None:
    """Look for the canary in every file."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert {JOURNAL, f"{JOURNAL}-wal"} <= {path.name for path in paths} or not (folder / f"{JOURNAL}-wal").exists()
    for path in paths:
        assert CANARY not in path.read_bytes(), path


async def test_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody but its owner may read the state folder or the files of the journal."""
    async with sqlite(tmp_path / "state") as store:
        await store.journal.commit([accept("ex-1")])
        assert (tmp_path / "state").stat().st_mode & 0o077 == 0
        for path in (tmp_path / "state").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path


async def test_other_key_is_refused(tmp_path: Path) -> None:
    """A journal is not opened with a key that is not its own: nothing could be read, and two keys would mix."""
    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-1")])
    with pytest.raises(StoreError, match=r"store\.damaged.*restore the key"):
        async with sqlite(tmp_path, key=bytes(32)):
            pass


async def test_newer_schema_is_refused(tmp_path: Path) -> None:
    """A journal that a newer version wrote is left alone, with a message that says so."""
    async with sqlite(tmp_path):
        pass
    connection = apsw.Connection(str(tmp_path / JOURNAL))
    connection.pragma("user_version", len(MIGRATIONS) + 1)
    connection.close()
    with pytest.raises(StoreError, match=r"store\.newer-schema"):
        async with sqlite(tmp_path):
            pass


async def test_migrations_are_dated(tmp_path: Path) -> None:
    """Each step of the schema is applied once, and when is on record."""
    for _ in range(2):
        async with sqlite(tmp_path):
            pass
    connection = apsw.Connection(str(tmp_path / JOURNAL))
    assert connection.execute("SELECT number, applied_at FROM migrations").fetchall() == [
        (number, 1000.0) for number in range(1, len(MIGRATIONS) + 1)
    ]
    connection.close()


async def test_something_else_is_not_opened(tmp_path: Path) -> None:
    """A file that is no journal is damaged, and a folder that is a file is the operator's to move."""
    (tmp_path / JOURNAL).write_bytes(b"not a journal" * 1000)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        async with sqlite(tmp_path):
            pass
    with pytest.raises(HostError, match=r"host\.state-folder"):
        async with sqlite(tmp_path / JOURNAL):
            pass


async def test_damaged_payloads_are_told_apart(tmp_path: Path) -> None:
    """An exchanged record is damaged; a damaged callback is given without its request, so that others still go out."""
    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-1", released=True), accept("ex-2"), Append("ex-1", 0, (b"mine",))])
        await store.journal.commit([Append("ex-2", 0, (b"yours",)), callback("ex-1")])
    connection = apsw.Connection(str(tmp_path / JOURNAL))
    connection.execute("UPDATE records SET sealed = (SELECT sealed FROM records WHERE seq = 2) WHERE seq = 1")
    connection.execute("UPDATE callbacks SET sealed = zeroblob(50)")
    connection.close()
    async with sqlite(tmp_path) as store:
        with pytest.raises(StoreError, match=r"store\.damaged"):
            await store.journal.records("ex-1")
        assert await store.journal.records("ex-2") == [b"yours"]
        assert [row.request for row in await store.journal.callbacks_due(2000.0, 10)] == [b""]
