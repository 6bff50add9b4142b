"""What ``keySet()``, ``entrySet()`` and ``values()`` give: what is taken out of them is taken out of their map."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Never

from runtime.groovy.support.closures import call_each
from runtime.groovy.support.errors import IllegalStateException, NoSuchElementException, UnsupportedOperationException
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.operators import equal, truth
from runtime.groovy.support.tables import Table
from runtime.groovy.support.values import Entry, JavaIterator, JavaSet, Value

VIEW = Table()


class KeyView(JavaSet):
    """The keys of a map."""

    __slots__ = ("source",)

    def __init__(self, source: dict[Value, Value]) -> None:
        super().__init__(source)
        self.source = source


class EntryView(list[Value]):
    """The entries of a map."""

    __slots__ = ("source",)

    def __init__(self, source: dict[Value, Value]) -> None:
        super().__init__(Entry(source, key) for key in source)
        self.source = source


class ValueView(list[Value]):
    """The values of a map, and the keys that they have there."""

    __slots__ = ("keys", "source")

    def __init__(self, source: dict[Value, Value]) -> None:
        self.keys = list(source)
        super().__init__(source[key] for key in self.keys)
        self.source = source


View = KeyView | EntryView | ValueView


def _pairs(view: View) -> list[tuple[Value, Value]]:
    """Give each element with the key that it has in the map."""
    if isinstance(view, KeyView):
        return [(key, key) for key in view]
    if isinstance(view, EntryView):
        return [(entry, entry.key) for entry in view]
    return list(zip(view, view.keys, strict=True))


class ViewIterator(JavaIterator):
    """Goes through a map, and takes out of it what was given last."""

    def __init__(self, view: View) -> None:
        super().__init__(())
        self._left = list(reversed(_pairs(view)))
        self._source = view.source
        self._last: list[Value] = []

    def hasNext(self) -> bool:
        """Whether there is another."""
        return bool(self._left)

    def next(self) -> Value:
        """Give the next."""
        if not self._left:
            raise NoSuchElementException(None)
        item, key = self._left.pop()
        self._last = [key]
        return item

    def remove(self) -> None:
        """Take out what was given last."""
        if not self._last:
            raise IllegalStateException(None)
        self._source.pop(self._last.pop(), None)


@VIEW.method
def iterator(view: View) -> ViewIterator:
    return ViewIterator(view)


def _taken(view: View, goes: Callable[[Value], bool]) -> bool:
    """Take elements out of a view and out of its map; say whether there were any."""
    pairs = _pairs(view)
    gone = [key for item, key in pairs if goes(item)]
    for key in gone:
        view.source.pop(key, None)
    kept = [pair for pair in pairs if pair[1] in view.source]
    if isinstance(view, KeyView):
        for key in gone:
            view.pop(key, None)
    else:
        view[:] = [item for item, _ in kept]
        if isinstance(view, ValueView):
            view.keys = [key for _, key in kept]
    return bool(gone)


@VIEW.called("remove")
def remove(view: View, value: Value) -> bool:
    done: list[Value] = []

    def goes(item: Value) -> bool:
        if done or not equal(item, value):
            return False
        done.append(item)
        return True

    return _taken(view, goes)


@VIEW.called("removeAll", "removeIf")
def remove_all(view: View, values: Value) -> bool:
    return _taken(view, lambda item: _among(item, values))


@VIEW.called("retainAll")
def retain_all(view: View, values: Value) -> bool:
    return _taken(view, lambda item: not _among(item, values))


def _among(item: Value, values: Value) -> bool:
    if callable(values):
        return truth(call_each(values, item))
    held: Iterable[Value] = values
    return any(equal(item, key_of(value)) for value in held)


@VIEW.called("clear")
def clear(view: View) -> None:
    _taken(view, lambda _: True)


@VIEW.called("add", "addAll")
def add(*_: Value) -> Never:
    raise UnsupportedOperationException(None)
