"""Calling methods and reading properties of any value, by the tables of its kind and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from runtime.groovy.support import cases, default_maps, lists, more_lists, string_numbers, strings
from runtime.groovy.support.characters import CHAR
from runtime.groovy.support.closures import arity, call, checked, items_of
from runtime.groovy.support.containers import ENTRY, LIST, MAP, SET
from runtime.groovy.support.digests import decoded
from runtime.groovy.support.errors import (
    ArrayIndexOutOfBoundsException,
    MissingMethodException,
    MissingPropertyException,
    NullPointerException,
    NumberFormatException,
    StringIndexOutOfBoundsException,
    Throwable,
)
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.names import class_name
from runtime.groovy.support.number_methods import NUMBER
from runtime.groovy.support.objects import Scripted, put_field
from runtime.groovy.support.operators import compare, equal, minus, plus, times
from runtime.groovy.support.queues import QUEUE, STACK
from runtime.groovy.support.texts import java_text, text_of
from runtime.groovy.support.values import Array, Char, Entry, JavaObject, JavaSet, Queue, Stack, Value, signed
from runtime.groovy.support.views import VIEW, EntryView, KeyView, ValueView
from runtime.groovy.support.xml import Nodes
from runtime.groovy.support.xml_nodes import Node, NodeList

Methods = dict[str, Callable[..., Value]]


def _with(value: Value, function: Callable[..., Value]) -> Value:
    return call(function, value)


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode("ascii")


def _memoize(function: Callable[..., Value]) -> Callable[..., Value]:
    kept: dict[Value, Value] = {}

    def remembered(*arguments: Value) -> Value:
        key = tuple(key_of(argument) for argument in arguments)
        if key not in kept:
            kept[key] = call(function, *arguments)
        return kept[key]

    return remembered


def _set_closure(name: str) -> Callable[..., None]:
    return lambda function, value: setattr(function, name, value)


_CLOSURE: Methods = {
    "call": call,
    "getMaximumNumberOfParameters": arity,
    "curry": lambda function, *first: lambda *rest: call(function, *first, *rest),
    "rcurry": lambda function, *last: lambda *rest: call(function, *rest, *last),
    "ncurry": lambda function, at, *some: lambda *rest: call(function, *rest[:at], *some, *rest[at:]),
    "memoize": _memoize,
    "setDelegate": _set_closure("delegate"),
    "setResolveStrategy": _set_closure("resolveStrategy"),
    "rightShift": lambda function, then: lambda *arguments: call(then, call(function, *arguments)),
    "leftShift": lambda function, before: lambda *arguments: call(function, call(before, *arguments)),
}


def _unhexed(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise NumberFormatException("odd number of characters in hex string") from error


_BYTES: Methods = {
    "size": len,
    "encodeBase64": _base64,
    "encodeHex": lambda data: data.hex(),
}
THROWABLE: Methods = {
    "getMessage": lambda error: error.message,
    "getLocalizedMessage": lambda error: error.message,
    "getCause": lambda error: error.cause,
    "printStackTrace": lambda _error, *_: None,
    "getStackTrace": lambda _error: Array(),
}
_ANY: Methods = {
    "toString": java_text,
    "equals": equal,
    "with": _with,
    "isCase": cases.is_case,
    "getAt": lambda value, index: item(value, index),  # noqa: PLW0108 - it is defined below
    "putAt": lambda value, index, held: put_item(value, index, held),  # noqa: PLW0108 - as above
    "is": lambda value, other: value is other,
}
_OPERATORS: Methods = {"plus": plus, "minus": minus, "multiply": times, "compareTo": compare}
_BOOLEAN: Methods = {
    "booleanValue": lambda value: value,
    "and": lambda value, other: value and other,
    "or": lambda value, other: value or other,
}

_NODES: Methods = {"text": NodeList.text}
_ = (default_maps, more_lists, string_numbers)  # they fill tables
EXTRA: tuple[Methods, ...] = (
    _NODES,
    QUEUE.methods,
    STACK.methods,
    _CLOSURE,
    _BYTES,
    THROWABLE,
    _ANY,
    _OPERATORS,
    _BOOLEAN,
)

strings.STRING.methods["decodeHex"] = _unhexed
strings.STRING.methods["decodeBase64"] = lambda text: decoded(text.encode())
_ITERATED = {name: lists.ITEMS.methods[name] for name in ("each", "eachWithIndex", "collect", "every", "any", "inject")}


def tables_of(value: Value) -> tuple[Methods, ...]:  # noqa: C901, PLR0912 - one line a kind of value
    """Give the tables in which a method of `value` is looked up, in their order."""
    match value:
        case bool():
            return (_BOOLEAN,)
        case Char():
            return (CHAR.methods, strings.STRING.methods, _OPERATORS)
        case str():
            return (strings.STRING.methods, _ITERATED, _OPERATORS)
        case int() | float() | Decimal():
            return (NUMBER.methods,)
        case KeyView():
            return (VIEW.methods, SET.methods, lists.ITEMS.methods, _OPERATORS)
        case EntryView() | ValueView():
            return (VIEW.methods, LIST.methods, lists.ITEMS.methods, _OPERATORS)
        case JavaSet():
            return (SET.methods, lists.ITEMS.methods, _OPERATORS)
        case dict():
            return (MAP.methods, lists.ITEMS.methods)
        case Queue():
            return (QUEUE.methods, LIST.methods, lists.ITEMS.methods, _OPERATORS)
        case Stack():
            return (STACK.methods, LIST.methods, lists.ITEMS.methods, _OPERATORS)
        case NodeList():
            return (_NODES, LIST.methods, lists.ITEMS.methods, _OPERATORS)
        case list() | range():
            return (LIST.methods, lists.ITEMS.methods, _OPERATORS)
        case bytes() | bytearray():
            return (_BYTES, lists.ITEMS.methods)
        case JavaObject():
            return (value.methods, lists.ITEMS.methods) if "iterator" in value.methods else (value.methods, _ITERATED)
        case Throwable():
            return (value.made_by.table, THROWABLE) if isinstance(value, Scripted) else (THROWABLE,)
        case Entry():
            return (ENTRY.methods, _ITERATED)
        case _ if callable(value):
            return (_CLOSURE,)
        case _:
            return ()


def invoke(value: Value, name: str, *arguments: Value) -> Value:
    """Call a method.

    Raises:
        NullPointerException: there is no value.
        MissingMethodException: there is no such method.
    """
    if value is None and name not in {"toString", "equals", "is"}:
        raise NullPointerException(f"Cannot invoke method {name}() on null object")
    for table in (*tables_of(value), _ANY):
        function = table.get(name)
        if function is not None:
            return checked(function, name, value, *arguments)
    if isinstance(value, JavaObject) and "invokeMethod" in value.methods:
        return value.methods["invokeMethod"](value, name, *arguments)
    if isinstance(value, dict) and callable(value.get(name)):
        return call(value[name], *arguments)
    types = ", ".join(class_name(argument) for argument in arguments)
    shown = ", ".join(text_of(argument) for argument in arguments)
    message = f"{class_name(value)}.{name}() is applicable for argument types: ({types}) values: [{shown}]"
    raise MissingMethodException(f"No signature of method: {message}")


def invoke_each(values: Value, name: str, *arguments: Value) -> Value:
    """``values*.name(…)``."""
    return None if values is None else [None if each is None else invoke(each, name, *arguments)
                                        for each in items_of(values)]  # fmt: skip


_OF_LISTS = frozenset(["empty", "indices"])  # properties of a list itself, and not of its elements


def prop(value: Value, name: str) -> Value:  # noqa: C901 - one line a kind of value
    """Read a property: of a map the value of that key, of a list the properties of its elements.

    Raises:
        NullPointerException: there is no value.
        MissingPropertyException: there is no such property.
    """
    if value is None:
        raise NullPointerException(f"Cannot get property '{name}' on null object")
    if isinstance(value, dict) and not isinstance(value, JavaSet):
        return value.get(name)
    if isinstance(value, Nodes | NodeList):
        return value.property(name)
    if isinstance(value, Node):
        return value.getProperty(name)
    if isinstance(value, Array | bytes | bytearray) and name == "length":
        return len(value)
    if isinstance(value, list | JavaSet) and name not in _OF_LISTS:
        return [prop(each, name) for each in value]
    getter = _getter(value, name)
    if getter is not None:
        return getter(value)
    if isinstance(value, Scripted) and name in value.held:
        return value.held[name]
    if isinstance(value, JavaObject) and "getProperty" in value.methods:
        return value.methods["getProperty"](value, name)
    if isinstance(value, JavaObject) and "get" in value.methods:
        return value.methods["get"](value, name)
    raise MissingPropertyException(f"No such property: {name} for class: {class_name(value)}")


def _getter(value: Value, name: str) -> Callable[..., Value] | None:
    capital = name[:1].upper() + name[1:]
    for table in tables_of(value):
        for getter in (f"get{capital}", f"is{capital}"):
            if getter in table:
                return table[getter]
    return None


def prop_each(values: Value, name: str) -> Value:
    """``values*.name``."""
    return None if values is None else [None if each is None else prop(each, name) for each in items_of(values)]


def put_prop(value: Value, name: str, held: Value) -> Value:
    """Set a property; give what was set."""
    if value is None:
        raise NullPointerException(f"Cannot set property '{name}' on null object")
    if isinstance(value, dict):
        value[name] = held
        return held
    if callable(value) and name in {"delegate", "resolveStrategy"}:
        setattr(value, name, held)
        return held
    if isinstance(value, Nodes) or (isinstance(value, Node) and name.startswith("@")):
        value.put(name, held)
        return held
    setter = f"set{name[:1].upper()}{name[1:]}"
    for table in tables_of(value):
        for candidate in (setter,) if isinstance(value, Node) else (setter, "putAt"):
            if candidate in table:
                table[candidate](value, *([held] if candidate == setter else [name, held]))
                return held
    if isinstance(value, Scripted) and name in value.held:
        return put_field(value, name, held)
    raise MissingPropertyException(f"No such property: {name} for class: {class_name(value)}")


def own(value: Value, name: str, others: dict[str, Value]) -> Value:
    """Read a name in ``value.with { … }``: a property of the value, or else one of the `others`."""
    try:
        return prop(value, name)
    except MissingPropertyException:
        return others[name]


def put_own(value: Value, name: str, held: Value, others: dict[str, Value]) -> Value:
    """Set a name in ``value.with { … }``; give what was set."""
    try:
        return put_prop(value, name, held)
    except MissingPropertyException:
        others[name] = held
        return held


def item(value: Value, index: Value) -> Value:
    """``value[index]``.

    Raises:
        NullPointerException: there is no value.
    """
    if value is None:
        raise NullPointerException("Cannot invoke method getAt() on null object")
    if isinstance(value, dict):
        return value.get(key_of(index))
    if isinstance(value, str | list | range | bytes | bytearray):
        return _item_of_sequence(value, index)
    if isinstance(value, JavaObject) and "getAt" in value.methods:
        return value.methods["getAt"](value, index)
    if isinstance(index, str):
        return prop(value, index)
    return invoke(value, "getAt", index) if not isinstance(value, JavaObject | Throwable) else _no_items(value)


def _no_items(value: Value) -> Value:
    raise MissingMethodException(f"No signature of method: {class_name(value)}.getAt()")


def _item_of_sequence(value: Value, index: Value) -> Value:
    if isinstance(index, list | range):
        parts = [_item_of_sequence(value, each) for each in _places(index, len(value))]
        return "".join(parts) if isinstance(value, str) else parts
    if isinstance(index, str):
        return prop(value, index)
    at = index + len(value) if index < 0 else index
    if 0 <= at < len(value):
        found = value[at]
        return signed(found) if isinstance(value, bytes | bytearray) else found
    if isinstance(value, str):
        raise StringIndexOutOfBoundsException(f"String index out of range: {index}")
    if isinstance(value, Array) or index < 0:
        raise ArrayIndexOutOfBoundsException(str(index))
    return None


def _places(index: Value, size: int) -> Value:
    """Give the places that an index of several names: ``1..-1`` runs from the second to the last."""
    if not isinstance(index, range) or not index:
        return index
    first, last = index[0], index[-1]
    if (first < 0) == (last < 0):
        return index
    first, last = (place + size if place < 0 else place for place in (first, last))
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def put_item(value: Value, index: Value, held: Value) -> Value:
    """``value[index] = held``; a list grows where it is too short. Give what was set."""
    if value is None:
        raise NullPointerException("Cannot invoke method putAt() on null object")
    if isinstance(value, dict):
        value[key_of(index)] = held
    elif isinstance(value, list | bytearray):
        at = index + len(value) if index < 0 else index
        if at < 0 or (isinstance(value, Array | bytearray) and at >= len(value)):
            raise ArrayIndexOutOfBoundsException(str(index))
        if isinstance(value, bytearray):
            value[at] = int(held) % 256
            return held
        value.extend([None] * (at + 1 - len(value)))
        value[at] = held
    else:
        invoke(value, "putAt", index, held)
    return held
