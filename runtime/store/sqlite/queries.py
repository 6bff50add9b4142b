"""What is asked of the tables; each function spends one connection for one snapshot and gives plain rows."""

# ruff: noqa: S608 - statements are put together from constants of this folder; values are always bound

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from runtime.errors import StoreError
from runtime.model.journal import CallbackRow, CallbackState, ExecutionRow, Status
from runtime.store.sqlite.border import Row, first, rows
from runtime.store.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import apsw

    from runtime.store.cipher import Cipher

_EXECUTION_FIELDS = ExecutionRow.__struct_fields__
_CALLBACK_FIELDS = CallbackRow.__struct_fields__
EXECUTION = ", ".join(_EXECUTION_FIELDS)  # a field is a column of the same name
_CALLBACK = ", ".join("sealed" if name == "request" else name for name in _CALLBACK_FIELDS)


def execution_row(row: Row) -> ExecutionRow:
    """Give the columns `EXECUTION` as a row; the tables are STRICT, so the types are right."""
    fields: dict[str, Any] = dict(zip(_EXECUTION_FIELDS, row, strict=True))
    fields["status"] = Status(fields["status"])
    fields["released"] = bool(fields["released"])
    return ExecutionRow(**fields)


def execution(connection: apsw.Connection, identity: str) -> ExecutionRow | None:
    """Give one execution, or None."""
    row = first(connection, f"SELECT {EXECUTION} FROM executions WHERE id = ?", identity)
    return None if row is None else execution_row(row)


def by_token(connection: apsw.Connection, token: str) -> ExecutionRow | None:
    """Give the execution of a token, or None."""
    row = first(connection, f"SELECT {EXECUTION} FROM executions WHERE token = ?", token)
    return None if row is None else execution_row(row)


def tokens(connection: apsw.Connection, since: str, limit: int) -> list[str]:
    """Give tokens of executions in order, from one on."""
    sql = "SELECT token FROM executions WHERE token >= ? ORDER BY token LIMIT ?"
    return [str(token) for (token,) in rows(connection, sql, since, limit)]


def with_work(connection: apsw.Connection) -> set[str]:
    """Give the ids of executions whose work copies are here: they have not finished, or are kept for replay."""
    sql = "SELECT id FROM executions JOIN starts ON starts.execution = seq"
    return {str(identity) for (identity,) in rows(connection, sql)}


def digests_in_use(connection: apsw.Connection) -> set[str]:
    """Give the digests of the bundle versions that unfinished executions began on."""
    sql = "SELECT DISTINCT digest FROM executions WHERE status IN ('running', 'waiting', 'parked')"
    return {str(digest) for (digest,) in rows(connection, sql)}


def opened(connection: apsw.Connection, cipher: Cipher, identity: str, kind: str) -> bytes | None:
    """Give the ``start`` or the ``answer`` of an execution, or None.

    Raises:
        StoreError: it cannot be opened (code ``store.damaged``).
    """
    sql = f"SELECT sealed FROM {kind}s JOIN executions ON seq = execution WHERE id = ?"
    row = first(connection, sql, identity)
    return None if row is None else cipher.open(_blob(row[0]), execution=identity, kind=kind)


def records(connection: apsw.Connection, cipher: Cipher, identity: str) -> list[bytes]:
    """Give the records of an execution, in order.

    Raises:
        StoreError: one cannot be opened (code ``store.damaged``).
    """
    sql = (
        "SELECT records.sealed FROM records JOIN executions ON executions.seq = records.execution"
        " WHERE executions.id = ? ORDER BY records.seq"
    )
    found = rows(connection, sql, identity)
    return [cipher.open(_blob(sealed), execution=identity, kind="record") for (sealed,) in found]


