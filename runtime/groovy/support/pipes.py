"""``java.util.stream``: a collection on its way through closures."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runtime.groovy.support import lists
from runtime.groovy.support.closures import Function, call
from runtime.groovy.support.errors import NoSuchElementException
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.operators import truth
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Array, JavaObject, JavaSet, Long, Value


class Optional(JavaObject):
    """A value that may be lacking."""

    java_name = "java.util.Optional"

    def __init__(self, value: Value = None) -> None:
        self._value = value

    @staticmethod
    def of(value: Value) -> Optional:
        """Give one with a value."""
        return Optional(value)

    @staticmethod
    def ofNullable(value: Value) -> Optional:
        """Give one with a value, or an empty one for null."""
        return Optional(value)

    @staticmethod
    def empty() -> Optional:
        """Give an empty one."""
        return Optional()

    def isPresent(self) -> bool:
        """Whether there is a value."""
        return self._value is not None

    def asBoolean(self) -> bool:
        """Groovy's truth."""
        return self._value is not None

    def get(self) -> Value:
        """Give the value."""
        if self._value is None:
            raise NoSuchElementException("No value present")
        return self._value

    def getAsInt(self) -> Value:
        """Give the value."""
        return self.get()

    def orElse(self, other: Value) -> Value:
        """Give the value, or another."""
        return other if self._value is None else self._value

    def orElseGet(self, function: Function) -> Value:
        """Give the value, or what a closure gives."""
        return call(function) if self._value is None else self._value

    def ifPresent(self, function: Function) -> None:
        """Call a closure with the value, if there is one."""
        if self._value is not None:
            call(function, self._value)

    def map(self, function: Function) -> Optional:
        """Give what a closure makes of the value."""
        return self if self._value is None else Optional(call(function, self._value))

    def filter(self, function: Function) -> Optional:
        """Give the value if a closure holds of it."""
        return self if self._value is None or truth(call(function, self._value)) else Optional()

    def toString(self) -> str:
        """Write it as Java does."""
        return "Optional.empty" if self._value is None else f"Optional[{text_of(self._value)}]"


class Stream(JavaObject):
    """Elements on their way."""

    java_name = "java.util.stream.Stream"

    def __init__(self, items: Iterable[Value]) -> None:
        self._items = list(items)

    def filter(self, function: Function) -> Stream:
        """Keep those of which a closure holds."""
        return Stream(item for item in self._items if truth(call(function, item)))

    def map(self, function: Function) -> Stream:
        """Make something of each."""
        return Stream(call(function, item) for item in self._items)

    def mapToInt(self, function: Function) -> Stream:
        """Make a number of each."""
        return self.map(function)

    def mapToDouble(self, function: Function) -> Stream:
        """Make a Double of each."""
        return Stream(float(call(function, item)) for item in self._items)

    def flatMap(self, function: Function) -> Stream:
        """Make a stream of each, and go through all of them."""
        return Stream(inner for item in self._items for inner in call(function, item).toList())

    def distinct(self) -> Stream:
        """Leave out what came already."""
        return Stream(lists.unique(self._items))

    def sorted(self, function: Function | None = None) -> Stream:
        """Put them in order."""
        return Stream(lists.sort(list(self._items), *([] if function is None else [function])))

    def limit(self, count: int) -> Stream:
        """Keep the first."""
        return Stream(self._items[:count])

    def skip(self, count: int) -> Stream:
        """Leave out the first."""
        return Stream(self._items[count:])

    def peek(self, function: Function) -> Stream:
        """Call a closure with each."""
        return Stream(lists.each(self._items, function))

    def forEach(self, function: Function) -> None:
        """Call a closure with each."""
        lists.each(self._items, function)

    def anyMatch(self, function: Function) -> bool:
        """Whether a closure holds of any."""
        return any(truth(call(function, item)) for item in self._items)

    def allMatch(self, function: Function) -> bool:
        """Whether a closure holds of all."""
        return all(truth(call(function, item)) for item in self._items)

    def noneMatch(self, function: Function) -> bool:
        """Whether a closure holds of none."""
        return not self.anyMatch(function)

    def count(self) -> Long:
        """Give how many there are."""
        return Long(len(self._items))

    def sum(self) -> Value:
        """Give the sum of numbers; that of none is 0."""
        return lists.sum_(self._items, 0)

    def reduce(self, first: Value, *rest: Function) -> Value:
        """Bring all together by a closure."""
        if rest:
            return lists.inject(self._items, first, rest[0])
        return Optional(lists.inject(self._items, first) if self._items else None)

    def findFirst(self) -> Optional:
        """Give the first, if any."""
        return Optional(self._items[0] if self._items else None)

    def max(self, function: Function | None = None) -> Optional:
        """Give the largest, if any."""
        return Optional(lists.max_(self._items, function))

    def min(self, function: Function | None = None) -> Optional:
        """Give the smallest, if any."""
        return Optional(lists.min_(self._items, function))

    def collect(self, collector: Callable[[list[Value]], Value]) -> Value:
        """Bring them together as a collector says."""
        return collector(self._items)

    def toArray(self) -> Array:
        """Give them as an array."""
        return Array(self._items)

    def toList(self) -> list[Value]:
        """Give them as a list."""
        return list(self._items)


def _joining(separator: str = "", before: str = "", after: str = "") -> Callable[[list[Value]], str]:
    return lambda items: before + separator.join(map(text_of, items)) + after


def _to_map(key: Function, value: Function) -> Callable[[list[Value]], dict[Value, Value]]:
    return lambda items: {key_of(call(key, item)): call(value, item) for item in items}


COLLECTORS: dict[str, Value] = {
    "toList": lambda: list,
    "toSet": lambda: JavaSet,
    "joining": _joining,
    "toMap": _to_map,
    "groupingBy": lambda function: lambda items: lists.group_by(items, function),
    "counting": lambda: lambda items: Long(len(items)),
}
