"""Checkpoints off the commit path: a connection of their own brings the WAL into the journal's file.

SQLite would do it inside the commit that makes the WAL long, and that commit's callers would wait for thousands of
pages and two more syncs. Beside the writer it costs them nothing: a passive checkpoint waits for nobody, and takes what
is there when it begins. What came meanwhile, a few pages, keeps the WAL growing under a load that never pauses; so when
it is long, a second look takes these while the writer waits for some milliseconds, and the WAL begins anew.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import apsw
import trio

if TYPE_CHECKING:
    from runtime.store.sqlite.writer import Writer

LOOK = 1.0  # seconds between two looks at how much was committed
COMMITS = 200  # that make a checkpoint worth its syncs; some thousand pages under load, long before WAL_MOST
LONG = 12_000  # pages (48 MB) of a WAL that is to begin anew: seldom, since the writer waits for it
IDLE = 60.0  # seconds after which few commits are brought home, too, so that a start has little to recover


async def checkpoint_now_and_then(connection: apsw.Connection, writer: Writer) -> None:
    """Checkpoint when enough was committed, until the writer has ended; a disk that refuses is asked again."""
    done, rested = 0, 0.0
    while not writer.is_closed:
        await writer.rest(LOOK)
        rested += LOOK
        commits = writer.statistics().commits
        if commits - done < COMMITS and (commits == done or rested < IDLE):
            continue
        done, rested = commits, 0.0
        with trio.CancelScope(shield=True):  # as long as it takes: the connection must not be closed under it
            await trio.to_thread.run_sync(_checkpoint, connection)


def _checkpoint(connection: apsw.Connection) -> None:
    with suppress(apsw.Error):  # busy, or a disk in trouble: the writer's own errors tell
        pages, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        if pages > LONG:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
