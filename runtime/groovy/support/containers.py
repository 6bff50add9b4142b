"""The methods of lists, sets and maps that only they have, most of them to change them."""

from __future__ import annotations

from runtime.groovy.support.closures import Function, call, call_each, items_of
from runtime.groovy.support.errors import (
    IndexOutOfBoundsException,
    JavaRuntimeException,
    NoSuchElementException,
    UnsupportedOperationException,
)
from runtime.groovy.support.frozen import FrozenList
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.operators import equal, minus, plus, truth
from runtime.groovy.support.tables import Table
from runtime.groovy.support.values import Array, Entry, JavaIterator, JavaSet, Value
from runtime.groovy.support.views import EntryView, KeyView, ValueView

LIST = Table()
SET = Table()
MAP = Table()


# --- lists ---


def _place(items: list[Value], index: int) -> int:
    if not 0 <= index < len(items):
        raise IndexOutOfBoundsException(f"Index: {index}, Size: {len(items)}")
    return index


def _grows(items: Value) -> list[Value]:
    if not isinstance(items, list) or isinstance(items, Array | FrozenList):
        raise UnsupportedOperationException(None)
    return items


@LIST.method
def add(items: Value, first: Value, *rest: Value) -> bool | None:
    if rest:  # the place came first
        _grows(items).insert(first if first == len(items) else _place(items, first), *rest)
        return None
    _grows(items).append(first)
    return True


@LIST.method
def add_all(items: Value, *arguments: Value) -> bool:
    values = list(items_of(arguments[-1]))
    at = arguments[0] if len(arguments) > 1 else len(items)
    _grows(items)[at:at] = values
    return bool(values)


@LIST.called("get", "elementAt")
def get(items: Value, index: int) -> Value:
    return items[_place(items, index)]


@LIST.called("set")
def set_(items: Value, index: int, value: Value) -> Value:
    before = items[_place(items, index)]
    items[index] = value
    return before


@LIST.called("iterator", "listIterator")
def iterator(items: Value) -> JavaIterator:
    return ListIterator(items)


class ListIterator(JavaIterator):
    """An iterator that takes out what it gave last."""

    def __init__(self, items: Value) -> None:
        super().__init__(())
        self._held = items
        self._next = 0

    def hasNext(self) -> bool:
        """Whether there is another."""
        return self._next < len(self._held)

    def next(self) -> Value:
        """Give the next."""
        if not self.hasNext():
            raise NoSuchElementException(None)
        self._next += 1
        return self._held[self._next - 1]

    def remove(self) -> None:
        """Take out what was given last."""
        self._next -= 1
        del _grows(self._held)[self._next]


@LIST.method
def get_from(items: Value) -> Value:
    return min(items[0], items[-1]) if items else None


@LIST.method
def get_to(items: Value) -> Value:
    return max(items[0], items[-1]) if items else None


@LIST.called("remove")
def remove(items: Value, value: Value) -> Value:
    if isinstance(value, int) and not isinstance(value, bool):
        return _grows(items).pop(_place(items, value))
    return remove_element(items, value)


@LIST.method
def remove_at(items: Value, index: int) -> Value:
    return _grows(items).pop(_place(items, index))


@LIST.method
def remove_element(items: Value, value: Value) -> bool:
    for index, item in enumerate(_grows(items)):
        if equal(item, value):
            del items[index]
            return True
    return False


@LIST.called("removeAll", "removeIf")
def remove_all(items: Value, values: Value) -> bool:
    def gone(item: Value) -> bool:
        return truth(call_each(values, item)) if callable(values) else any(equal(item, value) for value in values)

    kept = [item for item in _grows(items) if not gone(item)]
    changed = len(kept) != len(items)
    items[:] = kept
    return changed


@LIST.method
def retain_all(items: Value, values: Value) -> bool:
    def stays(item: Value) -> bool:
        return truth(call_each(values, item)) if callable(values) else any(equal(item, value) for value in values)

    kept = [item for item in _grows(items) if stays(item)]
    changed = len(kept) != len(items)
    items[:] = kept
    return changed


@LIST.method
def clear(items: Value) -> None:
    _grows(items).clear()


@LIST.called("push")
def push(items: Value, value: Value) -> bool:
    _grows(items).append(value)
    return True


@LIST.method
def pop(items: Value) -> Value:
    if not items:
        raise NoSuchElementException("Cannot pop() an empty List")
    return _grows(items).pop()


@LIST.method
def index_of(items: Value, value: Value) -> int:
    return next((index for index, item in enumerate(items) if equal(item, value)), -1)


@LIST.method
def last_index_of(items: Value, value: Value) -> int:
    return next((index for index in reversed(range(len(items))) if equal(items[index], value)), -1)


@LIST.method
def sub_list(items: Value, start: int, end: int) -> list[Value]:
    if not 0 <= start <= end <= len(items):
        raise IndexOutOfBoundsException(f"fromIndex: {start}, toIndex: {end}, Size: {len(items)}")
    return list(items[start:end])


