"""Filters of Flow for scripts and connectors: what a query asks for, applied to records or turned into SQL.

def process(documents, context):
wanted = query_filter(context.process)
sql = sql_filter(wanted, "sqlite", {"Surname": "surname", "City": "city", "Id": "id"})
rows = database.execute(f"select ... from contacts{sql.clause}", sql.parameters)

The rule of comparison stands in `runtime.flow.filters`, and is the same wherever a filter is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from runtime.errors import RequestError
from runtime.flow.filter_rows import Values, matching
from runtime.flow.filter_sql import Parameter as Parameter  # noqa: PLC0414 - part of this module
from runtime.flow.filter_sql import SqlDialect as SqlDialect  # noqa: PLC0414 - part of this module
from runtime.flow.filter_sql import SqlFilter as SqlFilter  # noqa: PLC0414 - part of this module
from runtime.flow.filter_sql import sql_filter as sql_filter  # noqa: PLC0414 - part of this module
from runtime.flow.filters import FILTER_PROPERTY, Filter, decode_filter

Row = TypeVar("Row")


def query_filter(process: Mapping[str, str]) -> Filter:
    """Give the filter of the query that a process answers, from its dynamic process properties.

    Raises:
        ValueError: it answers no query of Flow, or the property was changed.
    """
    return read_filter(process.get(FILTER_PROPERTY, ""))


def read_filter(text: str) -> Filter:
    """Give the filter that the property ``param_filter`` holds.

    Raises:
        ValueError: the text is no filter.
    """
    try:
        return decode_filter(text)
    except RequestError as error:
        raise ValueError(error.message) from error


def filter_rows(rows: Sequence[Row], wanted: Filter, values: Callable[[Row], Values]) -> list[Row]:
    """Give the records that a filter asks for, in its order, and one more than its limit where there are more.

    `values` gives the texts of a record by property, in the form of documents: ``2024-01-31T00:00:00.000Z``, ``true``.
    """
    found = matching(rows, wanted, values)[wanted.offset :]
    return found[: wanted.limit + 1] if wanted.limit else found
