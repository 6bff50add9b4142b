"""Filters as SQL: the writer that all kinds of databases share, and what SQLite and PostgreSQL have of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.flow.filters import fold

if TYPE_CHECKING:
    from runtime.flow.filters import Column, Condition, Criterion, Filter, Group

Parameter = str | int | float | bool | Decimal | datetime

OPERATORS: dict[Criterion, str] = {
    "EQUAL": "=",
    "NOT_EQUAL": "<>",
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
}
ALWAYS, NEVER = "1 = 1", "1 = 0"
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


class Writer:
    """Writes filters for PostgreSQL; other kinds say what they have of their own. `quote` stands around a column."""

    quote = '"'

    def __init__(self, columns: Mapping[str, str] | None, prefix: str) -> None:
        self._columns = columns
        self._prefix = prefix
        self._parameters: dict[str, Parameter] = {}

    def write(self, wanted: Filter) -> SqlFilter:
        """Give a filter as SQL."""
        where = self._group(wanted.where)
        if wanted.search:
            where = f"{where} and {self._search(wanted)}"
        order = [self._order(each.column, descending=each.descending) for each in wanted.order]
        order.append(self._last(wanted.key))
        return SqlFilter(where, ", ".join(order), self._limit(wanted), self._parameters)

    def _parameter(self, value: Parameter) -> str:
        name = f"{self._prefix}{len(self._parameters)}"
        self._parameters[name] = value
        return f":{name}"

    def _column(self, column: Column) -> str:
        if self._columns is not None:
            return self._columns[column.name]
        return f"{self.quote}{column.name.replace(self.quote, self.quote * 2)}{self.quote}"

    def _last(self, key: Column) -> str:
        """Give what orders records that nothing else tells apart."""
        return f'{self._column(key)} collate "C"' if key.kind == "character" else self._column(key)

    def _folded(self, column: Column) -> str:
        """Give a text without upper case letters from A to Z, nothing as an empty one; compared by code points."""
        return f"lower(coalesce(cast({self._column(column)} as text), '') collate \"C\")"

    def _text(self, value: str) -> str:
        """Give a text to compare with."""
        return self._parameter(value)

    def _length(self, value: str) -> int:
        """Give how long a text is, as `substr` counts."""
        return len(value)

    def _instant(self, column: Column) -> str:
        return self._column(column)

    def _moment(self, value: str) -> Parameter:
        return datetime.fromisoformat(value).astimezone(UTC)

    def _flag(self, *, value: bool) -> Parameter:
        return value

    def _ends(self, text: str, length: str) -> str:
        return f"right({text}, {length})"

    def _contains(self, text: str, value: str) -> str:
        return f"position({self._text(value)} in {text}) > 0"

    def _compare_number(self, column: Column, criterion: Criterion, value: Decimal) -> str:
        return f"{self._column(column)} {OPERATORS[criterion]} {self._parameter(value)}"

    def _unlike(self, column: Column, criterion: Criterion, value: Decimal, held: Decimal, parameter: str) -> str:
        """Compare with a number that no column can hold; `held`, which `parameter` says, is the one next to it."""
        name = self._column(column)
        if criterion == "EQUAL":
            return NEVER
        if criterion == "NOT_EQUAL":
            return f"{name} is not null"
        is_less = criterion in {"LESS_THAN", "LESS_THAN_OR_EQUAL"}
        operator = ("<=" if held < value else "<") if is_less else (">" if held < value else ">=")
        return f"{name} {operator} {parameter}"

    def _group(self, group: Group) -> str:
        parts = [*map(self._condition, group.conditions), *map(self._group, group.groups)]
        if not parts:
            return ALWAYS
        return f"({(' or ' if group.any else ' and ').join(parts)})"

    def _condition(self, condition: Condition) -> str:
        column, value = condition.column, condition.value
        if condition.criterion == "IS_EMPTY":
            return self._empty(column, empty=value != "false")
        if column.kind == "character":
            return self._compare_text(column, condition.criterion, fold(value or ""))
        if not value:
            return NEVER
        operator = OPERATORS[condition.criterion]
        if column.kind == "datetime":
            return f"{self._instant(column)} {operator} {self._parameter(self._moment(value))}"
        if column.kind == "boolean":
            return f"{self._column(column)} {operator} {self._parameter(self._flag(value=value == 'true'))}"
        return self._compare_number(column, condition.criterion, Decimal(value))

    def _empty(self, column: Column, *, empty: bool) -> str:
        if column.kind == "character":
            return f"{self._folded(column)} {'=' if empty else '<>'} ''"
        value = self._instant(column) if column.kind == "datetime" else self._column(column)
        return f"{value} is {'' if empty else 'not '}null"

    def _compare_text(self, column: Column, criterion: Criterion, value: str) -> str:
        text = self._folded(column)
        if criterion in OPERATORS:
            return f"{text} {OPERATORS[criterion]} {self._text(value)}"
        if not value:
            return ALWAYS
        if criterion == "CONTAINS":
            return self._contains(text, value)
        length = self._parameter(self._length(value))
        if criterion == "STARTS_WITH":
            return f"substr({text}, 1, {length}) = {self._text(value)}"
        return f"{self._ends(text, length)} = {self._text(value)}"

    def _search(self, wanted: Filter) -> str:
        text = fold(wanted.search)
        parts = [self._contains(self._folded(column), text) for column in wanted.searched]
        return f"({' or '.join(parts)})" if parts else NEVER

    def _order(self, column: Column, *, descending: bool) -> str:
        if column.kind == "character":
            return f"{self._folded(column)}{' desc' if descending else ''}"
        value = self._instant(column) if column.kind == "datetime" else self._column(column)
        return f"{value} desc nulls last" if descending else f"{value} nulls first"

    def _limit(self, wanted: Filter) -> str:
        parts: list[str] = []
        if wanted.limit:
            parts.append(f"limit {self._parameter(wanted.limit + 1)}")
        elif wanted.offset:
            parts.append(self._no_limit())
        if wanted.offset:
            parts.append(f"offset {self._parameter(wanted.offset)}")
        return " ".join(part for part in parts if part)

    def _no_limit(self) -> str:
        """Give the limit that stands before an offset where nothing limits."""
        return ""


class SqliteWriter(Writer):
    """Writes filters for SQLite, which takes a "name" that no column has for a text; a `name` is always a column."""

    quote = "`"

    def _last(self, key: Column) -> str:
        return self._column(key)

    def _folded(self, column: Column) -> str:
        return f"lower(coalesce({self._column(column)}, ''))"  # the letters A to Z alone

    def _instant(self, column: Column) -> str:
        return f"nullif({self._column(column)}, '')"

    def _moment(self, value: str) -> Parameter:
        return value

    def _flag(self, *, value: bool) -> Parameter:
        return int(value)

    def _ends(self, text: str, length: str) -> str:
        return f"substr({text}, -{length})"

    def _contains(self, text: str, value: str) -> str:
        return f"instr({text}, {self._text(value)}) > 0"

    def _compare_number(self, column: Column, criterion: Criterion, value: Decimal) -> str:
        if value == value.to_integral_value() and abs(value) < _WHOLE:
            return f"{self._column(column)} {OPERATORS[criterion]} {self._parameter(int(value))}"
        nearest = float(value)
        held = Decimal(repr(nearest))  # what a number that is held as `nearest` is read as
        if held == value:
            return f"{self._column(column)} {OPERATORS[criterion]} {self._parameter(nearest)}"
        return self._unlike(column, criterion, value, held, self._parameter(nearest))

    def _no_limit(self) -> str:
        return "limit -1"  # it knows no offset without a limit
