"""Methods of everything that has elements that are asked for less often."""

from __future__ import annotations

from itertools import product

from runtime.groovy.support.closures import Function, call, call_each, items_of
from runtime.groovy.support.lists import ITEMS
from runtime.groovy.support.operators import truth
from runtime.groovy.support.values import Array, JavaSet, Long, Value

method = ITEMS.method


def _holds(function: Function, item: Value) -> bool:
    return truth(call_each(function, item))


@method
def find_last_index_of(items: Value, function: Function) -> int:
    places = [index for index, item in enumerate(items_of(items)) if _holds(function, item)]
    return places[-1] if places else -1


@method
def find_index_values(items: Value, function: Function) -> list[Value]:
    return [Long(index) for index, item in enumerate(items_of(items)) if _holds(function, item)]


@method
def collect_nested(items: Value, function: Function) -> list[Value]:
    return [
        collect_nested(item, function) if isinstance(item, list | range | JavaSet) else call(function, item)
        for item in items_of(items)
    ]


@method
def get_indices(items: Value) -> range:
    return range(len(items))


@method
def take_right(items: Value, count: int) -> list[Value]:
    return list(items_of(items))[-count:] if count > 0 else []


@method
def drop_right(items: Value, count: int) -> list[Value]:
    return list(items_of(items))[: -count or None] if count > 0 else list(items_of(items))


@method
def to_array(items: Value, *_: Value) -> Array:
    return Array(items_of(items))


@method
def clone(items: Value) -> Value:
    return type(items)(items)


@method
def stream(items: Value) -> Value:
    from runtime.groovy.support.pipes import Stream

    return Stream(items_of(items))


@method
def combinations(items: Value) -> list[Value]:
    return [list(row) for row in product(*(items_of(item) for item in items))]


@method
def transpose(items: Value) -> list[Value]:
    return [list(row) for row in zip(*items, strict=False)]
