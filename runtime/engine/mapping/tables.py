"""Cross reference tables: the first row that matches all inputs (reference 1.3; platform behaviour 92)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from runtime.expressions.patterns import check_pattern, full_match

Match = Literal["exact", "wildcard", "regex"]
Rows = Sequence[tuple[str, ...]]


def finder(
    rows: Rows, columns: Sequence[int], match: Match
) -> Callable[[Sequence[str | None]], tuple[str, ...] | None]:
    """Give the function that finds the first row whose `columns` match the inputs; None when there is none.

    Exact and wildcard matches do not tell upper from lower case; a pattern stands in the cell. An input that is None
    matches every row. The function raises DocumentFault where a regular expression takes too long.

    Raises:
        DocumentFault: a regular expression in the columns that are asked for is none.
    """
    if match == "regex":
        for row in rows:
            for column in columns:
                check_pattern(row[column])
    index = _index(rows, columns) if match == "exact" else {}
    matches = _MATCHES[match]

    def find(inputs: Sequence[str | None]) -> tuple[str, ...] | None:
        texts = [text for text in inputs if text is not None]
        if match == "exact" and len(texts) == len(columns):
            return index.get(tuple(text.casefold() for text in texts))
        for row in rows:
            pairs = zip(columns, inputs, strict=True)
            if all(text is None or matches(row[column], text) for column, text in pairs):
                return row
        return None

    return find


def _index(rows: Rows, columns: Sequence[int]) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    index: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in rows:
        index.setdefault(tuple(row[column].casefold() for column in columns), row)
    return index


def wildcard_match(pattern: str, text: str) -> bool:
    """Whether a text matches: ``*`` stands for any characters, or none, ``?`` for exactly one; case does not count.

    It takes at most pattern times text steps: only the last ``*`` is ever returned to.
    """
    pattern, text = pattern.casefold(), text.casefold()
    row = at = 0
    star, resume = -1, 0
    while at < len(text):
        if row < len(pattern) and pattern[row] == "*":
            star, resume = row, at
            row += 1
        elif row < len(pattern) and pattern[row] in {"?", text[at]}:
            row, at = row + 1, at + 1
        elif star >= 0:
            resume += 1
            row, at = star + 1, resume
        else:
            return False
    return all(mark == "*" for mark in pattern[row:])


_MATCHES: Mapping[Match, Callable[[str, str], bool]] = {
    "exact": lambda cell, text: cell.casefold() == text.casefold(),
    "wildcard": wildcard_match,
    "regex": full_match,
}
