"""Statements with ``?`` as database profiles of the Boomi platform have them: values in as texts, rows out in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from connectors.database.dialects.base import Dialect
from connectors.database.faults import Stopped
from connectors.database.operations import Marked, Writing
from connectors.database.rows import FETCH, Rows, is_rows
from connectors.database.sql import cut_marks, join
from connectors.database.values import Unfit
from connectors.database.writing import Pause
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent

Texts = tuple[str | None, ...]
Given = tuple[str, Texts]  # the key of a statement, and the values of a row

_INTERNAL = "%Y%m%d %H%M%S.%f"


class Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A statement that writes rows, and the kinds of its values in their order."""

    sql: str
    types: tuple[str, ...] = ()


_STATEMENTS = msgspec.json.Decoder(dict[str, Written])
_ROWS = msgspec.json.Decoder(tuple[Given, ...])
_TEXTS = msgspec.json.Decoder(dict[str, str])


class MarkedReader(Struct, frozen=True):
    """Runs one statement on one connection. `rows` and `size` (in bytes) bound what it may give."""

    dialect: Dialect
    connection: sa.Connection
    pause: Pause
    rows: int
    size: int

    def run(self, fields: Marked) -> tuple[Reply, ...]:
        """Give the rows as one document, an array of arrays.

        Raises:
            NotSent: the values do not fit the statement.
            ApplicationFault: there are more rows than allowed.
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        values, types = _texts(fields.values, "values"), _texts(fields.types, "types")
        bound = [_value(text or None, types.get(name, ""), self.dialect) for name, text in values.items()]
        sql, given = _bound(fields.sql, bound, self.dialect)
        self.pause()
        options = {"stream_results": True, "max_row_buffer": FETCH} if is_rows(sql) and not fields.changes else None
        with self.connection.exec_driver_sql(sql, given, options) as result:
            found = [] if not result.returns_rows else self._taken(result, fields.most_rows)
        return (Reply(b"[" + b",".join(found) + b"]", {"rows": str(len(found))}),)

    def _taken(self, result: sa.CursorResult[tuple[object, ...]], most: int) -> list[bytes]:
        found: list[bytes] = []
        try:
            for row in self._encoded(result):
                found.append(row)
                if len(found) == most:
                    self._abandon(result)
                    break
        except (ApplicationFault, Stopped):
            self._abandon(result)
            raise
        return found

    def _abandon(self, result: sa.CursorResult[tuple[object, ...]]) -> None:
        self.dialect.abandon(result, self.connection.connection.driver_connection, self.connection.engine)

    def _encoded(self, result: sa.CursorResult[tuple[object, ...]]) -> Iterator[bytes]:
        return Rows(self.dialect, self.pause, self.rows, self.size).encoded(result, list)


def groups_of(fields: Writing, call: Call) -> list[tuple[tuple[Written, Texts], ...]]:
    """Give the rows that are written, each with its statement, as they are committed together.

    Raises:
        NotSent: the document or the fields are not what they should be.
    """
    try:
        statements = _STATEMENTS.decode(fields.statements)
        if fields.values.strip():
            texts = _TEXTS.decode(fields.values).values()
            rows: Sequence[Given] = ((next(iter(statements), ""), tuple(text or None for text in texts)),)
        else:
            rows = _ROWS.decode(call.content) if call.content.strip() else ()
        found = [(statements[key], values) for key, values in rows]
    except (msgspec.MsgspecError, KeyError, RecursionError):
        raise NotSent("database.document", "the document holds no rows of these statements") from None
    size = fields.commit_rows or max(1, len(found))
    return [tuple(found[begin : begin + size]) for begin in range(0, len(found), size)]


def write(rows: Sequence[tuple[Written, Texts]], dialect: Dialect, connection: sa.Connection, pause: Pause) -> int:
    """Write rows; neighbours of one statement go together. Gives how many rows have changed.

    Raises:
        NotSent: the values do not fit the statement.
        sqlalchemy.exc.SQLAlchemyError: the database refused.
    """
    changed = 0
    for statement, group in groupby(rows, key=lambda row: row[0]):
        made = [_bound(statement.sql, _adapted(values, statement, dialect), dialect) for _, values in group]
        for sql, values in groupby(made, key=lambda one: one[0]):
            pause()
            bound = [one[1] for one in values]
            result = connection.exec_driver_sql(sql, bound if len(bound) > 1 else bound[0])
            changed += max(0, result.rowcount)
            result.close()
    return changed


def _adapted(values: Texts, statement: Written, dialect: Dialect) -> list[object]:
    kinds = (*statement.types, *("" for _ in values[len(statement.types) :]))
    return [_value(value, kind, dialect) for value, kind in zip(values, kinds, strict=False)]


def _bound(sql: str, values: Sequence[object], dialect: Dialect) -> tuple[str, dict[str, object]]:
    statement = cut_marks(sql, dialect.syntax)
    if len(statement.names) > len(values):
        number = len(values) + 1
        raise NotSent("database.parameter", f"The value is not set for the parameter number {number}.")
    named = dict(zip(statement.names, values, strict=False))
    return join(statement, named, dialect.marker, dialect.text)


def _value(text: str | None, kind: str, dialect: Dialect) -> object:
    if text is None:
        return None
    try:
        return dialect.adapt(_typed(text, kind))
    except Unfit as unfit:
        raise NotSent("database.parameter", f"a value needs {unfit}") from None


def _typed(text: str, kind: str) -> str | int | Decimal | date:
    match kind:
        case "number":
            return _number(text)
        case "datetime" | "date":
            time = _time(text)
            return time.date() if kind == "date" else time
        case _:
            return text


def _number(text: str) -> int | Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise NotSent("database.parameter", "a value of a field of numbers is none") from None
    if not number.is_finite():
        raise NotSent("database.parameter", "a value of a field of numbers is not finite")
    return int(number) if number == number.to_integral_value() else number


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), _INTERNAL)  # noqa: DTZ007 - the platform's times have no zone
    except ValueError:
        raise NotSent("database.parameter", "Unparseable date: a time is written as yyyyMMdd HHmmss.SSS") from None


def _texts(text: str, field: str) -> Mapping[str, str]:
    try:
        return _TEXTS.decode(text) if text.strip() else {}
    except (msgspec.MsgspecError, RecursionError):
        raise NotSent("database.parameter", f"'{field}' is no JSON object of texts") from None
