"""From the listFilter of a request to a filter, with every column known to the type (wire protocol A.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from runtime.errors import RequestError
from runtime.flow.filters import OF_TEXTS, Column, Condition, Criterion, Filter, Group, Order
from runtime.flow.query_document import unwritable
from runtime.flow.values import read_boolean, read_datetime, read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.flow.data_wire import InnerFilter, ListFilter, Where
    from runtime.flow.objects import ObjectCodec

MOST_CONDITIONS = 1_000  # far beyond any form; a statement with more parameters some databases refuse
DEEPEST = 32  # groups within groups: far beyond any that people make, well within the interpreter's stack
MOST_RECORDS = 10**12  # of limit and offset: no table has more, and every database takes it

_CRITERIA: dict[str, Criterion] = {word: word for word in get_args(Criterion)}


def read_filter(given: ListFilter | None, codec: ObjectCodec) -> Filter:
    """Give what a request asks for; without a listFilter that is everything.

    Raises:
        RequestError: it names a property that the type does not have, or asks for what no property can answer.
    """
    if given is None:
        return Filter(key=codec.key)
    return _Reader(codec).read(given)


class _Reader:
    def __init__(self, codec: ObjectCodec) -> None:
        self._codec = codec
        self._conditions = 0

    def read(self, given: ListFilter) -> Filter:
        search = (given.search or "").strip()
        if unwritable(search):
            raise _unwritable()
        return Filter(
            key=self._codec.key,
            where=self._group(given, 0),
            order=self._order(given),
            search=search,
            searched=self._searched(given) if search else (),
            limit=min(max(0, given.limit or 0), MOST_RECORDS),
            offset=min(max(0, given.offset or 0), MOST_RECORDS),
        )

    def _group(self, given: ListFilter | InnerFilter, depth: int) -> Group:
        if depth > DEEPEST:
            raise RequestError("flow.filter", f"The filter nests groups deeper than {DEEPEST} levels.")
        kind = (given.comparison_type or "AND").upper()
        if kind not in {"AND", "OR"}:
            raise RequestError("flow.filter", f'The filter has a comparison type "{kind[:50]}", which is unknown.')
        inner = (self._group(each, depth + 1) for each in given.list_filters or ())
        return Group(
            any=kind == "OR",
            conditions=tuple(self._condition(where) for where in given.where or ()),
            groups=tuple(group for group in inner if group.conditions or group.groups),
        )

    def _condition(self, where: Where) -> Condition:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise RequestError("flow.filter", f"The filter has more than {MOST_CONDITIONS} conditions.")
        column, criterion = self._column(where.column_name), _CRITERIA.get((where.criteria_type or "").upper())
        if criterion is None:
            raise RequestError("flow.filter", f'The filter has an unknown criteria type "{where.criteria_type or ""}".')
        if criterion in OF_TEXTS and column.kind != "character":
            message = f'The filter asks {criterion} of "{column.name}", which is no text.'
            raise RequestError("flow.filter", message)
        text = where.value if where.content_value is None else where.content_value
        if text is not None and unwritable(text):
            raise _unwritable()
        if criterion == "IS_EMPTY":
            is_false = (text or "").strip().lower() == "false"
            return Condition(column, criterion, "false" if is_false else "true")
        return Condition(column, criterion, None if text is None else _value(text, column))

    def _order(self, given: ListFilter) -> tuple[Order, ...]:
        columns = [(each.column_name, each.direction) for each in given.order_by or () if each.column_name]
        if not columns and given.order_by_property_developer_name:
            columns = [(given.order_by_property_developer_name, given.order_by_direction_type)]
        return tuple(Order(self._column(name), (direction or "").upper() == "DESC") for name, direction in columns)

    def _searched(self, given: ListFilter) -> tuple[Column, ...]:
        named = [each.column_name for each in given.search_criteria or () if each.column_name]
        columns: Sequence[Column] = [self._column(name) for name in named]
        columns = columns or [member.column for member in self._codec.members]
        return tuple(column for column in columns if column.kind == "character")

    def _column(self, name: str | None) -> Column:
        column = self._codec.column(name or "")
        if column is None:
            message = f'The filter names a property "{(name or "")[:100]}", which "{self._codec.name}" does not have.'
            raise RequestError("flow.filter", message)
        return column


def _value(text: str, column: Column) -> str | None:
    """Give a value in the form of documents; None where it is no value of that kind, which compares with nothing."""
    try:
        match column.kind:
            case "number":
                return read_number(text)
            case "datetime":
                return read_datetime(text)
            case "boolean":
                flag = read_boolean(text)
                return None if flag is None else str(flag).lower()
            case _:
                return text
    except ValueError:
        return None


def _unwritable() -> RequestError:
    return RequestError("flow.filter", "The filter holds a control character, which stands in no text.")
