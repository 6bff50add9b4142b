"""What each operation does to the tables; runs in the writer's thread, inside its transaction."""

# ruff: noqa: S608 - statements are put together from constants of this folder; values are always bound

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from runtime.errors import Fenced
from runtime.model.journal import (
    CLOCK_SLACK,
    Accept,
    Acknowledged,
    Append,
    Audit,
    Brief,
    CallbackState,
    Dead,
    Disown,
    ExecutionRow,
    Finish,
    Forget,
    NewCallback,
    Operation,
    Park,
    Postpone,
    Purge,
    Redeliver,
    Release,
    Renew,
    Status,
    Suspend,
    Unkeep,
    Withdraw,
    Yield,
)
from runtime.model.persisted import Persist, Unpersist
from runtime.store.sqlite.births import insert, insert_briefs, insert_life, insert_tracked, life_in
from runtime.store.sqlite.border import first, rows
from runtime.store.sqlite.persisted import keep
from runtime.store.sqlite.queries import EXECUTION, execution_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from runtime.store.cipher import Cipher

Owned = Append | NewCallback | Suspend | Yield | Park | Withdraw | Finish
_MINE = "id = ? AND epoch = ? AND status IN ('running', 'waiting', 'parked')"


def apply(connection: apsw.Connection, cipher: Cipher, operations: Sequence[Operation]) -> None:
    """Apply operations in order; the caller undoes all of them when one raises.

    Raises:
        Fenced, TokenTaken, StoreError: as `Journal.commit` says.
    """
    life = life_in(operations)
    if life is None:
        _apply(connection, cipher, operations)
    else:
        insert_life(connection, cipher, life)
        _apply(connection, cipher, life.rest)


def _apply(connection: apsw.Connection, cipher: Cipher, operations: Sequence[Operation]) -> None:
    for operation in operations:
        match operation:
            case Append() | NewCallback() | Suspend() | Yield() | Park() | Withdraw() | Finish():
                _fenced(connection, cipher, operation)
            case Accept() | Brief():
                _accept(connection, cipher, operation)
            case Release(execution):
                _release(connection, execution)
            case Renew(owner, lease_until):
                connection.execute("UPDATE executions SET lease_until = ? WHERE owner = ?", (lease_until, owner))
            case Disown():
                connection.execute("UPDATE executions SET owner = NULL, lease_until = 0 WHERE status = 'running'")
            case Acknowledged() | Postpone() | Dead() | Redeliver():
                _delivery(connection, operation)
            case Forget() | Unkeep() | Purge() | Audit():
                _upkeep(connection, operation)
            case Persist() | Unpersist():
                keep(connection, cipher, operation)
            case _:
                assert_never(operation)


def claim(connection: apsw.Connection, owner: str, now: float, lease_until: float, limit: int) -> list[ExecutionRow]:
    """Take executions over, as `Journal.claim` says."""
    for table, put_off in (("executions", "status = 'waiting'"), ("callbacks", "state = 'due'")):
        sql = f"UPDATE {table} SET due = due - set_at + ?1, set_at = ?1 WHERE {put_off} AND set_at > ?2"
        connection.execute(sql, (now, now + CLOCK_SLACK))
    found = rows(
        connection,
        "SELECT seq, due FROM executions WHERE claimable_at <= ?1 AND (claimable_at < ?1 OR status = 'waiting')"
        " ORDER BY claimable_at, seq LIMIT ?2",
        now,
        limit,
    )
    claimed = [replace(_take_over(connection, seq, owner, lease_until), due=due) for seq, due in found]
    for row in claimed:
        _release(connection, row.id)
    return claimed


def _take_over(connection: apsw.Connection, seq: apsw.SQLiteValue, owner: str, lease_until: float) -> ExecutionRow:
    row = first(
        connection,
        "UPDATE executions SET status = 'running', owner = ?, epoch = epoch + 1, lease_until = ?, due = NULL,"
        f" released = 1 WHERE seq = ? RETURNING {EXECUTION}",
        owner,
        lease_until,
        seq,
    )
    if row is None:
        raise AssertionError("the writer found this row a moment ago and nobody else writes")
    return execution_row(row)


def _accept(connection: apsw.Connection, cipher: Cipher, operation: Accept | Brief) -> None:
    if isinstance(operation, Brief):
        insert_briefs(connection, cipher, (operation,))
        return
    row = operation.execution
    seq = insert(connection, row)
    sealed = cipher.seal(operation.start, execution=row.id, kind="start")
    connection.execute("INSERT INTO starts VALUES (?, ?)", (seq, sealed))


def _fenced(connection: apsw.Connection, cipher: Cipher, operation: Owned) -> None:
    """Apply an operation that only the owner of the present epoch may do."""
    match operation:
        case Append(execution, _, records):
            seq = _mine(connection, operation, f"SELECT seq FROM executions WHERE {_MINE}")[0]
            seals = cipher.seals(execution)
            connection.executemany(
                "INSERT INTO records (execution, sealed) VALUES (?, ?)",
                ((seq, seals.seal(record, "record")) for record in records),
            )
        case NewCallback():
            _new_callback(connection, cipher, operation)
        case Suspend(due=due, at=at):
            _give_back(connection, operation, Status.WAITING, due, None)
            connection.execute("UPDATE executions SET set_at = ? WHERE id = ?", (at, operation.execution))
        case Yield():
            _give_back(connection, operation, Status.RUNNING, None, None)
        case Park(reason=reason):
            _give_back(connection, operation, Status.PARKED, None, reason)
        case Withdraw(execution):
            _mine(connection, operation, f"SELECT seq FROM executions WHERE {_MINE}")
            connection.execute("DELETE FROM callbacks WHERE execution = ? AND state <> 'dead'", (execution,))
        case Finish():
            _finish(connection, cipher, operation)
        case _:
            assert_never(operation)


