"""How values print where a text is wanted."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from runtime.expressions.json_values import encode, plain


def text_of(value: object, missing: str = "") -> str:
    """Give the text of a value; `missing` stands for null.

    Integers and decimals print plain, without an exponent, booleans as ``true`` and ``false``, times in RFC 3339,
    durations as seconds (``90s``), objects and lists as compact JSON.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return missing
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f"{plain(Decimal(value // timedelta(microseconds=1)).scaleb(-6).normalize())}s"
    return encode(value).decode()
