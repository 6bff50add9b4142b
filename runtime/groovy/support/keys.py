"""Lists, maps and sets as keys: they are kept as they are when they become one."""

from __future__ import annotations

from runtime.groovy.support.values import JavaSet, Value


class ListKey(list[Value]):
    """A list that can be looked up."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(map(key_of, self)))


class MapKey(dict[Value, Value]):
    """A map that can be looked up."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset((key, key_of(value)) for key, value in self.items()))


class SetKey(JavaSet):
    """A set that can be looked up."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))


def key_of(value: Value) -> Value:
    """Give a value as the key of a map or an element of a set."""
    if isinstance(value, JavaSet):
        return value if isinstance(value, SetKey) else SetKey(value)
    if isinstance(value, dict):
        return value if isinstance(value, MapKey) else MapKey(value)
    if isinstance(value, list | range):
        return value if isinstance(value, ListKey) else ListKey(value)
    return value