def _mine(
    connection: apsw.Connection,
    operation: Owned,
    sql: str,
    *values: apsw.SQLiteValue,
) -> tuple[apsw.SQLiteValue, ...]:
    """Give the row of a statement that ends in `_MINE`."""
    row = first(connection, sql, *values, operation.execution, operation.epoch)
    if row is None:
        raise Fenced("store.fenced", f"{operation.execution} is not run in epoch {operation.epoch} any more")
    return row


def _give_back(
    connection: apsw.Connection,
    operation: Suspend | Yield | Park,
    status: Status,
    due: float | None,
    reason: str | None,
) -> None:
    sql = "UPDATE executions SET status = ?, due = ?, message = ?, owner = NULL, lease_until = 0"
    _mine(connection, operation, f"{sql} WHERE {_MINE} RETURNING seq", status, due, reason)


def _new_callback(connection: apsw.Connection, cipher: Cipher, operation: NewCallback) -> None:
    sql = f"UPDATE executions SET callbacks = callbacks + 1 WHERE {_MINE} RETURNING callbacks, released"
    number, released = _mine(connection, operation, sql)
    connection.execute(
        "INSERT INTO callbacks (execution, number, host, state, sealed, created_at, due, expires_at,"
        " set_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            operation.execution,
            number,
            operation.host,
            CallbackState.DUE if released else CallbackState.HELD,
            cipher.seal(operation.request, execution=operation.execution, kind="callback"),
            operation.created_at,
            operation.due,
            operation.expires_at,
            operation.created_at,
        ),
    )


def _finish(connection: apsw.Connection, cipher: Cipher, operation: Finish) -> None:
    sql = "UPDATE executions SET status = ?, finished_at = ?, message = ?, owner = NULL, lease_until = 0, due = NULL"
    if operation.status is Status.CANCELLED:
        sql += ", token = NULL"
    values = (operation.status, operation.finished_at, operation.message)
    (seq,) = _mine(connection, operation, f"{sql} WHERE {_MINE} RETURNING seq", *values)
    if operation.keep is None:
        connection.execute("DELETE FROM records WHERE execution = ?", (seq,))
        connection.execute("DELETE FROM starts WHERE execution = ?", (seq,))
    else:
        sealed = cipher.seal(operation.keep, execution=operation.execution, kind="start")
        connection.execute("UPDATE starts SET sealed = ? WHERE execution = ?", (sealed, seq))
    insert_tracked(connection, seq, operation.tracked)
    if operation.answer is not None:
        sealed = cipher.seal(operation.answer, execution=operation.execution, kind="answer")
        connection.execute("INSERT INTO answers VALUES (?, ?, ?)", (seq, operation.finished_at, sealed))


def _release(connection: apsw.Connection, execution: str) -> None:
    connection.execute("UPDATE executions SET released = 1 WHERE id = ?", (execution,))
    connection.execute("UPDATE callbacks SET state = 'due' WHERE execution = ? AND state = 'held'", (execution,))


def _delivery(connection: apsw.Connection, operation: Acknowledged | Postpone | Dead | Redeliver) -> None:
    match operation:
        case Acknowledged(callback):
            connection.execute("DELETE FROM callbacks WHERE id = ?", (callback,))
        case Postpone(callback, due, error, at):
            connection.execute(
                "UPDATE callbacks SET due = ?, error = ?, attempts = attempts + 1, set_at = ?"
                " WHERE id = ? AND state = 'due'",
                (due, error, at, callback),
            )
        case Dead(callback, error, attempted):
            connection.execute(
                "UPDATE callbacks SET state = 'dead', error = ?, attempts = attempts + ?"
                " WHERE id = ? AND state <> 'dead'",
                (error, int(attempted), callback),
            )
        case Redeliver(callback, due, expires_at):
            connection.execute(
                "UPDATE callbacks SET state = 'due', due = ?1, expires_at = ?2, attempts = 0, set_at = ?1"
                " WHERE id = ?3 AND state = 'dead'",
                (due, expires_at, callback),
            )
        case _:
            assert_never(operation)


def _upkeep(connection: apsw.Connection, operation: Forget | Unkeep | Purge | Audit) -> None:
    """Change what is known of the past."""
    match operation:
        case Forget(before):
            connection.execute("DELETE FROM answers WHERE finished_at < ?", (before,))
        case Unkeep(executions):
            for execution in executions:
                _unkeep(connection, execution)
        case Purge(before, limit):
            _purge(connection, before, limit)
        case Audit():
            values = (operation.at, operation.who, operation.what, operation.execution, operation.detail)
            sql = "INSERT INTO audit (at, who, what, execution, detail) VALUES (?, ?, ?, ?, ?)"
            connection.execute(sql, values)
        case _:
            assert_never(operation)


def _unkeep(connection: apsw.Connection, execution: str) -> None:
    row = first(connection, "SELECT seq FROM executions WHERE id = ? AND finished_at IS NOT NULL", execution)
    if row is not None:
        connection.execute("DELETE FROM records WHERE execution = ?", row)
        connection.execute("DELETE FROM starts WHERE execution = ?", row)


def _purge(connection: apsw.Connection, before: float, limit: int) -> None:
    old = rows(
        connection,
        "SELECT seq FROM executions WHERE finished_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM callbacks WHERE callbacks.execution = executions.id)"
        " AND NOT EXISTS (SELECT 1 FROM starts WHERE starts.execution = executions.seq)"
        " ORDER BY finished_at, seq LIMIT ?",
        before,
        limit,
    )
    for table, column in (("answers", "execution"), ("tracked", "execution"), ("executions", "seq")):
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", old)
