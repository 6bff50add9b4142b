"""What is asked of the past: executions that are searched for, what is kept of them, what persons have done."""

# ruff: noqa: S608 - statements are put together from constants of this folder; values are always bound

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.journal import Audit, ExecutionRow, History, Search
from runtime.store.sqlite.border import rows
from runtime.store.sqlite.queries import EXECUTION, execution_row

if TYPE_CHECKING:
    import apsw

_CONDITIONS = {
    "status": "status = ?",
    "process": "process = ?",
    "since": "started_at >= ?",
    "until": "started_at < ?",
    "text": "message LIKE ? ESCAPE '\\'",
    "origin": "origin = ?",
    "parent": "parent = ?",
}
_AUDIT = "at, who, what, execution, detail"


def executions(connection: apsw.Connection, search: Search, limit: int) -> list[ExecutionRow]:
    """Give executions that are searched for, newest first."""
    given = {name: value for name in _CONDITIONS if (value := getattr(search, name)) is not None}
    if search.text is not None:
        given["text"] = f"%{_escaped(search.text)}%"
    conditions = [_CONDITIONS[name] for name in given]
    values = [*given.values()]
    if search.tracked is not None:
        conditions.append("seq IN (SELECT execution FROM tracked WHERE name = ? AND value = ?)")
        values += search.tracked
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT {EXECUTION} FROM executions {where} ORDER BY seq DESC LIMIT ?"
    return [execution_row(row) for row in rows(connection, sql, *values, limit)]


def tracked(connection: apsw.Connection, identity: str) -> list[tuple[str, str]]:
    """Give the names and values by which an execution is found."""
    sql = "SELECT name, value FROM tracked JOIN executions ON seq = execution WHERE id = ? ORDER BY name, value"
    return [(str(name), str(value)) for name, value in rows(connection, sql, identity)]


def kept(connection: apsw.Connection, finished_before: float, limit: int) -> list[str]:
    """Give the ids of finished executions whose work copies are still here, oldest first."""
    sql = (
        "SELECT id FROM starts JOIN executions ON seq = starts.execution"
        " WHERE finished_at < ? ORDER BY starts.execution LIMIT ?"
    )
    return [str(identity) for (identity,) in rows(connection, sql, finished_before, limit)]


def history(connection: apsw.Connection) -> tuple[History, int]:
    """Give how much of the past the tables keep, and the serial of the last block of a segment that stands in them.

    The size leaves out pages that are free.
    """
    sql = (
        "SELECT (SELECT count(*) FROM executions WHERE finished_at IS NOT NULL), (SELECT count(*) FROM starts"
        " JOIN executions ON seq = starts.execution WHERE finished_at IS NOT NULL), (SELECT home FROM segments)"
    )
    finished, replayable, home = (int(str(count)) for count in rows(connection, sql)[0])
    pages = int(connection.pragma("page_count")) - int(connection.pragma("freelist_count"))
    size = pages * int(connection.pragma("page_size"))
    return History(finished=finished, replayable=replayable, size=size), home


def audit(connection: apsw.Connection, execution: str | None, limit: int) -> list[Audit]:
    """Give what persons have done, newest first."""
    if execution is None:
        found = rows(connection, f"SELECT {_AUDIT} FROM audit ORDER BY seq DESC LIMIT ?", limit)
    else:
        sql = f"SELECT {_AUDIT} FROM audit WHERE execution = ? ORDER BY seq DESC LIMIT ?"
        found = rows(connection, sql, execution, limit)
    return [
        Audit(at=float(str(at)), who=str(who), what=str(what), execution=str(execution), detail=str(detail))
        for at, who, what, execution, detail in found
    ]


def _escaped(text: str) -> str:
    """Give a text that LIKE takes for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
