"""Filters as SQL: a WHERE, an ORDER BY and a LIMIT with parameters, by the rule of `filters`.

Nothing of a request becomes SQL: values are parameters, and columns are those that the description of the type names,
quoted, or the expressions that the author gives for them.

A database holds what it compares in its own way: the columns of SQLite are expected to hold numbers as INTEGER or REAL
(which compare exactly up to 15 digits), truth values as 0 and 1, and datetimes in the form of documents,
``2024-01-31T00:00:00.000Z``; those of PostgreSQL numeric, boolean and timestamptz.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from runtime.flow.filters import fold

if TYPE_CHECKING:
    from runtime.flow.filters import Column, Condition, Criterion, Filter, Group

SqlDialect = Literal["sqlite", "postgresql"]
Parameter = str | int | float | bool | Decimal | datetime

_OPERATORS: dict[Criterion, str] = {
    "EQUAL": "=",
    "NOT_EQUAL": "<>",
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
}
_ALWAYS, _NEVER = "1 = 1", "1 = 0"
_WHOLE = 2**63  # whole numbers of a database end before it


class SqlFilter(Struct, frozen=True):
    """The parts of a statement. `parameters` has a value for each ``:name`` in them.

    `limit` lets one record more through than was asked for: it tells that there are more, and is cut off afterwards.
    """

    where: str
    order: str
    limit: str
    parameters: dict[str, Parameter]

    @property
    def clause(self) -> str:
        """Give everything that follows ``FROM``: `` WHERE … ORDER BY … LIMIT …``."""
        return f" where {self.where} order by {self.order}{f' {self.limit}' if self.limit else ''}"


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
    return _Writer(dialect, columns, prefix).write(wanted)


class _Writer:
    def __init__(self, dialect: SqlDialect, columns: Mapping[str, str] | None, prefix: str) -> None:
        self._sqlite = dialect == "sqlite"
        self._columns = columns
        self._prefix = prefix
        self._parameters: dict[str, Parameter] = {}

    def write(self, wanted: Filter) -> SqlFilter:
        where = self._group(wanted.where)
        if wanted.search:
            where = f"{where} and {self._search(wanted)}"
        key = self._column(wanted.key)
        order = [self._order(each.column, descending=each.descending) for each in wanted.order]
        order.append(key if self._sqlite or wanted.key.kind != "character" else f'{key} collate "C"')
        return SqlFilter(where, ", ".join(order), self._limit(wanted), self._parameters)

    def _parameter(self, value: Parameter) -> str:
        name = f"{self._prefix}{len(self._parameters)}"
        self._parameters[name] = value
        return f":{name}"

    def _column(self, column: Column) -> str:
        if self._columns is not None:
            return self._columns[column.name]
        # SQLite takes a "name" that no column has for a text; a `name` is always a column.
        quote = "`" if self._sqlite else '"'
        return f"{quote}{column.name.replace(quote, quote * 2)}{quote}"

    def _text(self, column: Column) -> str:
        if self._sqlite:
            return f"lower(coalesce({self._column(column)}, ''))"  # the letters A to Z alone
        return f"lower(coalesce(cast({self._column(column)} as text), '') collate \"C\")"

    def _instant(self, column: Column) -> str:
        return f"nullif({self._column(column)}, '')" if self._sqlite else self._column(column)

    def _group(self, group: Group) -> str:
        parts = [*map(self._condition, group.conditions), *map(self._group, group.groups)]
        if not parts:
            return _ALWAYS
        return f"({(' or ' if group.any else ' and ').join(parts)})"

    def _condition(self, condition: Condition) -> str:
        column, value = condition.column, condition.value
        if condition.criterion == "IS_EMPTY":
            return self._empty(column, empty=value != "false")
        if column.kind == "character":
            return self._compare_text(column, condition.criterion, fold(value or ""))
        if not value:
            return _NEVER
        if column.kind == "datetime":
            moment: Parameter = value if self._sqlite else datetime.fromisoformat(value).astimezone(UTC)
            return f"{self._instant(column)} {_OPERATORS[condition.criterion]} {self._parameter(moment)}"
        if column.kind == "boolean":
            flag: Parameter = int(value == "true") if self._sqlite else value == "true"
            return f"{self._column(column)} {_OPERATORS[condition.criterion]} {self._parameter(flag)}"
        return self._compare_number(column, condition.criterion, Decimal(value))

    def _empty(self, column: Column, *, empty: bool) -> str:
        if column.kind == "character":
            return f"{self._text(column)} {'=' if empty else '<>'} ''"
        value = self._instant(column) if column.kind == "datetime" else self._column(column)
        return f"{value} is {'' if empty else 'not '}null"

    def _compare_text(self, column: Column, criterion: Criterion, value: str) -> str:
        text = self._text(column)
        if criterion in _OPERATORS:
            return f"{text} {_OPERATORS[criterion]} {self._parameter(value)}"
        if not value:
            return _ALWAYS
        if criterion == "CONTAINS":
            return self._contains(text, value)
        length = self._parameter(len(value))
        if criterion == "STARTS_WITH":
            return f"substr({text}, 1, {length}) = {self._parameter(value)}"
        end = f"substr({text}, -{length})" if self._sqlite else f"right({text}, {length})"
        return f"{end} = {self._parameter(value)}"

    def _contains(self, text: str, value: str) -> str:
        parameter = self._parameter(value)
        return f"instr({text}, {parameter}) > 0" if self._sqlite else f"position({parameter} in {text}) > 0"

    def _compare_number(self, column: Column, criterion: Criterion, value: Decimal) -> str:
        name = self._column(column)
        if not self._sqlite:
            return f"{name} {_OPERATORS[criterion]} {self._parameter(value)}"
        if value == value.to_integral_value() and abs(value) < _WHOLE:
            return f"{name} {_OPERATORS[criterion]} {self._parameter(int(value))}"
        nearest = float(value)
        held = Decimal(repr(nearest))  # what a number that is held as `nearest` is read as
        if held == value:
            return f"{name} {_OPERATORS[criterion]} {self._parameter(nearest)}"
        if criterion == "EQUAL":
            return _NEVER
        if criterion == "NOT_EQUAL":
            return f"{name} is not null"
        is_less = criterion in {"LESS_THAN", "LESS_THAN_OR_EQUAL"}
        operator = ("<=" if held < value else "<") if is_less else (">" if held < value else ">=")
        return f"{name} {operator} {self._parameter(nearest)}"

    def _search(self, wanted: Filter) -> str:
        text = fold(wanted.search)
        parts = [self._contains(self._text(column), text) for column in wanted.searched]
        return f"({' or '.join(parts)})" if parts else _NEVER

    def _order(self, column: Column, *, descending: bool) -> str:
        if column.kind == "character":
            return f"{self._text(column)}{' desc' if descending else ''}"
        value = self._instant(column) if column.kind == "datetime" else self._column(column)
        return f"{value} desc nulls last" if descending else f"{value} nulls first"

    def _limit(self, wanted: Filter) -> str:
        if not wanted.limit and not wanted.offset:
            return ""
        parts: list[str] = []
        if wanted.limit:
            parts.append(f"limit {self._parameter(wanted.limit + 1)}")
        elif self._sqlite:
            parts.append("limit -1")  # which knows no offset without a limit
        if wanted.offset:
            parts.append(f"offset {self._parameter(wanted.offset)}")
        return " ".join(parts)
