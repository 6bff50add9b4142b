"""Values that were computed, as they would be read again from the JSON that is made of them."""

from __future__ import annotations

from decimal import Decimal

from runtime.engine.mapping.occurrences import NOTHING
from runtime.expressions.json_values import decode, encode
from runtime.expressions.written import LeaveError

_SHORT = 100  # characters: a number of so many is far from every limit
_THE_SAME = frozenset({str, int, bool, type(None), type(NOTHING)})


def settled(value: object) -> object:
    """Give a value as it is after it was written and read; NOTHING stays, and a decimal without a fraction does not.

    Raises:
        DocumentFault: it cannot be written, or not be read again.
        ValueError: a number is out of range.
        LeaveError: what was read is written otherwise: that of -0 is 0.
    """
    kind = type(value)
    if kind in _THE_SAME:
        return value
    if kind is Decimal:
        text = str(value)
        if "." in text and len(text) < _SHORT and "E" not in text:
            return value
    written = encode(value)
    read = decode(written)
    if encode(read) != written:
        raise LeaveError
    return read
