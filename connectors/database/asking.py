"""Readings and changes as Database V2 of the Boomi platform makes them: JSON in and out (component XML, section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from connectors.database.dialects.base import Dialect
from connectors.database.documents import Row, encode, from_text, to_text
from connectors.database.faults import Stopped
from connectors.database.operations import Asking, Changing, Inserting, Matching
from connectors.database.reading import Reader
from connectors.database.rows import FETCH, is_rows
from connectors.database.sql import Statement, cut_dollars, cut_marks
from connectors.database.tables import Table, Tables
from connectors.database.values import Unfit
from connectors.database.writing import Pause, Writer
from runtime.sdk.connector import Reply
from runtime.sdk.faults import ApplicationFault, NotSent

_DONE = "Executed Successfully"
_OPERATORS = {"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"}


class _Matches(Exception):
    """Raised when a document has members, and they are not what the statement asks for."""


class Term(Struct, frozen=True):
    """One column of a ``SET`` or ``WHERE``."""

    column: str
    value: Any = None
    operator: str = "="


class Terms(Struct, frozen=True):
    """What is changed, and where."""

    sets: tuple[Term, ...] = msgspec.field(default=(), name="SET")
    where: tuple[Term, ...] = msgspec.field(default=(), name="WHERE")


class Asker(Struct, frozen=True):
    """Makes the statements of one document on one connection. `schema` is the connection's own."""

    dialect: Dialect
    tables: Tables
    connection: sa.Connection
    pause: Pause
    reader: Reader
    schema: str

    def ask(self, fields: Asking, content: bytes) -> tuple[Reply, ...]:
        """Give the rows; one empty document where the members of the document are not what the statement asks for.

        Raises:
            NotSent: the document or the fields make no statement.
            ApplicationFault: there are more rows than allowed.
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        given = _members(content)
        self.pause()
        try:
            if fields.kind == "dynamic":
                result = self.connection.execute(self._selection(fields, given))
            else:
                sql, bound = self._standard(_whole(fields), given)
                options = {"stream_results": True, "max_row_buffer": FETCH} if is_rows(sql) else None
                result = self.connection.exec_driver_sql(sql, bound, options)
        except _Matches:
            return (Reply(b"", {"rows": "0"}),)
        with result:
            return tuple(_documents(self._taken(result, fields.most_rows), fields.batch_count))

    def _taken(self, result: sa.CursorResult[Any], most: int) -> Iterator[bytes]:
        try:
            for number, row in enumerate(self.reader.encoded(result), 1):
                yield row
                if number == most:
                    self._abandon(result)
                    return
        except (ApplicationFault, Stopped):
            self._abandon(result)
            raise

    def _abandon(self, result: sa.CursorResult[Any]) -> None:
        self.dialect.abandon(result, self.connection.connection.driver_connection, self.connection.engine)

    def _selection(self, fields: Asking, given: Row) -> sa.Select[Any]:
        table = self._table(fields.table, fields.schema)
        table.require(given)
        asked: list[sa.ColumnElement[bool]] = []
        for name, value in given.items():
            column = table.clause.c[name]
            if isinstance(value, list):
                asked.append(column.in_([self._value(table, name, item) for item in value]))
            else:
                asked.append(column == self._value(table, name, value))
        return sa.select(*table.clause.c).where(*asked)

    def change(self, fields: Changing, content: bytes) -> tuple[Reply, ...]:
        """Make the change, and tell of it.

        Raises:
            NotSent: the document or the fields make no statement.
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        self.pause()
        if fields.kind == "standard":
            told, changed = self._changed(fields.sql, content)
        elif fields.action in {"insert", "upsert"}:
            told, changed = self._added(fields, content)
        else:
            told, changed = self._altered(fields, content)
        answer = {"Query": told, "Rows Effected": changed, "Status": _DONE}
        return (Reply(encode(answer), {"rows": str(changed)}),)

    def _changed(self, sql: str, content: bytes) -> tuple[str, int]:
        changed = 0
        for row in _entries(content):
            try:
                text, bound = self._standard(sql, row)
            except _Matches:
                raise NotSent(
                    "database.document", "the document has not the members that the statement asks for"
                ) from None
            self.pause()
            result = self.connection.exec_driver_sql(text, bound)
            changed += max(0, result.rowcount)
            result.close()
        return sql, changed

    def _added(self, fields: Changing, content: bytes) -> tuple[str, int]:
        rows = _entries(content)
        writer = Writer(self.dialect, self.tables, self.connection, self.pause)
        schema = fields.schema or self.schema
        names = ", ".join(rows[0]) if rows else ""
        told = f"{fields.action.upper()} INTO {fields.table} ({names})"
        table = self._table(fields.table, fields.schema)
        given = frozenset(rows[0]) if rows else frozenset[str]()
        key = next((key for key in table.keys if key <= given), None) if fields.action == "upsert" else None
        written = encode(rows)
        if key is None:
            return told, writer.insert(Inserting(table=fields.table, schema=schema), written, "")
        keys = ",".join(sorted(key))
        return told, writer.upsert(Matching(table=fields.table, schema=schema, key_columns=keys), written)

    def _altered(self, fields: Changing, content: bytes) -> tuple[str, int]:
        terms = _terms(content)
        table = self._table(fields.table, fields.schema)
        table.require([term.column for term in (*terms.sets, *terms.where)])
        if not terms.where:
            raise NotSent("database.document", "the document has no 'WHERE': all rows would be meant")
        where = [self._condition(table, term) for term in terms.where]
        if fields.action == "delete":
            statement: sa.Delete | sa.Update = sa.delete(table.clause).where(*where)
        else:
            if not terms.sets:
                raise NotSent("database.document", "the document has no 'SET'")
            values = {term.column: self._value(table, term.column, term.value) for term in terms.sets}
            statement = sa.update(table.clause).where(*where).values(values)
        result = self.connection.execute(statement)
        return str(statement.compile(dialect=self.connection.dialect)), max(0, result.rowcount)

    def _condition(self, table: Table, term: Term) -> sa.ColumnElement[bool]:
        operator = term.operator.strip().upper() or "="
        if operator not in _OPERATORS:
            raise NotSent("database.document", f"there is no operator '{term.operator[:20]}' in a 'WHERE'")
        column = table.clause.c[term.column]
        if term.value is None:
            return column.is_(None) if operator == "=" else column.is_not(None)
        return column.op(operator, is_comparison=True)(self._value(table, term.column, term.value))

    def _standard(self, sql: str, given: Row) -> tuple[str, dict[str, object]]:
        """Give a statement as the driver takes it: its ``$names``, or its ``?``, with the members of the document."""
        named = cut_dollars(sql, self.dialect.syntax)
        if named.names:
            statement = named
            missing = [name for name in named.names if name not in given]
            values = given
        else:
            statement = cut_marks(sql, self.dialect.syntax)
            values = dict(zip(statement.names, given.values(), strict=False))
            missing = [name for name in statement.names if name not in values]
            if given and len(given) != len(statement.names):
                raise _Matches
        if missing and given:
            raise _Matches
        if missing:
            number = 1 + list(statement.names).index(missing[0])
            raise NotSent("database.parameter", f"The value is not set for the parameter number {number}.")
        return self._joined(statement, values)

    def _joined(self, statement: Statement, values: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        text = self.dialect.text
        parts, bound = [text(statement.texts[0])], {}
        for number, (name, following) in enumerate(zip(statement.names, statement.texts[1:], strict=True)):
            value = values[name]
            items = value if isinstance(value, list) else [value]
            markers = {f"p{number}_{place}": self._adapted(item) for place, item in enumerate(items)}
            parts += [", ".join(map(self.dialect.marker, markers)), text(following)]
            bound.update(markers)
        return "".join(parts), bound

    def _adapted(self, value: object) -> object:
        try:
            return self.dialect.adapt(to_text(value) if isinstance(value, dict | list) else value)
        except Unfit as unfit:
            raise NotSent("database.parameter", f"a value needs {unfit}") from None

    def _value(self, table: Table, name: str, value: object) -> object:
        if value is None:
            return None
        try:
            return self.dialect.adapt(table.columns[name](value))
        except Unfit as unfit:
            raise NotSent("database.value", f"the column '{name}' takes {unfit}") from None

    def _table(self, name: str, schema: str) -> Table:
        return self.tables.get(self.connection, name, schema or self.schema)


def _whole(fields: Asking) -> str:
    """Give the statement; one that is only a condition is for all columns of the table."""
    written = fields.sql.strip()
    if written[:6].upper() == "WHERE ":
        return f"SELECT * FROM {fields.table} {written}"  # noqa: S608 - the bundle's own words
    return written


def _documents(rows: Iterator[bytes], count: int) -> Iterator[Reply]:
    if count == 0:
        for row in rows:
            yield Reply(row, {"rows": "1"})
        return
    batch: list[bytes] = []
    for row in rows:
        batch.append(row)
        if len(batch) == count:
            yield _array(batch)
            batch = []
    if batch:
        yield _array(batch)


def _array(rows: Sequence[bytes]) -> Reply:
    return Reply(b"[" + b",".join(rows) + b"]", {"rows": str(len(rows))})


def _members(content: bytes) -> Row:
    value = _read(content) if content.strip() else {}
    if not isinstance(value, dict):
        raise NotSent("database.document", "the document is no JSON object")
    return value


def _entries(content: bytes) -> list[Row]:
    """Give the rows of a document: itself, or its ``requestBody.entries``."""
    value = _members(content)
    body = value.get("requestBody")
    entries = body.get("entries") if isinstance(body, dict) else None
    rows = entries if isinstance(entries, list) else [value]
    if not all(isinstance(row, dict) for row in rows):
        raise NotSent("database.document", "the entries of the document are no JSON objects")
    return rows


def _terms(content: bytes) -> Terms:
    try:
        return msgspec.convert(_members(content), Terms)
    except msgspec.ValidationError as error:
        raise NotSent(
            "database.document", f"'SET' and 'WHERE' list objects with 'column' and 'value': {error}"
        ) from None


def _read(content: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return from_text(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise NotSent("database.document", "the document is no JSON") from None
