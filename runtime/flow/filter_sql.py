"""Filters as SQL: a WHERE, an ORDER BY and a LIMIT with parameters, by the rule of `filters`.

Nothing of a request becomes SQL: values are parameters, and columns are those that the description of the type names,
quoted, or the expressions that the author gives for them.

A database holds what it compares in its own way: the columns of SQLite are expected to hold numbers as INTEGER or REAL
(which compare exactly up to 15 digits), truth values as 0 and 1, and datetimes in the form of documents,
``2024-01-31T00:00:00.000Z``; those of PostgreSQL numeric, boolean and timestamptz; those of MariaDB integers or
DECIMAL, 0 and 1, and DATETIME(3) in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from runtime.flow.filter_mariadb import MariaDbWriter
from runtime.flow.filter_writer import Parameter as Parameter  # noqa: PLC0414 - part of this module
from runtime.flow.filter_writer import SqlFilter as SqlFilter  # noqa: PLC0414 - part of this module
from runtime.flow.filter_writer import SqliteWriter, Writer

if TYPE_CHECKING:
    from runtime.flow.filters import Filter

SqlDialect = Literal["sqlite", "postgresql", "mariadb"]

_WRITERS: Mapping[SqlDialect, type[Writer]] = MappingProxyType(
    {"sqlite": SqliteWriter, "postgresql": Writer, "mariadb": MariaDbWriter}
)


def sql_filter(
    wanted: Filter, dialect: SqlDialect, columns: Mapping[str, str] | None = None, *, prefix: str = "flow_"
) -> SqlFilter:
    """Give a filter as SQL for a database of this kind.

    Args:
        wanted: the filter of a query.
        dialect: which database it is for.
        columns: the SQL expression of each property, written by the author of the process; without it a property is
            the column of the same name.
        prefix: what the names of the parameters begin with.

    Raises:
        KeyError: the filter names a property that `columns` does not have.
    """
    return _WRITERS[dialect](columns, prefix).write(wanted)
