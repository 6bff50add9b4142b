"""The border to SQLite: how connections are opened, and how its errors become ours."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import apsw

from runtime.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Row = tuple["apsw.SQLiteValue", ...]  # a name that apsw has for type checkers only

DISK = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.FullError,
    apsw.IOError,
    apsw.InterruptError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
)
DAMAGE = (apsw.CorruptError, apsw.FormatError, apsw.NotADBError)

_BUSY_MILLISECONDS = 5_000  # how long another process (a backup, somebody's sqlite3) may hold the writer up
WAL_MOST = (
    16_000  # pages (64 MB) at which the writer checkpoints itself after all: no reader may let the WAL grow for ever
)
_CHECKPOINT_MILLISECONDS = 250  # how long a checkpoint waits for the writer's commit under way to begin the WAL anew
MOST_ROWS = 64  # of one statement: some thousand values, of the 32,766 that SQLite takes
_WAL_KEPT = 64 * 1024 * 1024  # bytes of WAL file kept after a burst; the rest is given back to the disk


def translated(error: apsw.Error) -> StoreError:
    """Give the error of ours for an error of SQLite's that is not a mistake in this program."""
    if isinstance(error, DAMAGE):
        return StoreError("store.damaged", f"the journal is damaged: {error}", hint="restore it from a backup")
    return StoreError("store.disk", f"the journal cannot be used: {error}", hint="free the disk, or look at its health")


@contextmanager
def border() -> Iterator[None]:
    """Turn what SQLite raises inside the block into StoreError; a mistake in this program's SQL passes unchanged."""
    try:
        yield
    except (*DISK, *DAMAGE) as error:
        raise translated(error) from error


def open_database(path: Path) -> apsw.Connection:
    """Open a database to write to; the file is made, for its owner alone, when it is missing."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite gives the WAL the same mode
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    return connection


def open_writer(path: Path) -> apsw.Connection:
    """Open the connection that writes the journal."""
    connection = open_database(path)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.pragma("secure_delete", "on")
    connection.pragma("journal_size_limit", _WAL_KEPT)
    connection.wal_autocheckpoint(WAL_MOST)
    return connection


def open_checkpointer(path: Path) -> apsw.Connection:
    """Open the connection that brings the WAL into the journal's file, beside the writer and not in its way."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(_CHECKPOINT_MILLISECONDS)
    connection.pragma("synchronous", "full")
    connection.pragma("secure_delete", "on")
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """Open a connection that only reads; readers never wait for the writer, nor it for them."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    return connection


def rows(connection: apsw.Connection, sql: str, *values: apsw.SQLiteValue) -> list[Row]:
    """Give all rows of a query; the statement is spent, so that it holds no snapshot of the journal open."""
    return connection.execute(sql, values).fetchall()


def first(connection: apsw.Connection, sql: str, *values: apsw.SQLiteValue) -> Row | None:
    """Give the first row of a query that has at most a few, or None."""
    found = connection.execute(sql, values).fetchall()
    return found[0] if found else None


def insert_many(
    connection: apsw.Connection, into: str, values: Sequence[Sequence[apsw.SQLiteValue]], *, replacing: bool = False
) -> None:
    """Insert rows into a table with columns, e.g. ``answers (execution, sealed)``, many by one statement.

    Each step of a statement gives the interpreter to other threads, and has to wait until it gets it back: one for each
    row would cost more than the rows.
    """
    start = 0
    while start < len(values):
        count = min(MOST_ROWS, 1 << (len(values) - start).bit_length() - 1)  # few statements, which stay prepared
        rows_of = values[start : start + count]
        one = f"({', '.join('?' * len(rows_of[0]))})"
        verb = "INSERT OR REPLACE" if replacing else "INSERT"
        connection.execute(
            f"{verb} INTO {into} VALUES {', '.join([one] * count)}", [each for row in rows_of for each in row]
        )
        start += count
