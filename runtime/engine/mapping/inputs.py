"""Inputs of map functions as texts and as exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import TypeGuard

from runtime.errors import DocumentFault
from runtime.expressions import text_of
from runtime.expressions.comparisons import number_of

Compute = Callable[[Sequence[object]], object]
Options = Mapping[str, str]

_USUAL = 10**18  # whole numbers up to here are within every limit,
_SHORT = 100  # and so are numbers of so many characters
MAX_DIGITS = 4_000  # digits of a result; a product of inputs at their own limit stays within it

EXACT = Context(prec=MAX_DIGITS, Emin=-MAX_DIGITS, Emax=MAX_DIGITS, traps=[InvalidOperation, Overflow, Inexact])
"""Arithmetic that never rounds: a result that would need rounding, or that is too long in full, is an error."""

WIDE = Context(prec=3 * MAX_DIGITS, traps=[InvalidOperation, Overflow])
"""For steps in between, which may be longer than a result."""


def text_in(value: object) -> str:
    """Give the text of an input; nothing and null are empty."""
    return text_of(value)


def is_empty(value: object) -> bool:
    """Whether an input is nothing, null or an empty text."""
    return value is None or (isinstance(value, str) and not value)  # a decimal takes long to differ from a text


def is_usual(value: object) -> TypeGuard[int | Decimal]:
    """Whether a value is a number that is far from every limit, and written without an exponent."""
    if type(value) is Decimal:
        text = str(value)
        return len(text) < _SHORT and "E" not in text
    return type(value) is int and -_USUAL < value < _USUAL


def number_in(value: object) -> Decimal:
    """Give the number of an input.

    Raises:
        DocumentFault: ``map.not-a-number``: the input is no number, and no text that reads as one.
    """
    if is_usual(value):
        return Decimal(value)
    number = None if isinstance(value, bool) else number_of(text_of(value).strip())
    if number is None:
        raise DocumentFault("map.not-a-number", f"{_shown(value)} is not a number")
    return number


def whole_option(options: Options, name: str) -> int:
    """Give an option that is a whole number, 0 or more.

    Raises:
        DocumentFault: ``map.invalid-option``.
    """
    text = options[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6):  # noqa: PLR2004 - a million characters is no field
        raise DocumentFault("map.invalid-option", f"'{name}' must be a whole number of at most 6 digits, not '{text}'")
    return int(text)


def _shown(value: object) -> str:
    """Name the kind of a value: the value itself may be secret."""
    match value:
        case None | "":
            return "an empty value"
        case str():
            return "a text"
        case bool():
            return "a truth value"
        case dict() | list():
            return "an object or a list"
        case _:
            return "a value"
