"""Masks for times, as Java's SimpleDateFormat reads and writes them.

Letters: ``G y M w W d D F E a H k h K m s S z Z X``, with the English names of months and days; text in single quotes
stands for itself, ``''`` is a quote. Reading is lenient, as Java's: the 32nd of January is the 1st of February. A
two-digit year from 50 on lies in the 1900s. A time read without a zone has none; writing a zone for it takes the
machine's. What is counted within weeks (``w W F``) can be written and not be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from runtime.errors import DocumentFault

MAX_MASK = 100  # characters

_TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<run>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<other>[^'])", re.DOTALL)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMERIC = "yMdHhmsSDkKwWF"
_OF_WEEKS = "wWF"
_UTC = "Z"  # in quotes: the time is told, and meant, in UTC (help text on the type Date/Time)
_NAMED_FROM = 3  # letters from which on a month is a name
_FULL_FROM = 4  # letters from which on a name is written in full
_CENTURY_TURN = 50


class _Token(NamedTuple):
    """A run of one letter with its length, or a text of its own (then `letter` is empty)."""

    letter: str
    length: int
    text: str

    @property
    def is_number(self) -> bool:
        return self.letter in _NUMERIC and self.letter != "" and not self.is_month_name

    @property
    def is_month_name(self) -> bool:
        return self.letter == "M" and self.length >= _NAMED_FROM


class DateMask:
    """A mask, ready to read and to write.

    Raises:
        DocumentFault: ``map.invalid-option``: the text is no mask.
    """

    def __init__(self, mask: str) -> None:
        self._mask = mask
        self._tokens = _tokens(mask)
        following = [after for _, after in pairwise([*self._tokens, _Token("", 0, "")])]
        parts = [_pattern(token, after) for token, after in zip(self._tokens, following, strict=True)]
        self._pattern = re.compile("".join(parts), re.IGNORECASE)
        self.utc = any(not token.letter and token.text == _UTC for token in self._tokens)
        self._reads = not any(token.letter and token.letter in _OF_WEEKS for token in self._tokens)

    def read(self, text: str) -> datetime:
        """Give the time that a text tells.

        Raises:
            DocumentFault: ``map.not-a-date``.
        """
        match = self._pattern.fullmatch(text.strip()) if self._reads else None
        if match is None:
            raise DocumentFault("map.not-a-date", f"the value is not a date of the form '{self._mask}'")
        try:
            return _assemble(match.groupdict())
        except (ValueError, OverflowError) as error:
            raise DocumentFault("map.not-a-date", f"the date is out of range: {error}") from error

    def write(self, time: datetime) -> str:
        """Give a time in this form."""
        return "".join(_WRITERS[token.letter](time, token) for token in self._tokens)


def _tokens(mask: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    at = 0
    while at < len(mask):
        match = _TOKEN.match(mask, at)
        if match is None or len(mask) > MAX_MASK:
            raise _invalid(mask, "a quote is not closed" if match is None else f"it is longer than {MAX_MASK}")
        at = match.end()
        if match["run"] is not None:
            tokens.append(_Token(match["letter"], len(match["run"]), match["run"]))
        else:
            quoted = match["quoted"]
            text = match["other"] if quoted is None else quoted.replace("''", "'") or "'"
            tokens.append(_Token("", 0, text))
    letters = [token.letter for token in tokens if token.letter]
    unknown = next((letter for letter in letters if letter not in _WRITERS), None)
    if unknown is not None:
        raise _invalid(mask, f"'{unknown}' stands for nothing here")
    if len(set(letters)) < len(letters):
        raise _invalid(mask, "a letter stands in two places")
    return tuple(tokens)


def _invalid(mask: str, reason: str) -> DocumentFault:
    return DocumentFault("map.invalid-option", f"'{mask}' is no mask for dates: {reason}")


def _pattern(token: _Token, following: _Token) -> str:
    if not token.letter:
        return re.escape(token.text)
    if token.is_number:
        # numbers side by side have the width of the mask; one that stands alone may be longer
        return f"(?P<{token.letter}>[0-9]{{{token.length if following.is_number else '1,9'}}})"
    return f"(?P<{token.letter}>{_NAMED[token.letter]})"


def _assemble(parts: Mapping[str, str | None]) -> datetime:
    """Add up the parts of a time; each may be larger than its range."""
    months = _year(parts.get("y")) * 12 + _month(parts.get("M")) - 1
    start = datetime(months // 12, months % 12 + 1, 1, tzinfo=_zone(parts.get("X") or parts.get("Z") or parts.get("z")))
    return start + timedelta(
        days=_number(parts.get("D") or parts.get("d"), 1) - 1,
        hours=_hours(parts),
        minutes=_number(parts.get("m"), 0),
        seconds=_number(parts.get("s"), 0),
        milliseconds=_number(parts.get("S"), 0),
    )


def _number(text: str | None, default: int) -> int:
    return default if text is None else int(text)


def _year(text: str | None) -> int:
    year = _number(text, 1970)
    if text is None or len(text) != 2:  # noqa: PLR2004 - a year without its century
        return year
    return year + (1900 if year >= _CENTURY_TURN else 2000)


def _month(text: str | None) -> int:
    if text is None or text.isdigit():
        return _number(text, 1)
    return next(number for number, name in enumerate(_MONTHS, 1) if name.lower().startswith(text.lower()))


def _hours(parts: Mapping[str, str | None]) -> int:
    of_half_day = parts.get("h") or parts.get("K")
    if of_half_day is None:
        return _number(parts.get("H"), _number(parts.get("k"), 0) % 24)
    afternoon = (parts.get("a") or "am").lower() == "pm"
    return int(of_half_day) % 12 + (12 if afternoon else 0)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    named = _ZONES.get(text.upper())
    if named is not None:
        return timezone(timedelta(hours=named)) if named else UTC
    text = text.upper().removeprefix("GMT").removeprefix("UTC")
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _offset(time: datetime, token: _Token) -> str:
    """Write a zone: ``Z`` as +0100, ``X`` as +01, ``XX`` as +0100, ``XXX`` as +01:00; X writes UTC as Z."""
    aware = time if time.tzinfo is not None else time.astimezone()
    text = aware.strftime("%z")[:5]
    if token.letter == "Z":
        return text
    if text == "+0000":
        return "Z"
    return {1: text[:3], 2: text}.get(token.length, f"{text[:3]}:{text[3:]}")


def _month_text(time: datetime, token: _Token) -> str:
    if not token.is_month_name:
        return f"{time.month:0{token.length}d}"
    return _name(_MONTHS[time.month - 1], token)


def _name(name: str, token: _Token) -> str:
    return name if token.length >= _FULL_FROM else name[:3]


def _year_text(time: datetime, token: _Token) -> str:
    return f"{time.year % 100:02d}" if token.length == 2 else f"{time.year:0{token.length}d}"  # noqa: PLR2004


def _digits(part: Callable[[datetime], int]) -> Callable[[datetime, _Token], str]:
    return lambda time, token: f"{part(time):0{token.length}d}"


def _week_of(day: int, first_weekday: int) -> int:
    """Give the week, from 1, of a day counted from 0; weeks begin on Sunday, as in Java's default locale."""
    return (day + first_weekday) // 7 + 1


