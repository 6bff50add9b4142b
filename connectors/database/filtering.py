"""A query with a filter of Flow around it; nothing of the filter becomes SQL but the names of columns, quoted."""

from __future__ import annotations

from msgspec import Struct

from connectors.database.dialects.base import Dialect
from runtime.sdk.faults import NotSent
from runtime.sdk.query import Parameter, read_filter, sql_filter


class Filtered(Struct, frozen=True):
    """A statement with a filter around it, and the values of the filter's parameters."""

    sql: str
    parameters: dict[str, Parameter]


def filtered(sql: str, text: str, dialect: Dialect) -> Filtered | None:
    """Give the statement with the filter that `text` holds around it; None without a filter.

    Raises:
        NotSent: ``database.filter``: the text is no filter, or this kind of database cannot compare as filters do.
    """
    if not text.strip():
        return None
    if dialect.filters is None:
        message = "this database cannot compare as filters of Flow do: let the runtime apply them (filter: runtime)"
        raise NotSent("database.filter", message)
    try:
        found = sql_filter(read_filter(text), dialect.filters)
    except ValueError as error:
        raise NotSent("database.filter", str(error)) from error
    statement = sql.rstrip().rstrip(";")
    filtered_sql = f"select * from (\n{statement}\n) as flow_rows{found.clause}"  # noqa: S608 - values are parameters
    return Filtered(filtered_sql, found.parameters)
