"""SQLite, by the driver of the standard library. It has few types: dates are ISO texts, decimals are binary numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from connectors.database.dialects.base import Dialect, Raw, Refusal
from connectors.database.sql import SQLITE
from connectors.database.values import Unfit

LOCK_WAIT = 5.0  # seconds for another writer to end; SQLite waits in a sleep that nothing interrupts, so it is short
_INTEGERS = range(-(2**63), 2**63)

_BY_CODE = {  # the driver's names of SQLite's result codes, by their beginning
    "SQLITE_CONSTRAINT_UNIQUE": "duplicate",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "duplicate",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "reference",
    "SQLITE_CONSTRAINT_NOTNULL": "null",
    "SQLITE_CONSTRAINT_CHECK": "check",
    "SQLITE_CONSTRAINT": "constraint",
    "SQLITE_BUSY": "conflict",
    "SQLITE_LOCKED": "conflict",
    "SQLITE_READONLY": "read-only",
    "SQLITE_INTERRUPT": "timeout",
    "SQLITE_FULL": "full",
    "SQLITE_MISMATCH": "value",
    "SQLITE_TOOBIG": "value",
    "SQLITE_ERROR": "statement",
}
_SAFE = re.compile(  # messages that name parts of the schema or of the statement, never a value
    r"(UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed(: .*)?|no such (table|column|function): .*"
    r"|near \".*\": syntax error|incomplete input|table .* (has no column named|already exists).*"
    r"|attempt to write a readonly database|database is locked|database or disk is full|ambiguous column name: .*"
    r"|cannot store \w+ value in \w+ column .*"
    r"|wrong number of arguments to function .*|\d+ values for \d+ columns"
    r"|You can only execute one statement at a time\.?",
    re.DOTALL,
)


class Sqlite(Dialect):
    """A file of SQLite."""

    syntax = SQLITE
    driver: ClassVar[str] = "sqlite+pysqlite"
    filters = "sqlite"
    certain_until_commit: ClassVar[bool] = True

    def arguments(self) -> dict[str, Any]:
        """Give the wait for a lock."""
        return {"timeout": LOCK_WAIT}

    def prepare(self, raw: Raw) -> None:
        """Hold foreign keys, which SQLite does on demand only."""
        raw.execute("PRAGMA foreign_keys = ON").close()

    def marker(self, name: str) -> str:
        """Give SQLite's own marker."""
        return f":{name}"

    def text(self, sql: str) -> str:
        """Give the text as it is: SQLite reads it itself."""
        return sql

    def begin(self, connection: sa.Connection, *, read_only: bool) -> None:
        """Let the connection write, or not: it begins its transaction by itself."""
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")

    def adapt(self, value: object) -> object:
        """Give integers of 64 bits, binary numbers for decimals that survive it, texts for dates and the like."""
        match value:
            case int() if value not in _INTEGERS:
                raise Unfit("an integer of 64 bits")
            case Decimal():
                return _exact(value)
            case date() | time():
                return value.isoformat()
            case timedelta():
                return str(msgspec.to_builtins(value))
            case UUID():
                return str(value)
            case _:
                return value

    def upsert(self, table: sa.TableClause, values: dict[str, Any], keys: Sequence[str]) -> sa.Executable:
        """Give an insertion with a conflict clause for the keys."""
        insertion = sqlite.insert(table).values(values)
        others = {name: insertion.excluded[name] for name in values if name not in keys}
        if not others:
            return insertion.on_conflict_do_nothing(index_elements=list(keys))
        return insertion.on_conflict_do_update(index_elements=list(keys), set_=others)

    def stop(self, raw: Raw, engine: sa.Engine) -> None:
        """Interrupt what runs on this connection."""
        raw.interrupt()

    def refusal(self, error: BaseException) -> Refusal:
        """Decide by SQLite's result code; repeat only messages that cannot hold a value."""
        code = str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
        status = next((word for prefix, word in _BY_CODE.items() if code.startswith(prefix)), "failed")
        message = str(error)
        return Refusal(status, message if _SAFE.fullmatch(message) else f"SQLite refused the statement ({code})")


def _exact(value: Decimal) -> int | float:
    if value == value.to_integral_value() and int(value) in _INTEGERS:
        return int(value)
    binary = float(value)
    if Decimal(repr(binary)) != value:
        raise Unfit("a number of up to 15 digits: SQLite keeps no more; a column of text does")
    return binary
