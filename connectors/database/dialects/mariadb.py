"""MariaDB, by pymysql, which writes the values into the statement: `sql` sees to it that they stay values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import mysql

from connectors.database.dialects.base import Dialect, Raw, Refusal
from connectors.database.sql import MARIADB
from runtime.sdk.query import SqlDialect
from runtime.sdk.units import parse_duration

STOP_WAIT = 15.0  # seconds after its time-out until a call gives up a server that does not even stop it
ABANDONED = 100  # rows: what is on its way when a statement is killed is read in small pieces

_BY_NUMBER = {  # MariaDB's error numbers
    1062: "duplicate",
    1586: "duplicate",
    1216: "reference",
    1217: "reference",
    1451: "reference",
    1452: "reference",
    1048: "null",
    1364: "null",
    4025: "check",
    3819: "check",
    1205: "conflict",
    1213: "conflict",
    1020: "conflict",
    1317: "timeout",
    1969: "timeout",
    1792: "read-only",
    1290: "read-only",
    1044: "denied",
    1142: "denied",
    1143: "denied",
    1021: "full",
    1114: "full",
    1264: "value",
    1265: "value",
    1292: "value",
    1366: "value",
    1406: "value",
    1690: "value",
    1064: "statement",
    1054: "statement",
    1146: "statement",
    1136: "statement",
    1305: "statement",
    1052: "statement",
}
# Messages that name parts of the schema, never a value; 1062 and 1064 repeat what they refuse.
_SAFE = {1048, 1364, 1451, 1452, 4025, 1205, 1213, 1317, 1792, 1264, 1406, 1054, 1146, 1136, 1305, 1052, 1142, 1143}
_PLACE = re.compile(r"for (key '[^']*'|column [`\w.]+)( at row \d+)?$")  # how other messages end, after the value


class MariaDb(Dialect):
    """A database of a MariaDB server."""

    syntax = MARIADB
    driver: ClassVar[str] = "mariadb+pymysql"
    filters: ClassVar[SqlDialect | None] = "mariadb"
    certain_until_commit: ClassVar[bool] = False  # some of its storage engines know no transactions
    upsert_names_key: ClassVar[bool] = False

    def arguments(self) -> dict[str, Any]:
        """Give pymysql's time-outs, and UTC for columns that convert times."""
        patience = parse_duration(self.settings.timeout) + STOP_WAIT
        return {
            "connect_timeout": max(1, round(parse_duration(self.settings.connect_timeout))),
            "read_timeout": patience,
            "write_timeout": patience,
            "init_command": "SET time_zone = '+00:00'",
            "charset": "utf8mb4",
            "password": self.settings.password.encode(),  # the driver itself would encode it in Latin-1
        }

    def begin(self, connection: sa.Connection, *, read_only: bool) -> None:
        """Begin a transaction that is read-only or not."""
        connection.exec_driver_sql("START TRANSACTION READ ONLY" if read_only else "START TRANSACTION READ WRITE")

    def adapt(self, value: object) -> object:
        """Give identifiers as texts; the driver takes everything else."""
        return str(value) if isinstance(value, UUID) else value

    def duration(self, value: timedelta) -> object:
        """Give a TIME as MariaDB writes it: the driver makes durations of nothing else."""
        sign, rest = ("-", -value) if value < timedelta() else ("", value)
        hours, seconds = divmod(rest.days * 86_400 + rest.seconds, 3_600)
        fraction = f".{rest.microseconds:06d}" if rest.microseconds else ""
        return f"{sign}{hours:02d}:{seconds // 60:02d}:{seconds % 60:02d}{fraction}"

    def upsert(self, table: sa.TableClause, values: dict[str, Any], keys: Sequence[str]) -> sa.Executable:
        """Give an insertion that changes the row it meets; the caller sees to it that the keys alone decide."""
        insertion = mysql.insert(table).values(values)
        others = [name for name in values if name not in keys] or [keys[0]]
        return insertion.on_duplicate_key_update({name: insertion.inserted[name] for name in others})

    def stop(self, raw: Raw, engine: sa.Engine) -> None:
        """Kill the statement over a second connection, as the protocol demands."""
        place, names = engine.dialect.create_connect_args(self.url())
        with (
            closing(engine.dialect.connect(*place, **{**names, **self.arguments()})) as second,
            closing(second.cursor()) as cursor,
        ):
            cursor.execute("KILL QUERY %s", (raw.thread_id(),))

    def abandon(self, result: sa.CursorResult[Any], raw: Raw, engine: sa.Engine) -> None:
        """Kill the statement and read on to the error: the driver reads a result that is closed to its end."""
        with suppress(OSError, engine.dialect.loaded_dbapi.Error):
            self.stop(raw, engine)
        with suppress(exc.DBAPIError):
            for _ in result.partitions(ABANDONED):
                pass

    def refusal(self, error: BaseException) -> Refusal:
        """Decide by the error number; repeat only messages that cannot hold a value."""
        number, text = (*error.args, "", "")[:2]
        status = _BY_NUMBER.get(number, "failed") if isinstance(number, int) else "failed"
        if number in _SAFE:
            return Refusal(status, f"{text} ({number})")
        place = _PLACE.search(str(text))
        where = f" for {place[1]}" if place is not None and status in {"duplicate", "value"} else ""
        return Refusal(status, f"MariaDB refused the statement{where} ({number})")
