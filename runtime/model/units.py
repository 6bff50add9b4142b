"""Durations and sizes as people write them, a number and its unit: ``30 s``, ``1 MiB``.

A number without a unit is refused: whoever reads ``timeout = 30`` a year later cannot know what it means.
"""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each unit by the names that may be written, in seconds. The first name of each value is the one that is printed.
_DURATIONS: Mapping[str, Decimal] = {
    "ms": Decimal("0.001"),
    "millisecond": Decimal("0.001"),
    "milliseconds": Decimal("0.001"),
    "s": Decimal(1),
    "second": Decimal(1),
    "seconds": Decimal(1),
    "min": Decimal(60),
    "minute": Decimal(60),
    "minutes": Decimal(60),
    "h": Decimal(3600),
    "hour": Decimal(3600),
    "hours": Decimal(3600),
    "d": Decimal(86400),
    "day": Decimal(86400),
    "days": Decimal(86400),
}

# In bytes: powers of 1000 and of 1024 have names of their own (IEC 80000-13), so nothing has to be guessed.
_SIZES: Mapping[str, Decimal] = {
    "B": Decimal(1),
    "kB": Decimal(1000),
    "KiB": Decimal(1024),
    "MB": Decimal(1000**2),
    "MiB": Decimal(1024**2),
    "GB": Decimal(1000**3),
    "GiB": Decimal(1024**3),
}

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", re.ASCII)
_LONGEST_TEXT = 40  # characters: no amount that a person writes is longer, and a number of digits costs time to convert


def parse_duration(text: str) -> float:
    """Give the seconds that `text` names, e.g. ``30 s``, ``500 ms``, ``5 min``, ``24 h``, ``7 days``.

    Raises:
        ValueError: `text` is no number followed by a unit of time; the message says what was expected.
    """
    return float(_parse(text, _DURATIONS, what="a duration", example="30 s"))


def parse_size(text: str) -> int:
    """Give the bytes that `text` names, e.g. ``512 B``, ``1 MiB``, ``1.5 GB``.

    Raises:
        ValueError: `text` is no number followed by a unit of size, or names a part of a byte.
    """
    size = _parse(text, _SIZES, what="a size", example="16 MiB")
    if size != int(size):
        raise ValueError(f"'{text}' is not a whole number of bytes")
    return int(size)


def format_duration(seconds: float) -> str:
    """Give `seconds` in the longest unit that divides them; `parse_duration` gives the same seconds back."""
    return _format(Decimal(str(seconds)), _DURATIONS, smallest="s")


def format_size(size: int) -> str:
    """Give `size` in the largest unit that divides it; `parse_size` gives the same bytes back."""
    return _format(Decimal(size), _SIZES, smallest="B")


def _parse(text: str, units: Mapping[str, Decimal], *, what: str, example: str) -> Decimal:
    match = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise ValueError(f"'{text[:_LONGEST_TEXT]}' is not {what}; write a number and a unit, e.g. '{example}'")
    number, unit = match.groups()
    if not unit:
        raise ValueError(f"'{text}' has no unit; write e.g. '{number} {example.split()[1]}'")
    if unit not in units:
        raise ValueError(f"'{unit}' is not a unit of {what.removeprefix('a ')}; {_suggest(unit, units)}")
    return Decimal(number) * units[unit]


def _suggest(unit: str, units: Mapping[str, Decimal]) -> str:
    by_lower_case = {name.lower(): name for name in units}
    close = get_close_matches(unit.lower(), by_lower_case, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{by_lower_case[close[0]]}'?"
    return f"the units are {', '.join(units)}"


def _format(amount: Decimal, units: Mapping[str, Decimal], *, smallest: str) -> str:
    if amount == 0:
        return f"0 {smallest}"
    names: dict[Decimal, str] = {}
    for name, factor in units.items():
        names.setdefault(factor, name)
    whole = (factor for factor in sorted(names, reverse=True) if amount % factor == 0)
    factor = next(whole, units[smallest])
    return f"{(amount / factor).normalize():f} {names[factor]}"
