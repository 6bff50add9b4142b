"""The entries of folders: listed, or found by pattern, size and time. Everything here blocks."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from msgspec import Struct

from connectors.disk.faults import refused, unsafe
from connectors.disk.files import identity_of
from connectors.disk.folders import DEPTH, OURS, opened

Pause = Callable[[], None]  # called now and then: raises when the call was cancelled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(Struct, frozen=True):
    """An entry of a folder. `path` is relative to the connection's folder, `size` in bytes, `modified` in UTC.

    `identity` changes whenever the file does.
    """

    name: str
    path: str
    kind: str
    size: int
    modified: datetime
    identity: str


class Found(Struct, frozen=True):
    """What a query asks of a file: sizes in bytes, times in UTC; None asks nothing."""

    min_size: int | None = None
    max_size: int | None = None
    after: datetime | None = None
    before: datetime | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether a file is found."""
        return (
            (self.min_size is None or entry.size >= self.min_size)
            and (self.max_size is None or entry.size <= self.max_size)
            and (self.after is None or entry.modified > self.after)
            and (self.before is None or entry.modified < self.before)
        )


class Walk:
    """Looks at entries, at most `limit` of them in all."""

    def __init__(self, limit: int, pause: Pause) -> None:
        self._limit = limit
        self._left = limit
        self._pause = pause

    def entries(self, folder: int, path: str) -> list[Entry]:
        """Give the entries of a folder in the order of their names. `path` is the folder's, with a slash, or empty.

        Raises:
            ApplicationFault: there are too many.
            OSError: the folder cannot be read.
        """
        found: list[Entry] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(OURS):
                    continue
                self._pause()
                self._left -= 1
                if self._left < 0:
                    message = f"there are more than {self._limit} entries: name a folder further below"
                    raise refused("too-large", message, "disk.too-many")
                found.extend(_described(folder, entry.name, path))
        return sorted(found, key=lambda entry: entry.name)

    def matching(self, folder: int, path: str, pattern: tuple[str, ...]) -> Iterator[Entry]:
        """Give the files below a folder whose path fits the pattern, folder by folder, in the order of their names.

        Raises:
            ApplicationFault, OSError: as `entries`.
        """
        yield from self._matching(folder, path, pattern, frozenset(_reached(pattern, {0})), DEPTH)

    def _matching(
        self, folder: int, path: str, pattern: tuple[str, ...], places: frozenset[int], depth: int
    ) -> Iterator[Entry]:
        """Walk with the set of places that the pattern may be at: no pattern makes a walk longer than the tree."""
        for entry in self.entries(folder, path):
            after = frozenset(_reached(pattern, _stepped(pattern, places, entry.name)))
            if entry.kind == "file" and len(pattern) in after:
                yield entry
            elif entry.kind == "folder" and after - {len(pattern)} and depth:
                try:
                    with opened(folder, [entry.name]) as below:
                        yield from self._matching(below, f"{entry.path}/", pattern, after, depth - 1)
                except OSError as error:
                    if error.errno not in _GONE:
                        raise


_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES}  # changed while we looked, or not ours to enter


def pattern_of(text: str) -> tuple[str, ...]:
    """Give the parts of a pattern, one for each name of a path.

    Raises:
        NotSent: ``disk.unsafe-path``: it is absolute or climbs.
    """
    parts = tuple(text.split("/"))
    if any(part in {"", ".", ".."} for part in parts):
        raise unsafe(text, "a pattern is relative and does not climb")
    return parts


def _reached(pattern: tuple[str, ...], places: set[int]) -> set[int]:
    """Add the places that are reached without a name: ``**`` may stand for none."""
    reached = set(places)
    for place in range(len(pattern)):
        if place in reached and pattern[place] == "**":
            reached.add(place + 1)
    return reached


def _stepped(pattern: tuple[str, ...], places: frozenset[int], name: str) -> set[int]:
    """Give the places after one more name."""
    stepped = set()
    for place in places:
        if place < len(pattern):
            part = pattern[place]
            if part == "**":
                stepped.add(place)
            elif fnmatchcase(name, part):
                stepped.add(place + 1)
    return stepped


def _described(folder: int, name: str, path: str) -> Iterator[Entry]:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return  # removed since
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    yield Entry(
        text, f"{path}{text}", _kind(found.st_mode), found.st_size, moment_of(found.st_mtime_ns), identity_of(found)
    )


def moment_of(nanoseconds: int) -> datetime:
    """Give a time of the file system, to the microsecond; one beyond the calendar is its end."""
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1_000)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if nanoseconds > 0 else datetime.min.replace(tzinfo=UTC)


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"