@LIST.called("reverse")
def reverse(items: Value, changes: bool = False) -> list[Value]:  # noqa: FBT001, FBT002 - as Groovy's
    turned = list(reversed(items))
    if changes:
        items[:] = turned
    return turned


@LIST.called("unique")
def unique(items: Value, *arguments: Value) -> Value:
    from runtime.groovy.support.lists import unique as kept_of

    function = next((argument for argument in arguments if callable(argument)), None)
    kept = kept_of(items, function)
    if arguments and arguments[0] is False:
        return kept
    items[:] = kept
    return items


@LIST.called("step")
def step(items: Value, by: int, function: Function | None = None) -> list[Value] | None:
    """Go through a range in steps, from its end where they are negative; without a closure give what is met."""
    if by == 0:
        raise JavaRuntimeException("Infinite loop detected due to step size of 0")
    met = list(items[::by])
    if function is None:
        return met
    for item in met:
        call(function, item)
    return None


# --- sets ---


def _add_to(items: JavaSet, value: Value) -> bool:
    value = key_of(value)
    new = value not in items
    items[value] = None
    return new


def _add_all_to(items: JavaSet, values: Value) -> bool:
    before = len(items)
    items.update(JavaSet(items_of(values)))
    return len(items) != before


def _remove_from(items: JavaSet, value: Value) -> bool:
    value = key_of(value)
    present = value in items
    items.pop(value, None)
    return present


SET.methods = {
    "add": _add_to,
    "addAll": _add_all_to,
    "remove": _remove_from,
    "contains": lambda items, value: key_of(value) in items,
    "clear": lambda items: items.clear(),
}


# --- maps ---


@MAP.called("get")
def get_value(items: dict[Value, Value], key: Value, *default: Value) -> Value:
    if default:
        return items.setdefault(key_of(key), default[0])
    return items.get(key_of(key))


@MAP.method
def get_or_default(items: dict[Value, Value], key: Value, default: Value) -> Value:
    return items.get(key_of(key), default)


@MAP.method
def put(items: dict[Value, Value], key: Value, value: Value) -> Value:
    key = key_of(key)
    before = items[key] if key in items else None  # noqa: SIM401 - asking a map with a default would make one
    items[key] = value
    return before


@MAP.method
def put_all(items: dict[Value, Value], others: dict[Value, Value]) -> None:
    items.update(others)


@MAP.method
def put_if_absent(items: dict[Value, Value], key: Value, value: Value) -> Value:
    if items.get(key) is None:
        items[key] = value
        return None
    return items[key]


@MAP.method
def contains_key(items: dict[Value, Value], key: Value) -> bool:
    return key_of(key) in items


@MAP.method
def contains_value(items: dict[Value, Value], value: Value) -> bool:
    return any(equal(held, value) for held in items.values())


@MAP.called("remove")
def remove_key(items: dict[Value, Value], key: Value) -> Value:
    return items.pop(key_of(key), None)


@MAP.method
def key_set(items: dict[Value, Value]) -> JavaSet:
    return KeyView(items)


@MAP.method
def values(items: dict[Value, Value]) -> list[Value]:
    return ValueView(items)


@MAP.method
def entry_set(items: dict[Value, Value]) -> list[Entry]:
    return EntryView(items)


@MAP.called("clear")
def clear_map(items: dict[Value, Value]) -> None:
    items.clear()


def _key_at(items: dict[Value, Value], place: int) -> Value:
    keys = list(items)
    if not keys:
        raise NoSuchElementException(None)
    return keys[place]


@MAP.method
def first_key(items: dict[Value, Value]) -> Value:
    return _key_at(items, 0)


@MAP.method
def last_key(items: dict[Value, Value]) -> Value:
    return _key_at(items, -1)


@MAP.method
def first_entry(items: dict[Value, Value]) -> Value:
    return Entry(items, _key_at(items, 0)) if items else None


@MAP.method
def last_entry(items: dict[Value, Value]) -> Value:
    return Entry(items, _key_at(items, -1)) if items else None


@MAP.method
def sub_map(items: dict[Value, Value], keys: Value) -> dict[Value, Value]:
    return {key: items[key] for key in items_of(keys) if key in items}


@MAP.called("plus")
def plus_map(items: dict[Value, Value], others: Value) -> Value:
    return plus(items, others)


@MAP.called("minus")
def minus_map(items: dict[Value, Value], others: Value) -> Value:
    return minus(items, others)


@MAP.method
def compute_if_absent(items: dict[Value, Value], key: Value, function: Function) -> Value:
    if items.get(key) is None:
        items[key] = call(function, key)
    return items[key]


ENTRY = Table()
ENTRY.methods = {"getKey": lambda entry: entry.key, "getValue": lambda entry: entry.value}


@ENTRY.method
def set_value(entry: Entry, value: Value) -> Value:
    before = entry.value
    entry.map[entry.key] = value
    return before
