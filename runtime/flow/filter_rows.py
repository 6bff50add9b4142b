"""Filters applied to records in memory, by the rule of `filters`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from runtime.flow.filters import fold

if TYPE_CHECKING:
    from runtime.flow.filters import Column, Condition, Criterion, Filter, Group
    from runtime.model.profile import EntryKind

Values = Mapping[str, str | None]  # the text of each property, in the form of documents
Row = TypeVar("Row")

_COMPARISONS: dict[Criterion, Callable[[Any, Any], bool]] = {
    "EQUAL": lambda left, right: left == right,
    "NOT_EQUAL": lambda left, right: left != right,
    "GREATER_THAN": lambda left, right: left > right,
    "GREATER_THAN_OR_EQUAL": lambda left, right: left >= right,
    "LESS_THAN": lambda left, right: left < right,
    "LESS_THAN_OR_EQUAL": lambda left, right: left <= right,
    "CONTAINS": lambda left, right: right in left,
    "STARTS_WITH": lambda left, right: left.startswith(right),
    "ENDS_WITH": lambda left, right: left.endswith(right),
}


def matching(rows: Sequence[Row], wanted: Filter, values: Callable[[Row], Values]) -> list[Row]:
    """Give the records that fit `where` and `search`, in the order asked for; limit and offset are not applied."""
    found = [row for row in rows if _holds(wanted.where, values(row)) and _found(wanted, values(row))]
    for order in reversed(wanted.order):
        found.sort(key=_ranking(order.column, values), reverse=order.descending)
    return found


def _ranking(column: Column, values: Callable[[Row], Values]) -> Callable[[Row], tuple[bool, Any]]:
    return lambda row: _rank(values(row)[column.name], column.kind)


def _holds(group: Group, values: Values) -> bool:
    if not group.conditions and not group.groups:
        return True
    parts = (
        *(_compares(condition, values) for condition in group.conditions),
        *(_holds(inner, values) for inner in group.groups),
    )
    return any(parts) if group.any else all(parts)


def _compares(condition: Condition, values: Values) -> bool:
    text, kind = values[condition.column.name], condition.column.kind
    if condition.criterion == "IS_EMPTY":
        return (not text) == (condition.value != "false")
    left, right = _comparable(text, kind), _comparable(condition.value, kind)
    return left is not None and right is not None and _COMPARISONS[condition.criterion](left, right)


def _found(wanted: Filter, values: Values) -> bool:
    if not wanted.search:
        return True
    text = fold(wanted.search)
    return any(text in fold(values[column.name] or "") for column in wanted.searched)


def _comparable(text: str | None, kind: EntryKind) -> Any:  # noqa: ANN401 - one kind is compared with itself alone
    if kind == "character":
        return fold(text or "")
    if not text:
        return None
    if kind == "number":
        return Decimal(text)
    return text == "true" if kind == "boolean" else text


def _rank(text: str | None, kind: EntryKind) -> tuple[bool, Any]:
    """Give what a value is ordered by: missing ones come first."""
    value = _comparable(text, kind)
    return (value is not None, 0 if value is None else value)
