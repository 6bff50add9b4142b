from __future__ import annotations

from typing import TYPE_CHECKING

import apsw
import pytest

from runtime.errors import StoreError
from runtime.model.journal import Append, Search
from runtime.store.cipher import Cipher
from runtime.store.sqlite.check import check
from runtime.store.sqlite.opening import DOCUMENTS, JOURNAL
from runtime.store.sqlite.schema import MIGRATIONS
from tests.store.examples import KEY, accept, callback, execution, finish, sqlite

if TYPE_CHECKING:
    from pathlib import Path


def named(data: bytes) -> list[str]:
    """Take a record for the name of a file."""
    return [data.decode()]


async def filled(folder: Path) -> str:
    """Make a state folder with something of every kind; gives the name of its file."""
    async with sqlite(folder) as store:
        async with store.documents.create("ex-1") as writer:
            await writer.write(b"content")
        await store.journal.commit([accept("ex-1"), Append("ex-1", 0, (writer.name.encode(),)), callback("ex-1")])
        await store.journal.commit([accept("ex-2"), finish("ex-2", answer=b"answer")])
    return writer.name


async def test_whole(tmp_path: Path) -> None:
    """A folder that is whole is reported so, with what was looked at, also while a daemon has it open."""
    await filled(tmp_path)
    async with sqlite(tmp_path):
        report = check(tmp_path, Cipher(KEY), named)
    assert (report.damage, report.payloads, report.files) == ((), 4, 1)
    assert report.schema == len(MIGRATIONS)


async def test_damage_is_told_and_stays(tmp_path: Path) -> None:
    """A changed payload, a cut file and a missing one are told with their execution; nothing is repaired."""
    name = await filled(tmp_path)
    file = tmp_path / DOCUMENTS / "ex-1" / name
    connection = apsw.Connection(str(tmp_path / JOURNAL))
    connection.execute("UPDATE answers SET sealed = zeroblob(40)")
    file.write_bytes(file.read_bytes()[:-3])
    for _ in range(2):
        told = {(each.execution, each.what) for each in check(tmp_path, Cipher(KEY), named).damage}
        assert told == {
            ("ex-2", "the answer of ex-2 cannot be opened"),
            ("ex-1", f"the file {name} of ex-1 is not whole"),
        }
    file.unlink()
    assert any("there is no file" in each.what for each in check(tmp_path, Cipher(KEY), named).damage)
    connection.close()


async def test_damaged_pages(tmp_path: Path) -> None:
    """A journal whose pages were overwritten is told to be so, as far as it can still be read."""
    await filled(tmp_path)
    path = tmp_path / JOURNAL
    data = bytearray(path.read_bytes())
    data[2 * 4096 : 3 * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        check(tmp_path, Cipher(KEY), named)


async def test_older_journals_open(tmp_path: Path) -> None:
    """A journal that the first version wrote is brought forward, and what it holds is there."""
    state = tmp_path / "state"
    state.mkdir()
    connection = apsw.Connection(str(state / JOURNAL))
    before, rest = MIGRATIONS[:1], MIGRATIONS[1:]
    assert rest
    for number, script in enumerate(before, start=1):
        connection.execute(script).fetchall()
        connection.execute("INSERT INTO migrations VALUES (?, ?)", (number, 1.0))
        connection.pragma("user_version", number)
    connection.execute(
        "INSERT INTO executions (id, bundle, version, digest, process, mode, status, started_at, epoch, lease_until,"
        " released) VALUES ('ex-1', 'contacts', '1.0', 'd1', 'create', 'general', 'running', 1000.0, 0, 0.0, 0)"
    )
    connection.close()
    async with sqlite(state) as store:
        (row,) = await store.journal.executions(search=Search(process="create"))
        assert row == execution("ex-1", owner=None, lease_until=0.0)


def test_migrations_are_never_edited() -> None:
    """A step of the schema that was released stays as it was, to the byte: journals in the field were made by it."""
    from hashlib import sha256

    assert sha256(MIGRATIONS[0].encode()).hexdigest()[:16] == "8e10f42b5fc25895"


async def test_no_journal(tmp_path: Path) -> None:
    """A folder without a journal is told so, and none is made."""
    with pytest.raises(StoreError, match=r"store\.disk"):
        check(tmp_path, Cipher(KEY), named)
    assert not (tmp_path / JOURNAL).exists()
