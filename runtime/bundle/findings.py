"""Collecting what is wrong with a bundle: everything at once, in the order of files and lines."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from runtime.errors import BundleError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_PROBLEMS = 200  # a person mends far fewer before reading again; the rest is counted
_LONGEST_EXCERPT = 200  # characters of the offending line


class Findings:
    """The problems of one bundle while it is read. `texts` are its files, for the excerpts."""

    def __init__(self, bundle: str, texts: Mapping[str, str]) -> None:
        self._bundle = bundle
        self._texts = texts
        self._problems: dict[tuple[str, int, int, str, str], Problem] = {}

    def __len__(self) -> int:
        """Give how many problems there are; readers compare it to see whether a part was sound."""
        return len(self._problems)

    def add(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Note one problem; the same one at the same place counts once."""
        where = Place(bundle=self._bundle, file=place.file, line=place.line, column=place.column)
        problem = Problem(code=f"bundle.{code}", message=message, place=where, hint=hint, excerpt=self._excerpt(place))
        key = (place.file or "", place.line or 0, place.column or 0, code, message)
        self._problems.setdefault(key, problem)

    def unknown(self, code: str, what: str, name: str, known: Iterable[str], place: Place) -> None:
        """Note a name that nothing bears; the hint is the nearest name, or all names when they are few."""
        self.add(code, f"there is no {what} '{name}'", place, suggest(name, known))

    def raise_any(self) -> None:
        """End the reading when something is wrong.

        Raises:
            BundleError: with every problem, sorted by file, line and column.
        """
        if self._problems:
            ordered = [problem for _, problem in sorted(self._problems.items(), key=lambda item: item[0])]
            raise BundleError(tuple(ordered[:MOST_PROBLEMS]))

    def _excerpt(self, place: Place) -> str | None:
        if place.file is None or place.line is None or place.file not in self._texts:
            return None
        lines = self._texts[place.file].split("\n")
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        return line.rstrip("\r")[:_LONGEST_EXCERPT] or None


def suggest(name: str, known: Iterable[str]) -> str | None:
    """Give the cure for a misspelt name: the nearest known one, else the list of them when it is short."""
    by_lower_case = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{by_lower_case[close[0]]}'?"
    listed = ", ".join(sorted(by_lower_case.values()))
    return f"known: {listed}" if 0 < len(listed) <= 120 else None  # noqa: PLR2004 - characters: one line
