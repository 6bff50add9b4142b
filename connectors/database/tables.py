"""What a connection knows of tables: their columns and keys, asked of the database and kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import exc
from sqlalchemy.engine.interfaces import ReflectedIndex

from connectors.database.values import Convert, converter
from runtime.sdk.faults import NotSent

KEPT = 256  # tables: beyond what a bundle names; names that are templates must not fill the memory


class Table(Struct, frozen=True):
    """A table: how statements name it, what makes values for each column, and its unique keys."""

    clause: sa.TableClause
    columns: dict[str, Convert]
    keys: tuple[frozenset[str], ...]

    def require(self, names: Iterable[str]) -> None:
        """Check that these are columns.

        Raises:
            NotSent: ``database.unknown-column``.
        """
        unknown = next((name for name in names if name not in self.columns), None)
        if unknown is not None:
            raise NotSent("database.unknown-column", f"the table '{self.clause.name}' has no column '{unknown[:60]}'")

    def require_key(self, names: Iterable[str]) -> None:
        """Check that these columns together are a unique key.

        Raises:
            NotSent: ``database.no-unique-key``.
        """
        if frozenset(names) not in self.keys:
            listed = ", ".join(names)
            message = f"the table '{self.clause.name}' has no unique key of exactly these columns: {listed}"
            raise NotSent("database.no-unique-key", message)


class Tables:
    """The tables that were used last. Safe for threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Table] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, connection: sa.Connection, name: str, schema: str) -> Table:
        """Give a table, asking the database when it is not known.

        Raises:
            NotSent: ``database.unknown-table``.
        """
        with self._lock:
            known = self._known.get((schema, name))
            if known is not None:
                self._known.move_to_end((schema, name))
                return known
        table = _reflected(connection, name, schema or None)
        with self._lock:
            self._known[schema, name] = table
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return table

    def forget(self, name: str, schema: str) -> None:
        """Ask for this table again the next time: what is known of it did not fit."""
        with self._lock:
            self._known.pop((schema, name), None)


def _reflected(connection: sa.Connection, name: str, schema: str | None) -> Table:
    inspector = sa.inspect(connection)
    try:
        columns = inspector.get_columns(name, schema)
        keys = list(_keys(inspector, name, schema))
    except exc.NoSuchTableError:
        raise NotSent("database.unknown-table", f"there is no table '{name[:60]}'") from None
    # The names are quoted always: a column may be called as a word of SQL is.
    quoted: list[sa.ColumnClause[Any]] = [sa.column(sa.quoted_name(column["name"], quote=True)) for column in columns]
    clause = sa.table(
        sa.quoted_name(name, quote=True), *quoted, schema=sa.quoted_name(schema, quote=True) if schema else None
    )
    return Table(clause, {column["name"]: converter(column["type"]) for column in columns}, tuple(keys))


def _keys(inspector: sa.Inspector, name: str, schema: str | None) -> Iterable[frozenset[str]]:
    primary = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    if primary:
        yield frozenset(primary)
    for constraint in inspector.get_unique_constraints(name, schema):
        yield frozenset(constraint["column_names"])
    for index in inspector.get_indexes(name, schema, include_auto_indexes=True):
        columns = [column for column in index["column_names"] if column is not None]
        if index["unique"] and len(columns) == len(index["column_names"]) and not _partial(index):
            yield frozenset(columns)


def _partial(index: ReflectedIndex) -> bool:
    """Whether an index holds a part of the rows only: it makes nothing unique."""
    return any(option.endswith("_where") for option in index.get("dialect_options", {}))