def _week_of_year(time: datetime) -> int:
    """Give the week of the year, Java's way: the 1st of January lies in week 1, and the days before it in its week."""
    following = datetime(time.year + 1, 1, 1)  # noqa: DTZ001 - dates alone are compared
    if (following.date() - time.date()).days <= _sunday_based(following):
        return 1
    first = datetime(time.year, 1, 1)  # noqa: DTZ001
    return _week_of(time.timetuple().tm_yday - 1, _sunday_based(first))


def _sunday_based(time: datetime) -> int:
    return (time.weekday() + 1) % 7


# Hours from UTC of the abbreviations that Java reads everywhere; others have more than one meaning.
_ZONES: Mapping[str, int] = MappingProxyType(
    {
        "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
        "PDT": -7, "CET": 1, "CEST": 2,
    }
)  # fmt: skip

_NAMED: Mapping[str, str] = MappingProxyType(
    {
        "M": "|".join(f"{name}|{name[:3]}" for name in _MONTHS),
        "E": "|".join(f"{name}|{name[:3]}" for name in _DAYS),
        "a": "am|pm",
        "G": "AD",
        "z": "(?:GMT|UTC)[+-][0-9]{1,2}:?[0-9]{2}|" + "|".join(sorted(_ZONES, key=len, reverse=True)),
        "Z": "[+-][0-9]{4}",
        "X": "Z|[+-][0-9]{2}(?::?[0-9]{2})?",
    }
)

_WRITERS: Mapping[str, Callable[[datetime, _Token], str]] = MappingProxyType(
    {
        "": lambda _, token: token.text,
        "y": _year_text,
        "M": _month_text,
        "d": _digits(lambda time: time.day),
        "H": _digits(lambda time: time.hour),
        "h": _digits(lambda time: time.hour % 12 or 12),
        "m": _digits(lambda time: time.minute),
        "s": _digits(lambda time: time.second),
        "S": _digits(lambda time: time.microsecond // 1000),
        "a": lambda time, _: "PM" if time.hour >= 12 else "AM",  # noqa: PLR2004 - noon
        "E": lambda time, token: _name(_DAYS[time.weekday()], token),
        "D": _digits(lambda time: time.timetuple().tm_yday),
        "F": _digits(lambda time: (time.day - 1) // 7 + 1),
        "G": lambda _time, _token: "AD",
        "K": _digits(lambda time: time.hour % 12),
        "W": _digits(lambda time: _week_of(time.day - 1, _sunday_based(time.replace(day=1)))),
        "k": _digits(lambda time: time.hour or 24),
        "w": _digits(_week_of_year),
        "z": lambda time, _token: (time if time.tzinfo is not None else time.astimezone()).tzname() or "",
        "Z": _offset,
        "X": _offset,
    }
)
