"""Masks of times as ``SimpleDateFormat`` and ``DateTimeFormatter`` read and write them, with English names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from runtime.groovy.support.errors import IllegalArgumentException
from runtime.groovy.support.zones import zone_named

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<run>([A-Za-z])\3*)|(?P<other>[^'A-Za-z])", re.DOTALL)
_FULL = 4  # letters from which on a name is written in full
_NAMED = 3  # letters from which on a month is a name
_SHORT_YEAR = 2
_NUMBERS = "yuMdHhkKmsSDn"
_MOST_AHEAD = 20  # years: a year of two digits lies at most so far in the future
LONGEST = 200  # characters of a mask


class _Token(NamedTuple):
    letter: str
    length: int
    text: str = ""

    @property
    def is_number(self) -> bool:
        return bool(self.letter) and self.letter in _NUMBERS and not self.is_name

    @property
    def is_name(self) -> bool:
        return self.letter == "M" and self.length >= _NAMED


class Parts(NamedTuple):
    """What a text said of a time."""

    time: datetime
    zone: tzinfo | None
    fields: frozenset[str]
    end: int


@lru_cache(maxsize=256)
def mask_of(mask: str, *, strict: bool) -> Mask:
    """Give a mask, ready to use; `strict` for ``DateTimeFormatter``, lenient for ``SimpleDateFormat``."""
    return Mask(mask, strict=strict)


class Mask:
    """A mask; ``read`` gives what a text says, ``write`` a time in its form."""

    def __init__(self, mask: str, *, strict: bool) -> None:
        self.mask = mask
        self._strict = strict
        self._tokens = _tokens(mask)
        followers = [after for _, after in pairwise([*self._tokens, _Token("", 0)])]
        self._order: list[_Token] = []
        parts = [self._pattern(token, after) for token, after in zip(self._tokens, followers, strict=True)]
        self._regex = re.compile("".join(parts), re.IGNORECASE)

    def _pattern(self, token: _Token, after: _Token) -> str:
        if not token.letter:
            return re.escape(token.text)
        self._order.append(token)
        if token.is_number:
            wide = f"{{{token.length}}}" if after.is_number or (self._strict and token.length > 1) else "{1,9}"
            blank = "" if self._strict else r"\s*"
            return (
                rf"{blank}(-?[0-9]{wide})" if token.letter in "yu" and not after.is_number else f"({blank}[0-9]{wide})"
            )
        return f"({_TEXTS[token.letter]})"

    def read(self, text: str, *, whole: bool = False, lenient: bool = True) -> Parts | None:
        """Give what `text` says, or None where it has another form. A lenient reader takes the 32nd of a month."""
        match = self._regex.fullmatch(text) if whole else self._regex.match(text)
        if match is None:
            return None
        found = {token.letter: (part.strip(), token) for token, part in zip(self._order, match.groups(), strict=True)}
        try:
            time = _assembled(found, lenient=lenient, strict=self._strict)
        except (ValueError, OverflowError):
            return None
        zone = next((zone_named(found[letter][0].upper() if letter != "z" else found[letter][0])
                     for letter in "XxZzV" if letter in found), None)  # fmt: skip
        return Parts(time, zone, frozenset(found), match.end())

    def write(self, time: datetime) -> str:
        """Give a time in this form; for its zone it must have one."""
        return "".join(
            token.text if not token.letter else _write(token, time, strict=self._strict) for token in self._tokens
        )


def _tokens(mask: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    at = 0
    if len(mask) > LONGEST:
        raise IllegalArgumentException(f"a mask has at most {LONGEST} characters")
    while at < len(mask):
        match = _TOKEN.match(mask, at)
        if match is None:
            raise IllegalArgumentException("Unterminated quote")
        at = match.end()
        if match["run"]:
            letter = match["run"][0]
            if letter not in _NUMBERS and letter not in _TEXTS:
                raise IllegalArgumentException(f"Illegal pattern character '{letter}'")
            tokens.append(_Token("M" if letter == "L" else letter, len(match["run"])))
        else:
            quoted = match["quoted"]
            tokens.append(_Token("", 0, match["other"] if quoted is None else quoted.replace("''", "'") or "'"))
    return tuple(tokens)


_TEXTS: Mapping[str, str] = {
    "M": "|".join(f"{name}|{name[:3]}" for name in _MONTHS),
    "L": "|".join(f"{name}|{name[:3]}" for name in _MONTHS),
    "E": "|".join(f"{name}|{name[:3]}" for name in _DAYS),
    "a": "AM|PM",
    "Z": r"[+-]\d{4}|Z|GMT|UTC",
    "X": r"Z|[+-]\d{2}(?::?\d{2})?",
    "x": r"[+-]\d{2}(?::?\d{2})?",
    "z": r"[A-Za-z]+(?:/[A-Za-z_]+)*(?:[+-]\d{1,2}:?\d{2})?",
    "V": r"[A-Za-z]+(?:/[A-Za-z_]+)*",
    "G": "AD",
}


def _year(text: str, token: _Token, *, strict: bool) -> int:
    year = int(text)
    if token.length != _SHORT_YEAR or len(text) != _SHORT_YEAR:
        return year
    if strict:
        return 2000 + year
    now = datetime.now(UTC).year
    century = now - now % 100
    return century + year - (100 if century + year > now + _MOST_AHEAD else 0)


def _assembled(found: Mapping[str, tuple[str, _Token]], *, lenient: bool, strict: bool) -> datetime:
    def number(letter: str, default: int) -> int:
        return int(found[letter][0]) if letter in found else default

    year_letter = "y" if "y" in found else "u"
    year = _year(*found[year_letter], strict=strict) if year_letter in found else 1970
    month_text, month = found.get("M", ("1", None))[0], 1
    if month_text.isdigit():
        month = int(month_text)
    else:
        month = next(at for at, name in enumerate(_MONTHS, 1) if name.lower().startswith(month_text.lower()[:3]))
    hour = number("H", number("k", 0) % 24)
    if "h" in found or "K" in found:
        hour = number("h", number("K", 0)) % 12 + (12 if found.get("a", ("am", None))[0].lower() == "pm" else 0)
    fraction = found.get("S", ("0", None))[0]
    micros = int(fraction.ljust(6, "0")[:6]) if strict else int(fraction) * 1000
    if not lenient:
        return datetime(year, month, number("d", 1), hour, number("m", 0), number("s", 0), micros)  # noqa: DTZ001
    months = year * 12 + month - 1
    first = datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 - the zone is told apart
    days = number("D", 1) - 1 if "D" in found else number("d", 1) - 1
    return first + timedelta(days=days, hours=hour, minutes=number("m", 0), seconds=number("s", 0), microseconds=micros)


def _offset(time: datetime, token: _Token) -> str:
    text = time.strftime("%z")[:5] or "+0000"
    if token.letter == "Z":
        return text
    if text == "+0000" and token.letter == "X":
        return "Z"
    return {1: text[:3], 2: text}.get(token.length, f"{text[:3]}:{text[3:]}")


_VALUES: Mapping[str, Callable[[datetime], int]] = {
    "d": lambda time: time.day,
    "D": lambda time: time.timetuple().tm_yday,
    "H": lambda time: time.hour,
    "k": lambda time: time.hour or 24,
    "h": lambda time: time.hour % 12 or 12,
    "K": lambda time: time.hour % 12,
    "m": lambda time: time.minute,
    "s": lambda time: time.second,
    "n": lambda time: time.microsecond * 1000,
}


def _write(token: _Token, time: datetime, *, strict: bool) -> str:
    length = token.length
    match token.letter:
        case "y" | "u":
            return f"{time.year % 100:02d}" if length == _SHORT_YEAR else f"{time.year:0{length}d}"
        case "M":
            name = _MONTHS[time.month - 1]
            return (name if length >= _FULL else name[:3]) if token.is_name else f"{time.month:0{length}d}"
        case "S":
            return (
                f"{time.microsecond:06d}".ljust(length, "0")[:length]
                if strict
                else f"{time.microsecond // 1000:0{length}d}"
            )
        case "E":
            name = _DAYS[time.weekday()]
            return name if length >= _FULL else name[:3]
        case "a":
            return "PM" if time.hour >= 12 else "AM"  # noqa: PLR2004 - noon
        case "G":
            return "AD"
        case "z" | "V":
            return time.tzname() or ""
        case "Z" | "X" | "x":
            return _offset(time, token)
        case letter:
            return f"{_VALUES[letter](time):0{length}d}"
