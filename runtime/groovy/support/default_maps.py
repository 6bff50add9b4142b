"""``withDefault``: maps that make what they do not have."""

from __future__ import annotations

from runtime.groovy.support.closures import Function, call
from runtime.groovy.support.containers import MAP
from runtime.groovy.support.values import Value


class DefaultMap(dict[Value, Value]):
    """A map that makes and keeps the value of a key that it does not have when it is asked for it."""

    __slots__ = ("_make",)

    def __init__(self, items: dict[Value, Value], make: Function) -> None:
        super().__init__(items)
        self._make = make

    def get(self, key: Value, default: Value = None) -> Value:
        """Give the value of a key."""
        if key not in self:
            self[key] = call(self._make, key)
        return self[key]


@MAP.method
def with_default(items: dict[Value, Value], make: Function) -> dict[Value, Value]:
    return DefaultMap(items, make)
