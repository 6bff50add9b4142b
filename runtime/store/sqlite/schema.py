"""The schema, as numbered steps that only go forward. A step that was released is never edited: add another.

Blobs are sealed. What a person reads and what a query looks for is in clear: names, times, states, never payloads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.errors import StoreError
from runtime.store.sqlite.border import first

if TYPE_CHECKING:
    import apsw

    from runtime.store.cipher import Cipher

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE migrations (number INTEGER PRIMARY KEY, applied_at REAL NOT NULL) STRICT;
    CREATE TABLE seal (sealed BLOB NOT NULL) STRICT;

    -- seq is the order of acceptance; callbacks counts those ever made, so that a number is not used twice.
    CREATE TABLE executions (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        bundle TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, process TEXT NOT NULL, mode TEXT NOT NULL,
        status TEXT NOT NULL,
        started_at REAL NOT NULL,
        owner TEXT, epoch INTEGER NOT NULL, lease_until REAL NOT NULL, due REAL,
        finished_at REAL, message TEXT, token TEXT, released INTEGER NOT NULL,
        callbacks INTEGER NOT NULL DEFAULT 0,
        claimable_at REAL GENERATED ALWAYS AS (
            CASE WHEN status = 'waiting' THEN due
                 WHEN status = 'running' AND owner IS NULL THEN -1.0
                 WHEN status = 'running' THEN lease_until END
        ) VIRTUAL
    ) STRICT;
    CREATE UNIQUE INDEX executions_by_token ON executions (token) WHERE token IS NOT NULL;
    CREATE INDEX executions_by_status ON executions (status);
    CREATE INDEX executions_claimable ON executions (claimable_at) WHERE claimable_at IS NOT NULL;
    CREATE INDEX executions_by_owner ON executions (owner) WHERE owner IS NOT NULL;
    CREATE INDEX executions_by_end ON executions (finished_at) WHERE finished_at IS NOT NULL;

    CREATE TABLE starts (execution INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE records (seq INTEGER PRIMARY KEY, execution INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE INDEX records_by_execution ON records (execution);
    CREATE TABLE answers (execution INTEGER PRIMARY KEY, finished_at REAL NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE INDEX answers_by_end ON answers (finished_at);

    -- AUTOINCREMENT: an acknowledgement that comes late must not meet another callback under the same id.
    CREATE TABLE callbacks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        execution TEXT NOT NULL, number INTEGER NOT NULL,
        host TEXT NOT NULL, state TEXT NOT NULL, sealed BLOB NOT NULL,
        created_at REAL NOT NULL, due REAL NOT NULL, expires_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, error TEXT
    ) STRICT;
    CREATE UNIQUE INDEX callbacks_by_execution ON callbacks (execution, number);
    CREATE INDEX callbacks_by_host ON callbacks (host, due) WHERE state = 'due';
    CREATE INDEX callbacks_by_state ON callbacks (state);
    """,
    """
    CREATE TABLE persisted (
        bundle TEXT NOT NULL, process TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL, writer TEXT NOT NULL,
        PRIMARY KEY (bundle, process, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE counters (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    -- What a search looks for; origin is the execution that one replays.
    ALTER TABLE executions ADD COLUMN origin TEXT;
    CREATE INDEX executions_by_origin ON executions (origin) WHERE origin IS NOT NULL;
    CREATE INDEX executions_by_process ON executions (process);
    CREATE INDEX executions_by_start ON executions (started_at);
    CREATE TABLE tracked (
        execution INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (execution, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tracked_by_value ON tracked (name, value);

    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        at REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, execution TEXT NOT NULL, detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_by_execution ON audit (execution);
    """,
    """
    -- When a due time was set: one that is still to come tells that the clock has gone back.
    ALTER TABLE executions ADD COLUMN set_at REAL NOT NULL DEFAULT 0;
    ALTER TABLE callbacks ADD COLUMN set_at REAL NOT NULL DEFAULT 0;
    CREATE INDEX executions_put_off ON executions (set_at) WHERE status = 'waiting';
    CREATE INDEX callbacks_put_off ON callbacks (set_at) WHERE state = 'due';
    """,
    """
    -- The execution whose step has begun this one.
    ALTER TABLE executions ADD COLUMN parent TEXT;
    CREATE INDEX executions_by_parent ON executions (parent) WHERE parent IS NOT NULL;
    """,
    """
    -- A tracked field may have a value for each document.
    ALTER TABLE tracked RENAME TO tracked_once;
    DROP INDEX tracked_by_value;
    CREATE TABLE tracked (
        execution INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (execution, name, value)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO tracked SELECT execution, name, value FROM tracked_once;
    DROP TABLE tracked_once;
    CREATE INDEX tracked_by_value ON tracked (name, value);
    """,
    """
    -- The serial of the last block of a segment that has been brought into the tables.
    CREATE TABLE segments (home INTEGER NOT NULL) STRICT;
    INSERT INTO segments VALUES (0);
    """,
)

_SEAL = {"execution": "", "kind": "state folder"}


def migrate(connection: apsw.Connection, now: float) -> None:
    """Bring the journal to the newest schema, each step in a transaction of its own.

    Raises:
        StoreError: a newer version of this program has written it (code ``store.newer-schema``).
    """
    present = connection.pragma("user_version")
    if present > len(MIGRATIONS):
        raise StoreError(
            "store.newer-schema",
            f"the journal has schema {present}, this version knows up to {len(MIGRATIONS)}",
            hint="start the version that wrote it, or a newer one; there is no way back",
        )
    for number, script in enumerate(MIGRATIONS[present:], start=present + 1):
        with connection:
            connection.execute(script).fetchall()
            connection.execute("INSERT INTO migrations VALUES (?, ?)", (number, now))
            connection.pragma("user_version", number)


def check_key(connection: apsw.Connection, cipher: Cipher) -> None:
    """Seal a journal that is new; of one that is not, check that the key is its own.

    Raises:
        StoreError: it was sealed with another key (code ``store.damaged``).
    """
    seal = first(connection, "SELECT sealed FROM seal")
    if seal is None:
        connection.execute("INSERT INTO seal VALUES (?)", (cipher.seal(b"", **_SEAL),))
        return
    try:
        cipher.open(seal[0], **_SEAL)  # type: ignore[arg-type]  # STRICT: a blob
    except StoreError:
        raise StoreError(
            "store.damaged",
            "the key is not the one that this state folder was written with",
            hint="restore the key (the credential nuclide-key, or the file key in the state folder)",
        ) from None
