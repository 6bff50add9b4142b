"""Any value as a text: what ``toString``, GStrings and ``+`` write."""

from __future__ import annotations

import math
from decimal import Decimal

from runtime.groovy.support.errors import Throwable
from runtime.groovy.support.values import Entry, JavaObject, JavaSet, Value

_LARGEST_PLAIN = 1e7  # from here on a Double is written with an exponent
_SMALLEST_PLAIN = 1e-3
DEEPEST = 200  # lists within lists: deeper ones hold themselves


def text_of(value: Value, depth: int = 0) -> str:  # noqa: C901, PLR0912 - one line a kind of value
    """Give a value as Groovy writes it."""
    match value:
        case str():
            return str(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(Decimal(value)) if isinstance(value, Decimal) else int.__repr__(value)
        case float():
            return double_text(value)
        case JavaSet():
            return _listed(list(value), depth)
        case dict():
            return _mapped(value, depth)
        case list() | range() | tuple():
            return _listed(list(value), depth)
        case bytes() | bytearray():
            return _listed([byte - 256 if byte > 127 else byte for byte in value], depth)  # noqa: PLR2004 - signed
        case Entry():
            return f"{text_of(value.key)}={text_of(value.value)}"
        case JavaObject():
            return value.toString()
        case Throwable():
            return str(value)
        case _:
            return "closure"


def _listed(items: list[Value], depth: int) -> str:
    if depth > DEEPEST:
        return "[...]"
    return "[" + ", ".join(text_of(item, depth + 1) for item in items) + "]"


def _mapped(items: dict[Value, Value], depth: int) -> str:
    if depth > DEEPEST:
        return "[...]"
    pairs = (f"{text_of(key, depth + 1)}:{text_of(value, depth + 1)}" for key, value in items.items())
    return "[" + (", ".join(pairs) or ":") + "]"


def java_text(value: Value) -> str:
    """Give a value as its own ``toString`` writes it: maps with braces, as Java does."""
    if isinstance(value, dict) and not isinstance(value, JavaSet):
        return "{" + ", ".join(f"{java_text(key)}={java_text(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | range | JavaSet):
        return "[" + ", ".join(java_text(item) for item in value) + "]"
    return text_of(value)


def double_text(value: float) -> str:
    """Give a Double as Java writes it: ``1.0``, ``1.0E10``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    shown = "".join(map(str, digits))
    power = len(digits) - 1 + (exponent if isinstance(exponent, int) else 0)
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"


def text(*parts: Value) -> str:
    """Give the parts of a text in one, each as Groovy writes it."""
    return "".join([part if isinstance(part, str) else text_of(part) for part in parts])
