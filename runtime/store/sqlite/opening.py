"""Opening and closing the store in a state folder."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import apsw
import trio
from msgspec import Struct

from runtime.errors import HostError
from runtime.observe.log import logger
from runtime.store.files import FileDocuments
from runtime.store.segments.ahead import Ahead
from runtime.store.segments.pool import Pool
from runtime.store.segments.reading import Left, left_in
from runtime.store.segments.segment import Segment
from runtime.store.segments.writing import SegmentWriter
from runtime.store.sqlite.births import inserting
from runtime.store.sqlite.border import border, open_checkpointer, open_reader, open_writer
from runtime.store.sqlite.checkpoints import checkpoint_now_and_then
from runtime.store.sqlite.following import Following
from runtime.store.sqlite.journal import SqliteJournal
from runtime.store.sqlite.known_tokens import KnownTokens
from runtime.store.sqlite.queries import home, with_work
from runtime.store.sqlite.remembering import all_known, first_known, remember_tokens
from runtime.store.sqlite.schema import check_key, migrate
from runtime.store.sqlite.segmented import Segmented
from runtime.store.sqlite.writer import Writer
from runtime.store.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runtime.clock import Clock
    from runtime.store.cipher import Cipher

JOURNAL = "journal.db"
DOCUMENTS = "documents"
SEGMENTS = "segments"
AHEAD = 256 * 1024 * 1024  # bytes ahead of the tables, unless a setting says otherwise


_log = logger(__name__)

PROBE = "probe"  # the name under which the folder of documents is tried; no execution has it


class SqliteStore(Struct, frozen=True):
    """A journal in SQLite and sealed files beside it."""

    journal: SqliteJournal
    documents: FileDocuments
    disk: Trouble

    def trouble(self) -> str | None:
        """Tell what is wrong with the disk, from the write that failed to the one that succeeds again."""
        return self.disk.reason

    async def probe(self) -> None:
        """Write a little to each part, and notice whether that is possible again.

        Raises:
            StoreError: it is not.
        """
        await self.journal.probe()
        async with self.documents.create(PROBE) as writer:
            await writer.write(b"")
        await self.documents.sync(PROBE, [writer.name])
        await self.documents.erase(PROBE)


class _Connections(Struct, frozen=True):
    """The connection that writes, the two that read, the one that checkpoints; what is there already, and ahead."""

    writer: apsw.Connection
    near: apsw.Connection
    far: apsw.Connection
    checkpoints: apsw.Connection
    with_work: set[str]
    tokens: KnownTokens
    left: Left


def note_tokens(folder: Path, cipher: Cipher, known: KnownTokens) -> None:
    """Fill a filter with the tokens of a journal on which nobody works now. It waits for the disk.

    Raises:
        StoreError: the journal is damaged, or the disk refuses.
    """
    path = folder / JOURNAL
    with border():
        connection = open_reader(path)
        try:
            made = connection.pragma("user_version") > 0
            tokens = all_known(connection) if made else KnownTokens()
        finally:
            connection.close()
    left = left_in(folder / SEGMENTS, cipher, 0)
    _note(tokens, left)
    for segment in left.segments:
        segment.close()
    known.complete(tokens)


def _note(tokens: KnownTokens, left: Left) -> None:
    for block in left.blocks:
        for _, token in block.executions:
            if token is not None:
                tokens.add(token)


@asynccontextmanager
async def open_sqlite(
    folder: Path,
    *,
    cipher: Cipher,
    clock: Clock,
    group: int,
    queue: int,
    ahead: int = AHEAD,
    known: KnownTokens | None = None,
) -> AsyncIterator[SqliteStore]:
    """Open the store in `folder`, made for its owner alone when it is missing; files that a crash left are removed.

    The writer stops last, after everything inside the block: what is committed while the block is cancelled is written.

    Args:
        folder: the state folder; one process at a time.
        cipher: seals payloads.
        clock: dates the migrations.
        group: most operations of one transaction.
        queue: most operations that wait; beyond it `commit` raises StoreError (code ``store.queue-full``).
        ahead: most bytes that are durable in segments before they stand in the tables; 0 for none.
        known: takes the tokens of the journal, where others are to know them, too.

    Raises:
        HostError: the folder cannot be used.
        StoreError: the journal is damaged, newer than this program, or was sealed with another key.
    """
    connections = await trio.to_thread.run_sync(_open, folder, cipher, clock.now(), known)
    trouble = Trouble()
    writer = Writer(connections.writer, group=group, queue=queue, trouble=trouble)
    documents = FileDocuments(folder / DOCUMENTS, cipher, trouble)
    before, left = Ahead(), connections.left
    for block in left.blocks:
        before.add(block)
    for damaged in left.damaged:
        _log.error("a block of a segment is damaged: its executions are lost", path=str(damaged.path), at=damaged.at)
    pool = Pool(folder / SEGMENTS, list(left.segments), left.number)
    segments = SegmentWriter(
        pool,
        before,
        cipher,
        serial=left.serial,
        group=group,
        queue=queue,
        trouble=trouble,
        elsewhere=partial(writer.submit, inserting(cipher)),
    )
    following = Following(before, pool, segments, writer, cipher, bound=ahead)
    journal = SqliteJournal(
        writer,
        near=connections.near,
        far=connections.far,
        cipher=cipher,
        documents=documents,
        tokens=connections.tokens,
        segmented=Segmented(before, segments, following, writer, cipher, bound=ahead),
    )
    try:
        await documents.sweep(connections.with_work)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(writer.run, name="journal writer")
            nursery.start_soon(segments.run, name="segments")
            nursery.start_soon(following.run, name="follow segments")
            nursery.start_soon(checkpoint_now_and_then, connections.checkpoints, writer, name="checkpoints")
            nursery.start_soon(remember_tokens, folder / JOURNAL, connections.tokens, writer, name="remember tokens")
            try:
                yield SqliteStore(journal, documents, trouble)
            finally:
                segments.close()  # the writer is closed when what stands in them has come home
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(_close, connections, pool.all())


def _open(folder: Path, cipher: Cipher, now: float, known: KnownTokens | None) -> _Connections:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / JOURNAL
        with border():
            writer = open_writer(path)
            migrate(writer, now)
            check_key(writer, cipher)
            readers = open_reader(path), open_reader(path)
            tokens, left = first_known(writer, known), left_in(folder / SEGMENTS, cipher, home(writer))
            _note(tokens, left)
            return _Connections(writer, *readers, open_checkpointer(path), with_work(writer), tokens, left)
    except OSError as error:
        raise HostError("host.state-folder", f"the state folder cannot be used: {error}") from error


def _close(connections: _Connections, segments: list[Segment]) -> None:
    """Close the readers first: the last connection to close, the writer, brings the WAL into the journal's file."""
    for connection in (connections.near, connections.far, connections.checkpoints, connections.writer):
        connection.close()
    for segment in segments:
        segment.close()
