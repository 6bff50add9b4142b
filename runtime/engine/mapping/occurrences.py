"""Where a rule stands in its source: which occurrence of each repeating element is meant.

A *list path* is a path whose last key repeats, such as ``("items[]", "parts[]")``. The root is the empty path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import zip_longest
from typing import Final, Literal

from runtime.expressions import Scope
from runtime.model.maps import Path


class Nothing(Enum):
    """What a source gives where there is nothing: not even null."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING
Missing = Literal[Nothing.NOTHING]


class Standing:
    """The occurrences that are meant now, by list path, and what expressions see."""

    __slots__ = ("_at", "scope")

    def __init__(self, at: Mapping[Path, object], scope: Scope) -> None:
        self._at = at
        self.scope = scope

    def value(self, list_path: Path, keys: Path) -> object:
        """Give what is at `keys` below the occurrence of `list_path`."""
        return descend(self._at.get(list_path, NOTHING), keys)

    def each(self, list_paths: Iterable[Path]) -> Iterator[Standing]:
        """Give a standing for each occurrence of these lists, side by side: the second items of all, and so on.

        Each list path must be one repeating key below one that this standing has.
        """
        paths = tuple(list_paths)
        columns = [_occurrences(self._at.get(parent, NOTHING), keys) for parent, keys in map(cut_last, paths)]
        for row in zip_longest(*columns, fillvalue=NOTHING):
            yield Standing({**self._at, **dict(zip(paths, row, strict=True))}, self.scope)

    def all(self, list_paths: Iterable[Path]) -> Iterator[Standing]:
        """Give a standing for each occurrence of these lists, through as many levels as they have beyond this one."""
        beyond = {path for path in list_paths if path not in self._at}
        if not beyond:
            yield self
            return
        for standing in self.each(sorted({self._next(path) for path in beyond})):
            yield from standing.all(beyond)

    def _next(self, list_path: Path) -> Path:
        """Give the first list on the way to `list_path` whose occurrence is not set."""
        return next(level for level in levels(list_path) if level not in self._at)


def levels(path: Path) -> tuple[Path, ...]:
    """Give the list paths that a path goes through, outermost first."""
    return tuple(path[: place + 1] for place, key in enumerate(path) if key.endswith("[]"))


def cut_last(list_path: Path) -> tuple[Path, Path]:
    """Give the list path above a list path, and the keys from there to the list."""
    above = levels(list_path[:-1])
    parent = above[-1] if above else ()
    return parent, (*list_path[len(parent) : -1], list_path[-1].removesuffix("[]"))


def descend(value: object, keys: Path) -> object:
    """Give what is at `keys` below a value."""
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return NOTHING
        value = value[key]
    return value


def _occurrences(value: object, keys: Path) -> list[object]:
    """Give the items of a list; a single value where a list is expected is one occurrence."""
    found = descend(value, keys)
    if found is NOTHING or found is None:
        return []
    return found if isinstance(found, list) else [found]
