"""Comparisons as the platform makes them (reference 1.14).

Numeric only when both sides are numbers, else text, case-sensitive; null counts as empty text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal

from runtime.expressions.json_values import exact
from runtime.expressions.patterns import full_match, wildcard_match
from runtime.expressions.text import text_of
from runtime.model.values import Operator

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)

_NUMERIC: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "matches": lambda text, pattern: full_match(pattern, text),
    "wildcard": lambda text, pattern: wildcard_match(pattern, text),
}


def compare(how: Operator, left: object, right: object) -> bool:
    """Compare two values.

    Raises:
        DocumentFault: the right side of ``matches`` is no pattern, or takes too long.
    """
    first, second = text_of(left), text_of(right)
    numeric = _NUMERIC.get(how)
    if numeric is not None:
        a, b = number_of(first), number_of(second)
        if a is not None and b is not None:
            return numeric(a, b)
    return _TEXTUAL[how](first, second)


def number_of(text: str) -> Decimal | None:
    """Read a text as a decimal number; None when it is none. Blanks around it count as text."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return exact(text)
    except ValueError:
        return None
