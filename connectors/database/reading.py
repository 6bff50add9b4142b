"""Queries and free statements: parameters in, rows out as JSON documents, within limits."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from msgspec import Struct

from connectors.database.dialects.base import Dialect
from connectors.database.documents import Row, read_parameters
from connectors.database.faults import Stopped, refused
from connectors.database.filtering import filtered
from connectors.database.operations import Querying, Running
from connectors.database.rows import FETCH, Rows, is_rows
from connectors.database.sql import cut, join
from connectors.database.values import Unfit
from connectors.database.writing import Pause
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent


class Reader(Struct, frozen=True):
    """Runs one statement on one connection. `rows` and `size` (in bytes) bound what it may give."""

    dialect: Dialect
    connection: sa.Connection
    pause: Pause
    rows: int
    size: int

    def run(self, call: Call, *, streamed: bool) -> tuple[Reply, ...] | int:
        """Run the statement; gives its rows as replies, or how many rows it changed when it gives none.

        Args:
            call: its fields are `Running`.
            streamed: take the rows from the server bit by bit, where it allows that.

        Raises:
            NotSent: the parameters do not fit.
            ApplicationFault: there are more rows than allowed, or two columns of one name.
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        fields: Running = call.fields
        asked = filtered(fields.sql, fields.filter, self.dialect) if isinstance(fields, Querying) else None
        statement = cut(fields.sql if asked is None else asked.sql, self.dialect.syntax)
        given: Row = {} if asked is None else dict(asked.parameters)
        others = [name for name in statement.names if name not in given]
        given |= read_parameters(others, call.content, fields.parameters, call.key)
        values = {name: self._adapted(name, value) for name, value in given.items()}
        sql, bound = join(statement, values, self.dialect.marker, self.dialect.text)
        self.pause()
        options = {"stream_results": True, "max_row_buffer": FETCH} if streamed and is_rows(sql) else None
        with self.connection.exec_driver_sql(sql, bound, options) as result:
            if not result.returns_rows:
                return max(0, result.rowcount)
            try:
                return tuple(self._documents(result, fields.batch_count))
            except (ApplicationFault, Stopped):
                self.dialect.abandon(result, self.connection.connection.driver_connection, self.connection.engine)
                raise

    def _adapted(self, name: str, value: object) -> object:
        try:
            if isinstance(value, list):
                return [self.dialect.adapt(item) for item in value]
            return self.dialect.adapt(value)
        except Unfit as unfit:
            raise NotSent("database.parameter", f"the parameter '{name}' needs {unfit}") from None

    def _documents(self, result: sa.CursorResult[tuple[object, ...]], count: int) -> Iterator[Reply]:
        if count == 1:
            for row in self.encoded(result):
                yield Reply(row, {"rows": "1"})
            return
        batch: list[bytes] = []
        for row in self.encoded(result):
            batch.append(row)
            if len(batch) == count:
                yield _array(batch)
                batch = []
        if batch or count == 0:
            yield _array(batch)

    def encoded(self, result: sa.CursorResult[tuple[object, ...]]) -> Iterator[bytes]:
        """Give each row as a JSON object.

        Raises:
            ApplicationFault: there are more rows than allowed, or two columns of one name.
        """
        names = list(result.keys())
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            message = f"two columns are called '{twice}': give one another name (AS)"
            raise refused(message, status="statement")
        rows = Rows(self.dialect, self.pause, self.rows, self.size)
        return rows.encoded(result, lambda values: dict(zip(names, values, strict=True)))


def _array(rows: list[bytes]) -> Reply:
    return Reply(b"[" + b",".join(rows) + b"]", {"rows": str(len(rows))})
