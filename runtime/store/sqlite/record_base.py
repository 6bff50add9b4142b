"""What people read of executions: a database of its own beside the journal.

A record may hold documents, so it is sealed as everything else is. It is written once, when its execution has ended or
leaves memory, and forgotten by age and by size. Losing one loses nothing but the sight of it: no commit is synced, and
a damaged database is begun anew. A busy daemon writes so many that a row for each costs more than the work that they
tell of: the brief ones of a group are one sealed row, a pack. It is found by the ids of its first and its last: ids are
in the order of time, so those of a moment lie in few packs. All methods wait for the disk: call them in a thread.

What is committed goes into the WAL alone. To bring it into the file takes two syncs, beside which the journal's are
slow, so that is done in quiet moments (`settle`); without any the WAL grows to `WAL_MOST` pages.
"""

from __future__ import annotations

import time
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import apsw
import msgspec

from runtime.errors import StoreError
from runtime.model.record import BriefRecord, ExecutionRecord, Run, RunKind
from runtime.store.sqlite.border import DAMAGE, WAL_MOST, border, first, insert_many, open_database
from runtime.store.sqlite.old_record import old_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from runtime.model.record import WrittenRecord
    from runtime.store.cipher import Cipher

FILE = "records.db"
KIND = "trace"  # what the sealed content is bound to, beside its execution
PACK_KIND = "traces"  # the same of a pack, beside its first execution
PACK = "pack "  # begins the id of a pack's row, as no execution's does
PACK_MOST = 1024 * 1024  # bytes of a pack, unless one record has more: who reads one of them opens all
FORGET = 500  # rows that are erased in one transaction: what is due is written between two of them
FORGET_BYTES = 8 * 1024 * 1024  # after which no further row is erased in the same transaction

T = TypeVar("T")

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS records (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, written_at REAL NOT NULL, sealed BLOB NOT NULL
    ) STRICT;
"""
_PACKS = """
    CREATE INDEX IF NOT EXISTS packs ON records (last, id) WHERE last IS NOT NULL;
"""
_WHERE = """
    SELECT seq, id FROM records WHERE id = ?1
    UNION ALL SELECT seq, id FROM records WHERE last >= ?1 AND id <= ?2
    ORDER BY seq DESC
"""
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ExecutionRecord)
_Pack = list[tuple[RunKind, list[Run]]]
_pack_encoder = msgspec.msgpack.Encoder()
_pack_decoder = msgspec.msgpack.Decoder(_Pack)


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
        brief = [record for record in records if isinstance(record, BriefRecord)]
        rows: list[tuple[str, float, bytes, str | None]] = [
            (record.id, now, self._cipher.seal(_encoder.encode(record), execution=record.id, kind=KIND), None)
            for record in records
            if not isinstance(record, BriefRecord)
        ]
        for start, last, data in _packed(brief):
            rows.append((PACK + start, now, self._cipher.seal(data, execution=start, kind=PACK_KIND), last))

        def insert(connection: apsw.Connection) -> None:
            with connection:
                insert_many(connection, "records (id, written_at, sealed, last)", rows, replacing=True)

        self._do(insert)

    def read(self, identity: str) -> WrittenRecord | None:
        """Give the record of an execution; None where there is none, or it cannot be understood."""
        try:
            return self._do(lambda connection: self._found(connection, identity))
        except (StoreError, msgspec.MsgspecError):
            return None

    def _found(self, connection: apsw.Connection, identity: str) -> WrittenRecord | None:
        """Look where it may stand, the latest first."""
        for seq, name in connection.execute(_WHERE, (identity, PACK + identity)).fetchall():
            row = first(connection, "SELECT sealed FROM records WHERE seq = ?", seq)
            sealed: bytes = b"" if row is None else row[0]  # type: ignore[assignment]  # STRICT: a blob
            if name == identity:
                return _single(self._cipher.open(sealed, execution=identity, kind=KIND))
            clear = self._cipher.open(sealed, execution=str(name).removeprefix(PACK), kind=PACK_KIND)
            for kind, runs in _pack_decoder.decode(clear):
                for run in runs:
                    if run.id == identity:
                        return BriefRecord(kind, run)
        return None

    def settle(self) -> None:
        """Bring what was written into the file, of which nobody reads then has to look into the WAL.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        self._do(lambda connection: connection.wal_checkpoint())  # a passive one: it waits for nobody

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
    connection.wal_autocheckpoint(WAL_MOST)
    try:
        connection.pragma("auto_vacuum", "incremental")  # before there is a table
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "normal")
        connection.execute(_SCHEMA).fetchall()
        if first(connection, "SELECT 1 FROM pragma_table_info('records') WHERE name = 'last'") is None:
            connection.execute("ALTER TABLE records ADD COLUMN last TEXT").fetchall()
        connection.execute(_PACKS).fetchall()
    except apsw.Error:
        connection.close()
        raise
    return connection


def _single(clear: bytes) -> WrittenRecord:
    return old_record(clear) if clear.startswith(b"[") else _decoder.decode(clear)


def _packed(records: Sequence[BriefRecord]) -> Iterator[tuple[str, str, bytes]]:
    """Give packs: the least and the greatest id in it, and its content."""
    if not records:
        return
    kinds: dict[int, tuple[RunKind, list[Run]]] = {}
    for record in records:
        kind = record.kind
        of = kinds.get(id(kind))
        if of is None:
            of = kinds[id(kind)] = (kind, [])
        of[1].append(record.run)
    data = _pack_encoder.encode(list(kinds.values()))
    if len(data) > PACK_MOST and len(records) > 1:
        half = len(records) // 2
        yield from _packed(records[:half])
        yield from _packed(records[half:])
        return
    ids = [record.run.id for record in records]
    yield min(ids), max(ids), data


def _size(connection: apsw.Connection) -> int:
    found = first(connection, "SELECT coalesce(sum(length(sealed)), 0) FROM records")
    return found[0] if found is not None and isinstance(found[0], int) else 0


def _erase(connection: apsw.Connection, before: float, beyond: int) -> tuple[int, int]:
    """Erase some of the oldest records that are too old, or `beyond` what is kept; give how many, and their bytes."""
    last, count, freed = 0, 0, 0
    sql = "SELECT seq, written_at, length(sealed) FROM records ORDER BY seq LIMIT ?"
    oldest: list[tuple[int, float, int]] = connection.execute(sql, (FORGET,)).fetchall()  # type: ignore[assignment]
    for seq, written_at, length in oldest:  # as the columns of a STRICT table are
        if (written_at >= before and freed >= beyond) or freed >= FORGET_BYTES:
            break
        last, count, freed = seq, count + 1, freed + length
    if count:
        with connection:
            connection.execute("DELETE FROM records WHERE seq <= ?", (last,))
        connection.pragma("incremental_vacuum")
    return count, freed
