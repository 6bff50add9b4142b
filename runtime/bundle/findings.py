"""Collecting what is wrong with a bundle: everything at once, in the order of files and lines."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.bundle.rules import PREFIX, severity_of
from runtime.errors import BundleError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runtime.errors import Severity

MOST_PROBLEMS = 200  # a person mends far fewer before reading again; the rest is counted
_LONGEST_EXCERPT = 200  # characters of the offending line


class Findings:
    """The problems of one bundle while it is read. `texts` are its files, for the excerpts."""

    def __init__(self, bundle: str, texts: Mapping[str, str]) -> None:
        self._bundle = bundle
        self._texts = texts
        self._problems: dict[tuple[str, int, int, str, str], Problem] = {}
        self._errors = 0
        self._hidden: set[str] = set()

    def __len__(self) -> int:
        """Give how many errors there are; readers compare it to see whether a part was sound."""
        return self._errors

    def hide(self, file: str | None) -> None:
        """Show no line of a file: a secret stands in it."""
        if file is not None:
            self._hidden.add(file)

    def add(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Note one problem, as grave as its rule says; the same one at the same place counts once."""
        key = (place.file or "", place.line or 0, place.column or 0, code, message)
        if key in self._problems:
            return
        where = Place(bundle=self._bundle, file=place.file, line=place.line, column=place.column)
        severity = severity_of(code)
        self._errors += severity == "error"
        self._problems[key] = Problem(code=PREFIX + code, message=message, place=where, hint=hint, severity=severity)

    def unknown(
        self, code: str, what: str, name: str, known: Iterable[str], place: Place, *, otherwise: str | None = None
    ) -> None:
        """Note a name that nothing bears; the hint is the nearest name, all names when they are few, or `otherwise`."""
        self.add(code, f"there is no {what} '{name}'", place, suggest(name, known) or otherwise)

    def problems(self, severity: Severity | None = None) -> tuple[Problem, ...]:
        """Give what was found, by file, line and column; only errors, or only warnings, where one is asked for."""
        ordered = (problem for _, problem in sorted(self._problems.items(), key=lambda item: item[0]))
        chosen = [problem for problem in ordered if severity in {None, problem.severity}][:MOST_PROBLEMS]
        return tuple(replace(problem, excerpt=self._excerpt(problem.place)) for problem in chosen)

    def raise_any(self) -> None:
        """End the reading when something is wrong.

        Raises:
            BundleError: with every error, sorted by file, line and column.
        """
        if self._errors:
            raise BundleError(self.problems("error"))

    def _excerpt(self, place: Place) -> str | None:
        if place.file is None or place.line is None or place.file not in self._texts or place.file in self._hidden:
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
