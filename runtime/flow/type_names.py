"""The names of the Flow types that are generated from a profile (wire protocol E.2)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from runtime.model.profile import Entry, Profile

Direction = Literal["REQUEST", "RESPONSE"]
Path = tuple[str, ...]


def generated_types(action: str, direction: Direction, profile: Profile | None) -> dict[Path, tuple[str, Entry]]:
    """Give the type name and the entry of each object and list of a profile, by the entry's path.

    An entry gets ``<action> REQUEST - <entry>``. Should two entries of a profile share a name, the outermost keeps it
    and the other's name is its path: adding an entry inside never renames a type outside.
    """
    types: dict[Path, tuple[str, Entry]] = {}
    taken: set[str] = set()
    waiting: deque[tuple[Path, Entry]] = deque()
    _enqueue(waiting, (), profile.entries if profile else ())
    while waiting:
        path, entry = waiting.popleft()
        name = f"{action} {direction} - {entry.name}"
        if name in taken:
            name = f"{action} {direction} - {'/'.join(path)}"
        taken.add(name)
        types[path] = (name, entry)
        _enqueue(waiting, path, entry.entries)
    return types


def _enqueue(waiting: deque[tuple[Path, Entry]], above: Path, entries: tuple[Entry, ...]) -> None:
    waiting.extend(((*above, entry.name), entry) for entry in entries if entry.kind in {"object", "list"})
