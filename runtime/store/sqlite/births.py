"""How executions come into the tables: as they begin, or, where they end in the same commit, as what they have become.

A brief execution would be a row that is changed at once, work copies that are erased at once, and most of what a commit
costs. Its operations say all that there will be of it.
"""

# ruff: noqa: S608 - the statement is put together from constants of this folder; values are always bound

from __future__ import annotations

from typing import TYPE_CHECKING

import apsw
from msgspec import Struct
from msgspec.structs import astuple, replace

from runtime.errors import StoreError, TokenTaken
from runtime.model.journal import Accept, Append, Brief, ExecutionRow, Finish, Operation, Status
from runtime.model.persisted import Persist
from runtime.store.sqlite.border import first, insert_many
from runtime.store.sqlite.queries import EXECUTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.store.cipher import Cipher

_COLUMNS = ", ".join("?" * len(EXECUTION.split(",")))
_INSERT = f"INSERT INTO executions ({EXECUTION}) VALUES ({_COLUMNS})"
_NUMBERED = f"executions (seq, {EXECUTION})"


class Life(Struct, frozen=True):
    """An execution from its beginning to its end; `rest` are the commit's operations that are not its own."""

    accept: Accept
    records: tuple[bytes, ...]
    finish: Finish
    rest: tuple[Persist, ...]


def life_in(operations: Sequence[Operation]) -> Life | None:
    """Give the execution that these operations take from its beginning to its end, if they do nothing else to it."""
    if len(operations) < 2 or not isinstance(operations[0], Accept) or not isinstance(operations[-1], Finish):  # noqa: PLR2004 - both
        return None
    begun, end = operations[0], operations[-1]
    row, own = begun.execution, (begun.execution.id, begun.execution.epoch)
    if (end.execution, end.epoch) != own or row.status.finished or end.status is Status.CANCELLED:
        return None
    records: list[bytes] = []
    rest: list[Persist] = []
    for operation in operations[1:-1]:
        match operation:
            case Append(execution, epoch, added) if (execution, epoch) == own:
                records += added
            case Persist():
                rest.append(operation)
            case _:
                return None
    return Life(begun, tuple(records), end, tuple(rest))


def insert_briefs(connection: apsw.Connection, cipher: Cipher, briefs: Sequence[Brief]) -> None:
    """Write executions down that begin and end at once, table by table.

    Raises:
        TokenTaken, StoreError: as `insert`, where it is one execution.
        apsw.ConstraintError: one of several cannot be written.
    """
    highest = first(connection, "SELECT coalesce(max(seq), 0) FROM executions")
    after = highest[0] + 1 if highest is not None and isinstance(highest[0], int) else 1
    numbered = [(seq, brief, cipher.seals(brief.execution.id)) for seq, brief in enumerate(briefs, after)]
    try:
        insert_many(connection, _NUMBERED, [(seq, *astuple(brief.execution)) for seq, brief, _ in numbered])
    except apsw.ConstraintError:
        if len(briefs) > 1:
            raise
        raise _conflict(connection, briefs[0].execution) from None
    answers = [(seq, brief.execution.finished_at, seals.seal(brief.answer, "answer")) for seq, brief, seals in numbered]
    insert_many(connection, "answers", answers)
    starts = [(seq, seals.seal(brief.keep, "start")) for seq, brief, seals in numbered if brief.keep is not None]
    insert_many(connection, "starts", starts)
    for seq, brief, _ in numbered:
        insert_tracked(connection, seq, brief.tracked)


def inserting(cipher: Cipher) -> Callable[[apsw.Connection, Sequence[Brief]], None]:
    """Give what writes executions down that were submitted, with those of their group (see `Writer.submit`)."""

    def insert_all(connection: apsw.Connection, briefs: Sequence[Brief]) -> None:
        insert_briefs(connection, cipher, briefs)

    return insert_all


def insert_life(connection: apsw.Connection, cipher: Cipher, life: Life) -> None:
    """Write an execution down as it is after its end.

    Raises:
        TokenTaken, StoreError: as `insert`.
    """
    begun, end = life.accept.execution, life.finish
    row = replace(
        begun,
        status=end.status,
        finished_at=end.finished_at,
        message=end.message,
        owner=None,
        lease_until=0.0,
        due=None,
    )
    seq, seals = insert(connection, row), cipher.seals(row.id)
    if end.keep is not None:
        connection.execute("INSERT INTO starts VALUES (?, ?)", (seq, seals.seal(end.keep, "start")))
        for record in life.records:
            connection.execute(
                "INSERT INTO records (execution, sealed) VALUES (?, ?)", (seq, seals.seal(record, "record"))
            )
    insert_tracked(connection, seq, end.tracked)
    if end.answer is not None:
        values = (seq, end.finished_at, seals.seal(end.answer, "answer"))
        connection.execute("INSERT INTO answers VALUES (?, ?, ?)", values)


def insert_tracked(connection: apsw.Connection, seq: apsw.SQLiteValue, tracked: Sequence[tuple[str, str]]) -> None:
    """Write down by which names and values an execution is found."""
    for name, value in tracked:
        connection.execute("INSERT OR REPLACE INTO tracked VALUES (?, ?, ?)", (seq, name, value))


def insert(connection: apsw.Connection, row: ExecutionRow) -> int:
    """Insert the row of an execution; give its number.

    Raises:
        TokenTaken: another execution has its token.
        StoreError: another has its id (code ``store.known``), or a value is missing or mistyped (``store.refused``).
    """
    try:
        connection.execute(_INSERT, astuple(row))
    except apsw.ConstraintError:
        raise _conflict(connection, row) from None
    return connection.last_insert_rowid()


def _conflict(connection: apsw.Connection, row: ExecutionRow) -> StoreError:
    holder = first(connection, "SELECT id FROM executions WHERE token = ?", row.token)
    if holder is not None:
        return TokenTaken(str(holder[0]))
    if first(connection, "SELECT 1 FROM executions WHERE id = ?", row.id) is not None:
        return StoreError("store.known", f"there is an execution {row.id} already")
    return StoreError("store.refused", f"the journal refuses the execution {row.id}: a value is missing or mistyped")
