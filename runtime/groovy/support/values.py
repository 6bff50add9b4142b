"""The values that Python has no type of its own for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

Value = Any  # a value of a script may be anything
INT_BITS = 32
LONG_BITS = 64


class Long(int):
    """A whole number of 64 bits; a plain `int` is one of 32."""

    __slots__ = ()


class Byte(int):
    """A whole number of 8 bits, as an array of bytes has them."""

    __slots__ = ()


class BigInteger(int):
    """A whole number without bounds."""

    __slots__ = ()


class Char(str):
    """One character: a number where it is computed with."""

    __slots__ = ()


class Array(list[Value]):
    """An array: a list that does not grow, and that has no element outside its bounds."""

    __slots__ = ()


class Queue(list[Value]):
    """A list whose beginning is its top: ``LinkedList`` and ``ArrayDeque``."""

    __slots__ = ()


class Stack(list[Value]):
    """A list whose end is its top."""

    __slots__ = ()


class JavaSet(dict[Value, None]):
    """A set that keeps the order in which its elements came."""

    __slots__ = ()

    def __init__(self, items: Iterable[Value] = ()) -> None:
        from runtime.groovy.support.keys import key_of

        super().__init__(dict.fromkeys(map(key_of, items)))


class Entry:
    """A key of a map with its value."""

    __slots__ = ("key", "map")

    def __init__(self, map_: dict[Value, Value], key: Value) -> None:
        self.map = map_
        self.key = key

    @property
    def value(self) -> Value:
        """The value that the map has now."""
        return self.map.get(self.key)


def _of_object(function: Callable[..., Value]) -> Callable[..., Value]:
    """Give a static method as one of objects: Groovy calls it so, too."""
    return lambda _object, *arguments: function(*arguments)


class JavaObject:
    """A class of Java that scripts use. Its public methods are Java's, and all that a script can reach of it.

    `java_name` is the full name that Java gives it.
    """

    java_name: ClassVar[str] = "java.lang.Object"
    methods: ClassVar[dict[str, Callable[..., Value]]] = {}

    def __init_subclass__(cls) -> None:
        found = dict(cls.methods)
        for name, member in vars(cls).items():
            if name.startswith("_"):
                continue
            if isinstance(member, staticmethod | classmethod):
                found[name] = _of_object(getattr(cls, name))
            elif callable(member):
                found[name] = member
        cls.methods = found

    def toString(self) -> str:
        """Give the object as a text."""
        return f"{self.java_name}@0"

    def __getattr__(self, name: str) -> Value:
        raise AttributeError(name)


JavaObject.methods = {"toString": JavaObject.toString}


class JavaIterator(JavaObject):
    """An iterator that can be asked whether there is more."""

    java_name = "java.util.Iterator"

    def __init__(self, items: Iterable[Value]) -> None:
        self._items: Iterator[Value] = iter(items)
        self._ahead: list[Value] = []

    def hasNext(self) -> bool:
        """Whether there is another."""
        if not self._ahead:
            for item in self._items:
                self._ahead.append(item)
                break
        return bool(self._ahead)

    def iterator(self) -> JavaIterator:
        """Give itself."""
        return self

    def hasMoreElements(self) -> bool:
        """Whether there is another."""
        return self.hasNext()

    def nextElement(self) -> Value:
        """Give the next."""
        return self.next()

    def next(self) -> Value:
        """Give the next."""
        from runtime.groovy.support.errors import NoSuchElementException

        if not self.hasNext():
            raise NoSuchElementException(None)
        return self._ahead.pop()


def wrap(value: int, bits: int) -> int:
    """Give a whole number as it is after an overflow of so many bits."""
    half = 1 << (bits - 1)
    return (value + half) % (1 << bits) - half


def signed(byte: int) -> Byte:
    """Give an element of an array of bytes: Java's have a sign."""
    return Byte(byte - 256 if byte > 127 else byte)  # noqa: PLR2004 - half of 256


def whole(value: int) -> int:
    """Give the smallest kind of whole number that holds a value: Integer, Long or BigInteger."""
    if value == wrap(value, INT_BITS):
        return int(value)
    return Long(value) if value == wrap(value, LONG_BITS) else BigInteger(value)


def is_number(value: Value) -> bool:
    """Whether a value is a number; true and false are none."""
    from decimal import Decimal

    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
