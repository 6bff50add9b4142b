"""The methods of everything that has elements: lists, arrays, sets, ranges, maps as entries, texts as letters."""

from __future__ import annotations

from itertools import islice

from runtime.groovy.support.closures import Function, arity, call, call_each, call_with, items_of
from runtime.groovy.support.errors import (
    IllegalArgumentException,
    NoSuchElementException,
)
from runtime.groovy.support.frozen import FrozenList, FrozenMap, FrozenSet
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.operators import equal, ordering, plus, truth
from runtime.groovy.support.tables import Table
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Entry, JavaIterator, JavaSet, Value

ITEMS = Table()  # of everything that can be gone through
method = ITEMS.method
called = ITEMS.called


@called("each", "forEach")
def each(items: Value, function: Function) -> Value:
    for item in items_of(items):
        call_each(function, item)
    return items


@method
def each_with_index(items: Value, function: Function) -> Value:
    for index, item in enumerate(items_of(items)):
        if isinstance(item, Entry) and arity(function) == 3:  # noqa: PLR2004 - key, value and index
            function(item.key, item.value, index)
        else:
            call(function, item, index)
    return items


@called("reverseEach")
def reverse_each(items: Value, function: Function) -> Value:
    for item in reversed(list(items_of(items))):
        call_each(function, item)
    return items


@method
def collect(items: Value, *arguments: Value) -> Value:
    gathered = list(arguments[0]) if len(arguments) > 1 else []
    gathered += [call_each(arguments[-1], item) if arguments else item for item in items_of(items)]
    return gathered


@method
def collect_many(items: Value, function: Function) -> list[Value]:
    return [made for item in items_of(items) for made in items_of(call_each(function, item))]


@method
def collect_entries(items: Value, function: Function | None = None) -> dict[Value, Value]:
    gathered: dict[Value, Value] = {}
    for item in items_of(items):
        made = item if function is None else call_each(function, item)
        if isinstance(made, dict):
            gathered.update(made)
        elif isinstance(made, Entry):
            gathered[made.key] = made.value
        else:
            key, value = made
            gathered[key_of(key)] = value
    return gathered


def _holds(function: Function | None, item: Value) -> bool:
    return truth(item if function is None else call_each(function, item))


@called("find")
def find(items: Value, function: Function | None = None) -> Value:
    return next((item for item in items_of(items) if _holds(function, item)), None)


@called("findAll")
def find_all(items: Value, function: Function | None = None) -> Value:
    kept = [item for item in items_of(items) if _holds(function, item)]
    if isinstance(items, JavaSet):
        return JavaSet(kept)
    return {item.key: item.value for item in kept} if isinstance(items, dict) else kept


@method
def grep(items: Value, test: Value = None) -> list[Value]:
    from runtime.groovy.support.cases import is_case

    return [item for item in items_of(items) if (truth(item) if test is None else is_case(test, item))]


@method
def find_index_of(items: Value, function: Function) -> int:
    return next((index for index, item in enumerate(items_of(items)) if _holds(function, item)), -1)


@method
def find_result(items: Value, function: Function) -> Value:
    return next((made for item in items_of(items) if (made := call_each(function, item)) is not None), None)


@method
def find_results(items: Value, function: Function) -> list[Value]:
    return [made for item in items_of(items) if (made := call_each(function, item)) is not None]


@method
def every(items: Value, function: Function | None = None) -> bool:
    return all(_holds(function, item) for item in items_of(items))


@called("any")
def any_(items: Value, function: Function | None = None) -> bool:
    return any(_holds(function, item) for item in items_of(items))


@method
def inject(items: Value, first: Value, *rest: Value) -> Value:
    remaining = iter(items_of(items))
    gathered = first if rest else next(remaining, None)
    function = rest[0] if rest else first
    for item in remaining:
        gathered = call_with(function, gathered, item)
    return gathered


@method
def sum_(items: Value, *arguments: Value) -> Value:
    function = arguments[-1] if arguments and callable(arguments[-1]) else None
    gathered = arguments[0] if arguments and not callable(arguments[0]) else None
    for item in items_of(items):
        value = item if function is None else call_each(function, item)
        gathered = value if gathered is None else plus(gathered, value)
    return gathered


@method
def count(items: Value, test: Value) -> int:
    if callable(test):
        return sum(_holds(test, item) for item in items_of(items))
    return sum(equal(item, test) for item in items_of(items))


def _key(function: Function | None) -> Function:
    """Give what Python sorts by, of a closure with one parameter (a key) or two (an order)."""
    if function is None:
        return ordering
    if arity(function) == 2:  # noqa: PLR2004 - two values to compare
        from functools import cmp_to_key

        return cmp_to_key(lambda left, right: int(call(function, left, right)))
    return lambda item: ordering(call_each(function, item))


@method
def min_(items: Value, function: Function | None = None) -> Value:
    return min(items_of(items), key=_key(function), default=None)


@method
def max_(items: Value, function: Function | None = None) -> Value:
    gathered = list(items_of(items))
    return max(gathered, key=_key(function)) if gathered else None


