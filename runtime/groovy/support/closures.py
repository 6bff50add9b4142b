"""Calling closures: they take what they are given as their parameters say."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator

from runtime.groovy.support.errors import MissingMethodException, NullPointerException
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Entry, JavaIterator, JavaObject, JavaSet, Value, signed

Function = Callable[..., Value]


def arity(function: Value) -> int:
    """Give how many parameters a closure has; 1 where ``it`` is implied."""
    if isinstance(function, JavaObject):
        return 2 if "compare" in function.methods else 1
    code = getattr(function, "__code__", None)
    return int(code.co_argcount) if code is not None else 1


def call(function: Value, *arguments: Value) -> Value:
    """Call a closure; one list is spread over several parameters.

    Raises:
        MissingMethodException: it takes other arguments.
    """
    if function is None:
        raise NullPointerException("Cannot invoke method call() on null object")
    if isinstance(function, JavaObject) and "call" in function.methods:
        return function.methods["call"](function, *arguments)
    if not callable(function) or isinstance(function, JavaObject):
        raise MissingMethodException(f"No signature of method: call() is applicable to {text_of(function)}")
    if len(arguments) == 1 and arity(function) > 1 and isinstance(arguments[0], list):
        arguments = tuple(arguments[0])
    delegate = getattr(function, "delegate", None)
    if delegate is not None:
        from runtime.groovy.support.delegates import OWNER_FIRST, delegating

        with delegating(delegate, getattr(function, "resolveStrategy", OWNER_FIRST)):
            return checked(function, "call", *arguments)
    return checked(function, "call", *arguments)


def checked(function: Function, name: str, *arguments: Value) -> Value:
    """Call a function; arguments that it does not take are an error of the script, not of Python."""
    try:
        return function(*arguments)
    except TypeError as error:
        try:
            inspect.signature(function).bind(*arguments)
        except TypeError:
            shown = ", ".join(text_of(argument) for argument in arguments)
            message = f"No signature of method: {name}() is applicable for values: [{shown}]"
            raise MissingMethodException(message) from error
        raise


def call_each(function: Function, item: Value) -> Value:
    """Call a closure for an element; an entry of a map goes to two parameters as key and value."""
    if isinstance(item, Entry) and arity(function) == 2:  # noqa: PLR2004 - key and value
        return function(item.key, item.value)
    return call(function, item)


def call_with(function: Function, first: Value, item: Value) -> Value:
    """Call a closure with what was gathered (or an index) and an element, an entry as key and value."""
    if isinstance(item, Entry) and arity(function) == 3:  # noqa: PLR2004 - gathered, key and value
        return function(first, item.key, item.value)
    return call(function, first, item)


def items_of(value: Value) -> Iterable[Value]:
    """Give what ``for (a in value)`` and ``each`` go through: nothing of null, entries of a map, letters of a text."""
    if value is None:
        return ()
    if isinstance(value, list | range | JavaSet):
        return _stable(value)
    if isinstance(value, dict):
        return [Entry(value, key) for key in value]
    if isinstance(value, str):
        return list(value)
    if isinstance(value, bytes | bytearray):
        return [signed(byte) for byte in value]
    if isinstance(value, JavaIterator):
        return _rest(value)
    if isinstance(value, JavaObject) and "iterator" in value.methods:
        return _rest(value.methods["iterator"](value))
    return (value,)


def _rest(iterator: JavaIterator) -> Iterator[Value]:
    while iterator.hasNext():
        yield iterator.next()


def _stable(value: list[Value] | range | JavaSet) -> Iterator[Value]:
    """Go through a collection; changing it meanwhile is an error, as in Java."""
    from runtime.groovy.support.errors import ConcurrentModificationException

    size = len(value)
    for item in value:
        yield item
        if len(value) != size:
            raise ConcurrentModificationException(None)
