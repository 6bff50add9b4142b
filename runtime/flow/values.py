"""Values: the text forms of Flow and the JSON forms of a document, exactly, both ways (wire protocol A.4, E.4).

A number is never a binary float: its digits pass from text to text. A datetime is an instant; a document holds it as
``yyyy-MM-dd'T'HH:mm:ss.SSS'Z'``. Functions here raise ValueError with the half sentence that follows the name of the
value, without the value itself: a value may be secret.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

MAX_PLAIN_DIGITS = (
    1_100  # digits of a number without its exponent: any double fits; one exponent cannot fill the memory
)

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?", re.ASCII)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"  # a date alone is what the player's date picker posts
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"(?:\s?(Z|z|[+-]\d\d:?\d\d))?)?",
    re.ASCII,
)
_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?(?: ([AaPp])[Mm])?(?: (Z|[+-]\d\d:?\d\d))?)?", re.ASCII
)


def read_number(text: str) -> str | None:
    """Give the digits of a number as JSON writes them, unchanged where they already are; None when it is blank.

    Raises:
        ValueError: `text` is not a decimal number, or too long without its exponent.
    """
    if _PLAIN.fullmatch(text) and len(text) <= MAX_PLAIN_DIGITS:
        return text
    text = text.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number")
    return plain(Decimal(text))


def plain(number: Decimal) -> str:
    """Write a number without an exponent; digits after the point stay as they are.

    Raises:
        ValueError: it is not finite, or needs more than `MAX_PLAIN_DIGITS` digits.
    """
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("is not a number")  # noqa: TRY004 - NaN and infinity are values, not types
    if len(digits) + abs(exponent) > MAX_PLAIN_DIGITS:
        raise ValueError(f"is a number of more than {MAX_PLAIN_DIGITS} digits")
    return format(number, "f")


def read_boolean(text: str) -> bool | None:
    """Give the truth value of ``true`` or ``false`` in any case; None when it is blank.

    Raises:
        ValueError: `text` is neither.
    """
    word = text.strip().lower()
    if word == "true":
        return True
    if word == "false":
        return False
    if not word:
        return None
    raise ValueError("is neither true nor false")


def read_datetime(text: str) -> str | None:
    """Give the instant as documents hold it, with milliseconds; None when it is blank.

    A time without an offset is UTC, a date alone is its midnight in UTC. Digits below the millisecond are cut.

    Raises:
        ValueError: `text` is in none of the forms that Flow uses, or there is no such instant.
    """
    text = text.strip()
    if not text:
        return None
    try:
        instant, milliseconds = _iso(text) or _american(text) or _no_datetime()
        instant = instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a datetime such as 2025-09-04T10:20:30.000Z") from error
    return f"{instant.replace(tzinfo=None).isoformat(timespec='seconds')}.{milliseconds}Z"


def write_text(value: object) -> str | None:
    """Give the text of a character entry; a number or truth value of the document becomes its text.

    Raises:
        ValueError: `value` is an object or a list.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | Decimal):
        return write_boolean(value) if isinstance(value, bool) else write_number(value)
    raise ValueError("is not a single value")


def write_number(value: object) -> str | None:
    """Give the decimal text of a number entry, without an exponent; text that is a number counts as one.

    Raises:
        ValueError: `value` is not a number.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return read_number(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("is not a number")


def write_boolean(value: object) -> str | None:
    """Give ``true`` or ``false``; text that says so counts as well.

    Raises:
        ValueError: `value` is neither.
    """
    if isinstance(value, str):
        value = read_boolean(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    raise ValueError("is neither true nor false")


def write_datetime(value: object) -> str | None:
    """Give the instant as Flow reads it: the form of `read_datetime`.

    Raises:
        ValueError: `value` is not the text of an instant.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return read_datetime(value)
    raise ValueError("is not the text of a datetime")


def exact_float(text: str) -> Decimal:
    """Decode a JSON number that is no integer: the hook of the document decoder.

    Raises:
        ValueError: its exponent is beyond what a decimal can hold.
    """
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("a number of the document has too large an exponent") from error


def _iso(text: str) -> tuple[datetime, str] | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups(default="")
    instant = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(offset)
    )
    return instant, fraction[:3].ljust(3, "0")


def _american(text: str) -> tuple[datetime, str] | None:
    match = _AMERICAN.fullmatch(text)
    if match is None:
        return None
    month, day, year, hour, minute, second, half, offset = match.groups(default="")
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:  # noqa: PLR2004 - the dial of a clock
            return _no_datetime()
        hours = hours % 12 + (12 if half in "Pp" else 0)
    instant = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=_zone(offset))
    return instant, "000"


def _zone(offset: str) -> timezone:
    if offset in {"", "Z", "z"}:
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[0] == "-" else distance)


def _no_datetime() -> tuple[datetime, str]:
    raise ValueError("no datetime")