@method
def sort(items: Value, *arguments: Value) -> Value:
    function = next((argument for argument in arguments if callable(argument)), None)
    changes = not (arguments and arguments[0] is False)
    if isinstance(items, dict) and not isinstance(items, JavaSet):
        entries: list[Value] = list(items_of(items))
        key = _key(function) if function is not None else lambda entry: ordering(entry.key)
        return {entry.key: entry.value for entry in sorted(entries, key=key)}
    ordered = sorted(items_of(items), key=_key(function))
    if isinstance(items, list) and changes:
        items[:] = ordered
        return items
    return ordered


@method
def to_sorted(items: Value, function: Function | None = None) -> Value:
    return sort(items, False, *([] if function is None else [function]))  # noqa: FBT003 - as Groovy's


@method
def group_by(items: Value, function: Function, *more: Function) -> dict[Value, Value]:
    gathered: dict[Value, Value] = {}
    for item in items_of(items):
        key = key_of(call_each(function, item))
        if isinstance(items, dict):
            gathered.setdefault(key, {})[item.key] = item.value
        else:
            gathered.setdefault(key, []).append(item)
    return {key: group_by(held, *more) for key, held in gathered.items()} if more else gathered


@method
def count_by(items: Value, function: Function) -> dict[Value, int]:
    gathered: dict[Value, int] = {}
    for item in items_of(items):
        key = key_of(call_each(function, item))
        gathered[key] = gathered.get(key, 0) + 1
    return gathered


@called("split")
def split(items: Value, function: Function) -> list[list[Value]]:
    halves: list[list[Value]] = [[], []]
    for item in items_of(items):
        halves[not _holds(function, item)].append(item)
    return halves


@method
def join(items: Value, separator: Value = "") -> str:
    return text_of(separator).join(text_of(item) for item in items_of(items))


@called("first", "head")
def first(items: Value) -> Value:
    for item in items_of(items):
        return item
    raise NoSuchElementException("Cannot access first() element from an empty List")


@method
def last(items: Value) -> Value:
    gathered = list(items_of(items))
    if not gathered:
        raise NoSuchElementException("Cannot access last() element from an empty List")
    return gathered[-1]


@method
def tail(items: Value) -> list[Value]:
    first(items)
    return list(items_of(items))[1:]


@called("init")
def init(items: Value) -> list[Value]:
    last(items)
    return list(items_of(items))[:-1]


@method
def take(items: Value, count_: int) -> list[Value]:
    return list(islice(items_of(items), max(count_, 0)))


@method
def drop(items: Value, count_: int) -> list[Value]:
    return list(items_of(items))[max(count_, 0) :]


@method
def take_while(items: Value, function: Function) -> list[Value]:
    gathered: list[Value] = []
    for item in items_of(items):
        if not _holds(function, item):
            break
        gathered.append(item)
    return gathered


@method
def drop_while(items: Value, function: Function) -> list[Value]:
    gathered = list(items_of(items))
    return gathered[len(take_while(items, function)) :]


@method
def flatten(items: Value) -> list[Value]:
    gathered: list[Value] = []
    for item in items_of(items):
        gathered += flatten(item) if isinstance(item, list | range | JavaSet) else [item]
    return gathered


@called("unique", "toUnique")
def unique(items: Value, function: Function | None = None) -> Value:
    kept: list[Value] = []
    keys: list[Value] = []
    for item in items_of(items):
        key = item if function is None else call_each(function, item)
        if not any(equal(key, other) for other in keys):
            keys.append(key)
            kept.append(item)
    return kept


@method
def with_index(items: Value, offset: int = 0) -> list[Value]:
    return [[item, index] for index, item in enumerate(items_of(items), offset)]


@called("indexed")
def indexed(items: Value, offset: int = 0) -> dict[Value, Value]:
    return dict(enumerate(items_of(items), offset))


@method
def to_list(items: Value) -> list[Value]:
    return list(items_of(items))


@method
def to_set(items: Value) -> JavaSet:
    return JavaSet(items_of(items))


@method
def iterator(items: Value) -> JavaIterator:
    return JavaIterator(items_of(items))


@method
def collate(items: Value, size: int, *options: Value) -> list[Value]:
    if size < 1:
        raise IllegalArgumentException("size must be greater than 0")
    gathered = list(items_of(items))
    step = options[0] if options and not isinstance(options[0], bool) else size
    keeps = options[-1] if options and isinstance(options[-1], bool) else True
    parts = (gathered[at : at + size] for at in range(0, len(gathered), step))
    return [part for part in parts if keeps or len(part) == size]


@method
def intersect(items: Value, others: Value) -> list[Value]:
    return [item for item in items_of(items) if any(equal(item, other) for other in items_of(others))]


@method
def disjoint(items: Value, others: Value) -> bool:
    return not intersect(items, others)


@called("asImmutable")
def as_immutable(items: Value) -> Value:
    if isinstance(items, JavaSet):
        return FrozenSet(items)
    return FrozenMap(items) if isinstance(items, dict) else FrozenList(items)


@called("size")
def size(items: Value) -> int:
    return len(items) if hasattr(items, "__len__") else sum(1 for _ in items_of(items))


@method
def is_empty(items: Value) -> bool:
    return len(items) == 0


@method
def contains(items: Value, value: Value) -> bool:
    return any(equal(value, item) for item in items_of(items))


@method
def contains_all(items: Value, values: Value) -> bool:
    return all(contains(items, value) for value in items_of(values))
