"""Opening and closing the store in a state folder."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import apsw
import trio
from msgspec import Struct

from runtime.errors import HostError
from runtime.store.files import FileDocuments
from runtime.store.sqlite.border import border, open_reader, open_writer
from runtime.store.sqlite.journal import SqliteJournal
from runtime.store.sqlite.queries import unfinished
from runtime.store.sqlite.schema import check_key, migrate
from runtime.store.sqlite.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runtime.clock import Clock
    from runtime.store.cipher import Cipher

JOURNAL = "journal.db"
DOCUMENTS = "documents"


class SqliteStore(Struct, frozen=True):
    """A journal in SQLite and sealed files beside it."""

    journal: SqliteJournal
    documents: FileDocuments


class _Connections(Struct, frozen=True):
    """The connection that writes and the two that read, and who has not finished yet."""

    writer: apsw.Connection
    near: apsw.Connection
    far: apsw.Connection
    unfinished: set[str]


@asynccontextmanager
async def open_sqlite(
    folder: Path, *, cipher: Cipher, clock: Clock, group: int, queue: int
) -> AsyncIterator[SqliteStore]:
    """Open the store in `folder`, made for its owner alone when it is missing; files that a crash left are removed.

    The writer stops last, after everything inside the block: what is committed while the block is cancelled is written.

    Args:
        folder: the state folder; one process at a time.
        cipher: seals payloads.
        clock: dates the migrations.
        group: most operations of one transaction.
        queue: most operations that wait; beyond it `commit` raises StoreError (code ``store.queue-full``).

    Raises:
        HostError: the folder cannot be used.
        StoreError: the journal is damaged, newer than this program, or was sealed with another key.
    """
    connections = await trio.to_thread.run_sync(_open, folder, cipher, clock.now())
    writer = Writer(connections.writer, group=group, queue=queue)
    documents = FileDocuments(folder / DOCUMENTS, cipher)
    journal = SqliteJournal(writer, near=connections.near, far=connections.far, cipher=cipher, documents=documents)
    try:
        await documents.sweep(connections.unfinished)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(writer.run, name="journal writer")
            try:
                yield SqliteStore(journal, documents)
            finally:
                writer.close()
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(_close, connections)


def _open(folder: Path, cipher: Cipher, now: float) -> _Connections:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / JOURNAL
        with border():
            writer = open_writer(path)
            migrate(writer, now)
            check_key(writer, cipher)
            return _Connections(writer, open_reader(path), open_reader(path), unfinished(writer))
    except OSError as error:
        raise HostError("host.state-folder", f"the state folder cannot be used: {error}") from error


def _close(connections: _Connections) -> None:
    """Close the readers first: the last connection to close, the writer, brings the WAL into the journal's file."""
    for connection in (connections.near, connections.far, connections.writer):
        connection.close()
