"""Insert, update, upsert and delete: the members of a document as columns, every value bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from connectors.database.dialects.base import Dialect
from connectors.database.documents import Row, read_rows
from connectors.database.operations import Inserting, Matching
from connectors.database.tables import Table, Tables
from connectors.database.values import Unfit
from runtime.sdk.faults import NotSent

Pause = Callable[[], None]  # called between statements: raises when the call was stopped


class Writer(Struct, frozen=True):
    """Makes the statements of one document on one connection. `pause` is called between them."""

    dialect: Dialect
    tables: Tables
    connection: sa.Connection
    pause: Pause

    def insert(self, fields: Inserting, content: bytes, key: str) -> int:
        """Add the rows; gives how many. With a key column each row keeps its idempotency key there.

        Raises:
            NotSent: the document, or a field, does not fit the table.
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        rows = read_rows(content)
        table = self._table(fields, rows)
        if fields.key_column:
            table.require([fields.key_column])
            table.require_key([fields.key_column])
            rows = [{**row, fields.key_column: keyed(key, number)} for number, row in enumerate(rows)]
        for names, group in self._groups(table, rows):
            values = _bound(_markers(table, names))
            self._execute(sa.insert(table.clause).values(values), names, group)
        return len(rows)

    def update(self, fields: Matching, content: bytes) -> int:
        """Change the rows that agree in the key columns; gives how many agree."""
        rows = read_rows(content)
        table, keys = self._matching(fields, rows)
        changed = 0
        for names, group in self._groups(table, rows):
            markers = _markers(table, names)
            values = {name: bound for name, bound in _bound(markers).items() if name not in keys}
            if not values:
                raise NotSent("database.document", "the document has no member to change, only key columns")
            changed += self._execute(
                sa.update(table.clause).where(*_agree(table, keys, markers)).values(values), names, group
            )
        return changed

    def upsert(self, fields: Matching, content: bytes) -> int:
        """Add the rows, or change those that are there; gives how many were in the document."""
        rows = read_rows(content)
        table, keys = self._matching(fields, rows)
        table.require_key(keys)
        for names, group in self._groups(table, rows):
            self._decidable(table, keys, names)
            values = _bound(_markers(table, names))
            self._execute(self.dialect.upsert(table.clause, values, keys), names, group)
        return len(rows)

    def delete(self, fields: Matching, content: bytes) -> int:
        """Remove the rows that agree in the key columns; gives how many there were."""
        rows = read_rows(content)
        table, keys = self._matching(fields, rows)
        rows = [{name: row[name] for name in keys} for row in rows]
        removed = 0
        for names, group in self._groups(table, rows):
            removed += self._execute(
                sa.delete(table.clause).where(*_agree(table, keys, _markers(table, names))), names, group
            )
        return removed

    def inserted(self, fields: Inserting, key: str) -> bool:
        """Whether a row with this idempotency key is there: the insertion was made before."""
        table = self.tables.get(self.connection, fields.table, fields.schema)
        found = sa.select(sa.func.count()).where(table.clause.c[fields.key_column] == keyed(key, 0))
        return bool(self.connection.execute(found).scalar_one())

    def _table(self, fields: Inserting | Matching, rows: Sequence[Row]) -> Table:
        """Give the table; when a member is no column of what is known of it, it is asked for again."""
        table = self.tables.get(self.connection, fields.table, fields.schema)
        if any(name not in table.columns for row in rows for name in row):
            self.tables.forget(fields.table, fields.schema)
            table = self.tables.get(self.connection, fields.table, fields.schema)
        for row in rows:
            table.require(row)
            if not row:
                raise NotSent("database.document", "the document has no members: nothing says what to write")
        return table

    def _matching(self, fields: Matching, rows: Sequence[Row]) -> tuple[Table, list[str]]:
        table = self._table(fields, rows)
        keys = [name.strip() for name in fields.key_columns.split(",")]
        table.require(keys)
        missing = next((name for row in rows for name in keys if row.get(name) is None), None)
        if missing is not None:
            raise NotSent("database.document", f"the key column '{missing}' is missing in the document, or null")
        return table, keys

    def _decidable(self, table: Table, keys: Sequence[str], names: Sequence[str]) -> None:
        """Refuse a row that could meet another one by a second unique key: MariaDB would change that one instead."""
        if self.dialect.upsert_names_key:
            return
        rival = next((key for key in table.keys if key != frozenset(keys) and key <= frozenset(names)), None)
        if rival is not None:
            message = f"the document also fills the unique key ({', '.join(sorted(rival))}): use update, then insert"
            raise NotSent("database.ambiguous-key", message)

    def _groups(self, table: Table, rows: Sequence[Row]) -> Iterator[tuple[list[str], list[dict[str, object]]]]:
        """Give neighbouring rows with the same members together, as one statement serves them."""
        for names, group in groupby(rows, key=sorted):
            markers = _markers(table, names)
            yield names, [{markers[name]: self._value(table, name, row[name]) for name in names} for row in group]

    def _value(self, table: Table, name: str, value: object) -> object:
        if value is None:
            return None
        try:
            return self.dialect.adapt(table.columns[name](value))
        except Unfit as unfit:
            raise NotSent("database.value", f"the column '{name}' takes {unfit}") from None

    def _execute(self, statement: sa.Executable, names: Sequence[str], values: list[dict[str, object]]) -> int:
        self.pause()
        return max(0, self.connection.execute(statement, values if len(values) > 1 else values[0]).rowcount)


def keyed(key: str, number: int) -> str:
    """Give the idempotency key of one row of a document: of the first, the call's own."""
    return f"{key}:{number}" if number else key


def _markers(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Name the markers by number: a column's name may hold what no marker can. No marker is called as a column."""
    prefix = "v"
    while any(column.startswith(prefix) for column in table.columns):
        prefix += "_"
    return {name: f"{prefix}{number}" for number, name in enumerate(names)}


def _bound(markers: dict[str, str]) -> dict[str, Any]:
    return {name: sa.bindparam(marker) for name, marker in markers.items()}


def _agree(table: Table, keys: Sequence[str], markers: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    return [table.clause.c[name] == sa.bindparam(markers[name]) for name in keys]
