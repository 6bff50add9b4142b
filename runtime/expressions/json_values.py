"""JSON as values and back, with exact numbers: integers stay integers, every other number becomes a Decimal.

Shared by expressions and maps, so that both read a document alike.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow, Rounded, Subnormal
from typing import cast

import msgspec

from runtime.errors import DocumentFault
from runtime.expressions.json_pieces import decode_large

MAX_EXPONENT = (
    1_000  # decimal digits left or right of the point; a number beyond it is hostile when written out in full
)
LARGE = 1024 * 1024  # bytes: a document that is decoded at once takes some 30 ms, which no caller notices
PIECE = 256 * 1024  # bytes of a larger one that are decoded at once: the 5 ms that a thread is given in any case

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def decode(content: bytes) -> object:
    """Read one JSON document; a large one piece by piece, so that it may be read beside the event loop.

    Raises:
        DocumentFault: ``json.empty``, ``json.malformed``, ``json.too-deep`` or ``json.number-too-large``.
    """
    if not content:
        raise DocumentFault("json.empty", "the document is empty where JSON is expected")
    if len(content) > LARGE:
        return decode_large(content, PIECE, _decode)
    try:
        return read(content)
    except (ValueError, ArithmeticError, RecursionError):
        return _decode(content)


def _decode(content: bytes) -> object:
    try:
        return cast("object", _DECODER.decode(content))
    except msgspec.ValidationError as error:  # only numbers can be invalid where no type is asked for
        raise DocumentFault("json.number-too-large", f"a number of the document is out of range: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DocumentFault("json.malformed", f"the document is not JSON: {error}") from error
    except RecursionError as error:
        raise DocumentFault("json.too-deep", "the document is nested too deeply") from error


def encode(value: object) -> bytes:
    """Write a value as compact JSON; decimals keep every digit.

    Raises:
        DocumentFault: ``json.not-a-value``, ``json.too-deep``: the value has no JSON form.
    """
    try:
        return _ENCODER.encode(value)
    except RecursionError as error:
        raise DocumentFault("json.too-deep", "the value is nested too deeply to be written as JSON") from error
    except (TypeError, ValueError) as error:
        raise DocumentFault("json.not-a-value", f"the value cannot be written as JSON: {error}") from error


def exact(text: str) -> Decimal:
    """Read a decimal number as it is written.

    Raises:
        ValueError: the text is no number, or one that would take more than MAX_EXPONENT digits to write in full.
    """
    try:
        number = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"{text!r} is not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT or len(text) > MAX_EXPONENT:
        raise ValueError(f"numbers are limited to {MAX_EXPONENT} digits")
    return number


def plain(number: Decimal) -> str:
    """Write a decimal in full, without an exponent; trailing zeros stay as they were written."""
    return format(number, "f")


USUAL_NUMBERS = Context(
    prec=100,
    Emax=500,
    Emin=-500,
    traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded, Subnormal],
)
"""Reads numbers that are far from every limit, without a line of Python; it refuses any other."""

_DECODER = msgspec.json.Decoder(float_hook=exact)

read: Callable[[bytes], object] = msgspec.json.Decoder(float_hook=USUAL_NUMBERS.create_decimal).decode
"""Reads a usual document, which is not large. It raises ValueError, ArithmeticError or RecursionError for any other,
and `decode` knows what to say of it.
"""

write: Callable[[object], bytes] = _ENCODER.encode
"""Writes as `encode` does, and raises what that makes faults of."""
