"""Filters as SQL for MariaDB, whose own comparisons know neither upper and lower case as they should nor all digits.

Texts are compared as the bytes of their UTF-8, which are ordered as code points are, count blanks at their
end, and know no letters: those from A to Z are made small one by one. Columns are expected to hold numbers as integers
or DECIMAL, truth values as 0 and 1, and datetimes as DATETIME(3) in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Context, Decimal
from string import ascii_uppercase
from typing import TYPE_CHECKING

from runtime.flow.filter_writer import NEVER, OPERATORS, Parameter, Writer

if TYPE_CHECKING:
    from runtime.flow.filters import Column, Criterion

_DIGITS, _FRACTION = 65, 38  # digits of a DECIMAL at most, and of those after the point
_EXACT = Context(prec=_DIGITS + _FRACTION)
_ENDLESS = 2**64 - 1  # rows: more than there are


class MariaDbWriter(Writer):
    """Writes filters for MariaDB."""

    quote = "`"

    def _last(self, key: Column) -> str:
        return self._bytes(self._column(key)) if key.kind == "character" else self._column(key)

    def _bytes(self, text: str) -> str:
        return f"cast(convert({text} using utf8mb4) as binary)"

    def _folded(self, column: Column) -> str:
        text = self._bytes(f"coalesce({self._column(column)}, '')")
        for letter in ascii_uppercase:
            text = f"replace({text}, '{letter}', '{letter.lower()}')"
        return text

    def _text(self, value: str) -> str:
        return self._bytes(self._parameter(value))

    def _length(self, value: str) -> int:
        return len(value.encode())

    def _moment(self, value: str) -> Parameter:
        return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)

    def _flag(self, *, value: bool) -> Parameter:
        return int(value)

    def _contains(self, text: str, value: str) -> str:
        return f"instr({text}, {self._text(value)}) > 0"

    def _compare_number(self, column: Column, criterion: Criterion, value: Decimal) -> str:
        whole = max(value.adjusted() + 1, 1)  # digits before the point
        if whole > _DIGITS:
            return self._beyond(column, criterion, value)
        fraction = min(_FRACTION, _DIGITS - whole)
        held = value.quantize(Decimal(1).scaleb(-fraction, _EXACT), ROUND_FLOOR, _EXACT)
        if held.adjusted() + 1 > _DIGITS - fraction:
            return self._beyond(column, criterion, value)  # -9…9.9 has become -10…0
        # As a text, since a number with an exponent, or compared with a text, is a double.
        parameter = f"cast({self._parameter(f'{held:f}')} as decimal({_DIGITS}, {fraction}))"
        if held == value:
            return f"{self._column(column)} {OPERATORS[criterion]} {parameter}"
        return self._unlike(column, criterion, value, held, parameter)

    def _beyond(self, column: Column, criterion: Criterion, value: Decimal) -> str:
        """Compare with a number that is larger, or smaller, than all that a column can hold."""
        is_less = criterion in {"LESS_THAN", "LESS_THAN_OR_EQUAL"}
        holds = criterion == "NOT_EQUAL" or (criterion != "EQUAL" and is_less == (value > 0))
        return f"{self._column(column)} is not null" if holds else NEVER

    def _order(self, column: Column, *, descending: bool) -> str:
        value = self._folded(column) if column.kind == "character" else self._column(column)
        return f"{value} desc" if descending else value  # nothing comes first, and last where it descends

    def _no_limit(self) -> str:
        return f"limit {_ENDLESS}"  # it knows no offset without a limit