def callbacks(
    connection: apsw.Connection, cipher: Cipher, execution: str | None, state: CallbackState | None, limit: int
) -> list[CallbackRow]:
    """Give callbacks, oldest first."""
    wanted = {"execution = ?": execution, "state = ?": state}
    given = {condition: value for condition, value in wanted.items() if value is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    sql = f"SELECT {_CALLBACK} FROM callbacks {where} ORDER BY id LIMIT ?"
    return [_callback_row(cipher, row) for row in rows(connection, sql, *given.values(), limit)]


def callbacks_due(
    connection: apsw.Connection,
    cipher: Cipher,
    now: float,
    limit: int,
    *,
    per_host: int | None,
    sending: Collection[CallbackRow],
    without: Collection[str],
    full: Collection[str],
) -> list[CallbackRow]:
    """Give due callbacks, as `Journal.callbacks_due` says. What waits for its time costs nothing."""
    under_way = json.dumps([row.id for row in sending])
    taken = Counter(row.host for row in sending)
    sql = (
        f"SELECT {_CALLBACK} FROM callbacks AS this WHERE state = 'due' AND host = ? AND due <= ?"
        " AND id NOT IN (SELECT value FROM json_each(?)) AND (NOT ? OR expires_at <= ?)"
        " AND NOT EXISTS (SELECT 1 FROM callbacks AS other WHERE other.execution = this.execution"
        " AND other.number < this.number AND other.state <> 'dead')"
        " ORDER BY due, id LIMIT ?"
    )
    found: dict[str, list[Row]] = {}
    for host in _hosts(connection):
        room = limit if per_host is None else min(limit, per_host - taken[host])
        if room > 0 and host not in full:
            found[host] = list(rows(connection, sql, host, now, under_way, host in without, now, room))
    return [_callback_row(cipher, row) for row in in_turn(found, taken, _when_due)[:limit]]


def still_due(connection: apsw.Connection, callbacks: Collection[int]) -> set[int]:
    """Give those of some callbacks, by id, that are due."""
    sql = "SELECT id FROM callbacks WHERE state = 'due' AND id IN (SELECT value FROM json_each(?))"
    return {int(str(identity)) for (identity,) in rows(connection, sql, json.dumps(list(callbacks)))}


def _when_due(row: Row) -> tuple[float, int]:
    due, identity = row[_CALLBACK_FIELDS.index("due")], row[_CALLBACK_FIELDS.index("id")]
    return float(str(due)), int(str(identity))


def _hosts(connection: apsw.Connection) -> Iterator[str]:
    """Give the hosts with callbacks to send, one look into the index for each.

    The index is named, as SQLite would take another by itself, and read all that is due for each host.
    """
    sql = "SELECT min(host) FROM callbacks INDEXED BY callbacks_by_host WHERE state = 'due'"
    row = first(connection, sql)
    while row is not None and row[0] is not None:
        yield str(row[0])
        row = first(connection, f"{sql} AND host > ?", row[0])


def counts(connection: apsw.Connection) -> tuple[dict[str, int], int]:
    """Give the number of executions by status and of callbacks by state, and the serial of the last block at home."""
    given = {status.value: 0 for status in Status} | {f"callbacks {state.value}": 0 for state in CallbackState}
    sql = (
        "SELECT status, count(*) FROM executions GROUP BY status"
        " UNION ALL SELECT 'callbacks ' || state, count(*) FROM callbacks GROUP BY state"
        " UNION ALL SELECT 'home', home FROM segments"
    )
    found = {str(name): int(str(count)) for name, count in rows(connection, sql)}
    home = found.pop("home")
    return given | found, home


def home(connection: apsw.Connection) -> int:
    """Give the serial of the last block of a segment that stands in the tables."""
    row = first(connection, "SELECT home FROM segments")
    return 0 if row is None else int(str(row[0]))


def _callback_row(cipher: Cipher, row: Row) -> CallbackRow:
    fields: dict[str, Any] = dict(zip(_CALLBACK_FIELDS, row, strict=True))
    fields["state"] = CallbackState(fields["state"])
    fields["request"] = _request(cipher, fields["request"], fields["execution"])
    return CallbackRow(**fields)


def _request(cipher: Cipher, sealed: bytes, execution: str) -> bytes:
    """Open a request; a damaged one is empty, so that it becomes a dead letter and does not stop the others."""
    try:
        return cipher.open(sealed, execution=execution, kind="callback")
    except StoreError:
        return b""


def _blob(value: apsw.SQLiteValue) -> bytes:
    if not isinstance(value, bytes):
        raise StoreError("store.damaged", "the journal holds something else where a sealed payload belongs")
    return value
