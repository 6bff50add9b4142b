"""What people read of executions: a database of its own beside the journal, one sealed row each.

A record may hold documents, so it is sealed as everything else is. It is written once, when its execution has ended or
leaves memory, and forgotten by age and by size. Losing one loses nothing but the sight of it: no commit is synced, and
a damaged database is begun anew. A busy daemon writes so many that a file for each costs more than the work that they
tell of. All methods wait for the disk: call them in a thread.
"""

from __future__ import annotations

import time
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import apsw
import msgspec

from runtime.errors import StoreError
from runtime.model.record import BriefRecord, ExecutionRecord
from runtime.store.sqlite.border import DAMAGE, border, first, insert_many, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runtime.model.record import WrittenRecord
    from runtime.store.cipher import Cipher

FILE = "records.db"
KIND = "trace"  # what the sealed content is bound to, beside its execution
FORGET = 500  # records that are erased in one transaction: what is due is written between two of them

T = TypeVar("T")

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS records (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, written_at REAL NOT NULL, sealed BLOB NOT NULL
    ) STRICT;
"""
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ExecutionRecord)
_brief_decoder = msgspec.json.Decoder(BriefRecord)


class RecordBase:
    """The records in a folder. It is opened by its first use, and may be used from several threads."""

    def __init__(self, folder: Path, cipher: Cipher, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._cipher = cipher
        self._now = now
        self._lock = Lock()
        self._connection: apsw.Connection | None = None

    def write(self, records: Sequence[WrittenRecord]) -> None:
        """Write records; one that was written before is replaced.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        now = self._now()
        values = [
            (record.id, now, self._cipher.seal(_encoder.encode(record), execution=record.id, kind=KIND))
            for record in records
        ]

        def insert(connection: apsw.Connection) -> None:
            with connection:
                insert_many(connection, "records (id, written_at, sealed)", values, replacing=True)

        self._do(insert)

    def read(self, identity: str) -> WrittenRecord | None:
        """Give the record of an execution; None where there is none, or it cannot be understood."""
        try:
            found = self._do(lambda connection: first(connection, "SELECT sealed FROM records WHERE id = ?", identity))
            if found is None:
                return None
            clear = self._cipher.open(found[0], execution=identity, kind=KIND)  # type: ignore[arg-type]  # STRICT: a blob
            return _brief_decoder.decode(clear) if clear.startswith(b"[") else _decoder.decode(clear)
        except (StoreError, msgspec.MsgspecError):
            return None

    def forget(self, *, before: float, most: int) -> int:
        """Erase records that were written before this time, then the oldest beyond `most` bytes; give how many.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        beyond, gone = self._do(_size) - most, 0
        while True:
            due = partial(_erase, before=before, beyond=beyond)
            count, size = self._do(due)
            if not count:
                return gone
            gone, beyond = gone + count, beyond - size

    def close(self) -> None:
        """Close the database; another use opens it again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _do(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do something in the database, with a new one where this one is damaged."""
        with self._lock:
            try:
                return self._try(work)
            except StoreError as error:
                if not isinstance(error.__cause__, DAMAGE):
                    raise
            self._begin_anew()
            return self._try(work)

    def _try(self, work: Callable[[apsw.Connection], T]) -> T:
        try:
            with border():
                if self._connection is None:
                    self._folder.mkdir(0o700, parents=True, exist_ok=True)
                    self._connection = _open(self._folder / FILE)
                return work(self._connection)
        except OSError as error:
            raise StoreError("store.disk", f"{self._folder}: {error.strerror or error}") from error

    def _begin_anew(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            (self._folder / name).unlink(missing_ok=True)


def _open(path: Path) -> apsw.Connection:
    connection = open_database(path)
    try:
        connection.pragma("auto_vacuum", "incremental")  # before there is a table
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "normal")
        connection.execute(_SCHEMA).fetchall()
    except apsw.Error:
        connection.close()
        raise
    return connection


def _size(connection: apsw.Connection) -> int:
    found = first(connection, "SELECT coalesce(sum(length(sealed)), 0) FROM records")
    return found[0] if found is not None and isinstance(found[0], int) else 0


def _erase(connection: apsw.Connection, before: float, beyond: int) -> tuple[int, int]:
    """Erase some of the oldest records that are too old, or `beyond` what is kept; give how many, and their bytes."""
    last, count, freed = 0, 0, 0
    sql = "SELECT seq, written_at, length(sealed) FROM records ORDER BY seq LIMIT ?"
    oldest: list[tuple[int, float, int]] = connection.execute(sql, (FORGET,)).fetchall()  # type: ignore[assignment]
    for seq, written_at, length in oldest:  # as the columns of a STRICT table are
        if written_at >= before and freed >= beyond:
            break
        last, count, freed = seq, count + 1, freed + length
    if count:
        with connection:
            connection.execute("DELETE FROM records WHERE seq <= ?", (last,))
        connection.pragma("incremental_vacuum")
    return count, freed
