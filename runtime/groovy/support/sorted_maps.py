"""``TreeMap`` and ``TreeSet``: collections that are gone through in the order of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cmp_to_key
from typing import TYPE_CHECKING

from runtime.groovy.support.closures import call, items_of
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.operators import ordering
from runtime.groovy.support.values import JavaSet, Value

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_keys, dict_values

Order = Callable[[Value], Value]


def _order(comparator: Value) -> Order:
    return cmp_to_key(lambda left, right: int(call(comparator, left, right)))


class TreeMap(dict[Value, Value]):
    """A map in the order of its keys, or in that of a closure."""

    def __init__(self, source: Value = None) -> None:
        compares = callable(source)
        self._order: Order = _order(source) if compares else ordering
        super().__init__({} if source is None or compares else source)

    def _ordered(self) -> dict[Value, Value]:
        return {key: dict.__getitem__(self, key) for key in self}

    def __iter__(self) -> Iterator[Value]:
        return iter(sorted(dict.keys(self), key=self._order))

    def keys(self) -> dict_keys[Value, Value]:
        """Give the keys in their order."""
        return self._ordered().keys()

    def values(self) -> dict_values[Value, Value]:
        """Give the values in the order of their keys."""
        return self._ordered().values()

    def items(self) -> dict_items[Value, Value]:
        """Give keys and values in their order."""
        return self._ordered().items()


class TreeSet(JavaSet):
    """A set in the order of its elements, or in that of a closure."""

    __slots__ = ("_order",)

    def __init__(self, source: Value = None) -> None:
        compares = callable(source)
        self._order: Order = _order(source) if compares else ordering
        super().__init__(() if source is None or compares else map(key_of, items_of(source)))

    def __iter__(self) -> Iterator[Value]:
        return iter(sorted(dict.keys(self), key=self._order))

    def keys(self) -> dict_keys[Value, None]:
        """Give the elements in their order."""
        return dict.fromkeys(self).keys()
