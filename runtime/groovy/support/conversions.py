"""Making a value another type: declarations, casts and ``as``."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

from runtime.groovy.support.closures import items_of
from runtime.groovy.support.dates import Date
from runtime.groovy.support.errors import GroovyCastException, IllegalArgumentException
from runtime.groovy.support.names import class_name, is_instance
from runtime.groovy.support.numbers import as_decimal, number_of, parse_decimal, parse_whole
from runtime.groovy.support.operators import MOST_REPEATS, truth
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import (
    INT_BITS,
    LONG_BITS,
    Array,
    BigInteger,
    Byte,
    Char,
    JavaSet,
    Long,
    Value,
    is_number,
    wrap,
)

_WIDTHS = {"byte": 8, "Byte": 8, "short": 16, "Short": 16, "int": INT_BITS, "Integer": INT_BITS}
_PRIMITIVES = frozenset(["byte", "short", "int", "long", "float", "double", "char"])


def cast(value: Value, name: str) -> Value:
    """Make a value a type as a typed declaration, an assignment to it or ``(T) a`` does.

    Raises:
        GroovyCastException: it cannot be.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        return value
    if value is None:
        if name == "boolean":
            return False
        if name in _PRIMITIVES:
            raise _impossible(value, name)
        return None
    return maker(value, name)


def as_type(value: Value, name: str) -> Value:
    """``a as T``: as a cast, and texts are read as numbers.

    Raises:
        GroovyCastException: it cannot be.
        NumberFormatException: the text tells no number.
    """
    if isinstance(value, str) and not isinstance(value, Char):
        if name in _WIDTHS:
            return parse_whole(value.strip(), _WIDTHS[name])
        if name in {"long", "Long"}:
            return Long(parse_whole(value.strip(), LONG_BITS))
        if name == "BigDecimal":
            return parse_decimal(value.strip())
        if name in {"double", "Double", "float", "Float", "Number"}:
            return float(parse_decimal(value.strip()))
        if name == "BigInteger":
            return BigInteger(parse_whole(value.strip(), 32_000))
    if name in {"List", "ArrayList", "Collection"} and value is not None:
        return list(items_of(value))
    return cast(value, name)


def as_array(value: Value, name: str) -> Value:
    """Make a list an array; each element takes the array's type."""
    if value is None or (isinstance(value, bytes | bytearray) and name == "byte"):
        return value
    if not isinstance(value, list | range | JavaSet):
        raise _impossible(value, f"{name}[]")
    if name == "byte":
        return bytes(item % 256 for item in value)
    return Array(cast(item, name) for item in value)


def new_array(name: str, size: int, *inner: int) -> Value:
    """Give an array of so many zeros, falses or nulls, or of arrays of them."""
    if inner:
        return Array(new_array(name, *inner) for _ in range(size))
    if not 0 <= size <= MOST_REPEATS:
        raise IllegalArgumentException(f"an array has at most {MOST_REPEATS} elements")
    if name == "byte":
        return bytearray(size)
    zero: Value = {"boolean": False, "char": Char("\0"), "float": 0.0, "double": 0.0}.get(name)
    return Array([0 if zero is None and name in _PRIMITIVES else zero] * size)


def _impossible(value: Value, name: str) -> GroovyCastException:
    shown = f"Cannot cast object '{text_of(value)}' with class '{class_name(value)}' to class '{name}'"
    return GroovyCastException(shown)


def _whole(value: Value, name: str) -> int:
    number = _number(value, name)
    made = wrap(_truncated(number), _WIDTHS[name])
    return Byte(made) if name in {"byte", "Byte"} else made


def _number(value: Value, name: str) -> Value:
    number = number_of(value) if not (isinstance(value, str) and len(value) == 1) else ord(value)
    if not is_number(number):
        raise _impossible(value, name)
    return number


def _truncated(number: Value) -> int:
    """Give the whole part; a Double beyond all bounds is the largest, one that is no number is 0."""
    if isinstance(number, float):
        if math.isnan(number):
            return 0
        number = max(min(number, 2.0**63), -(2.0**63))
    return int(number)


def _long(value: Value, name: str) -> Long:
    if isinstance(value, Date):
        return value.getTime()
    return Long(wrap(_truncated(_number(value, name)), LONG_BITS))


def _big(value: Value, name: str) -> BigInteger:
    return BigInteger(_truncated(_number(value, name)))


def _double(value: Value, name: str) -> float:
    return float(_number(value, name))


def _decimal(value: Value, name: str) -> Decimal:
    return as_decimal(_number(value, name))


def _char(value: Value, name: str) -> Char:
    if is_number(value):
        return Char(chr(int(value)))
    text = text_of(value)
    if len(text) != 1:
        raise _impossible(value, name)
    return Char(text)


def _text(value: Value, _name: str) -> str:
    return str.__str__(value) if isinstance(value, str) else text_of(value)


def _numeric(value: Value, name: str) -> Value:
    return _number(value, name)


def _set(value: Value, _name: str) -> JavaSet:
    return value if isinstance(value, JavaSet) else JavaSet(items_of(value))


def _list(value: Value, name: str) -> Value:
    if isinstance(value, range) or (isinstance(value, list) and not isinstance(value, Array)):
        return value
    if isinstance(value, Array | JavaSet):
        return list(value)
    raise _impossible(value, name)


def _map(value: Value, name: str) -> Value:
    from runtime.groovy.support.properties import Properties

    if isinstance(value, Properties) or is_instance(value, "Map"):
        return value
    raise _impossible(value, name)


_MAKERS: dict[str, Callable[[Value, str], Value]] = {
    **dict.fromkeys(_WIDTHS, _whole),
    "long": _long,
    "Long": _long,
    "BigInteger": _big,
    "BigDecimal": _decimal,
    "double": _double,
    "Double": _double,
    "float": _double,
    "Float": _double,
    "Number": _numeric,
    "boolean": lambda value, _: truth(value),
    "Boolean": lambda value, _: truth(value),
    "char": _char,
    "Character": _char,
    "String": _text,
    "Set": _set,
    "HashSet": _set,
    "LinkedHashSet": _set,
    "List": _list,
    "ArrayList": _list,
    "Map": _map,
    "HashMap": _map,
    "LinkedHashMap": _map,
}
CONVERTS = frozenset(_MAKERS)  # the types for which a declaration says something about the value
