"""Which segments there are: the one that is written to, those still needed, those that may be begun.

All of it is decided on the event loop; what it decides about is done by others, in threads.
"""

from __future__ import annotations

from pathlib import Path

from runtime.store.segments.blocks import PAGE, Head, new_head
from runtime.store.segments.reading import path_of
from runtime.store.segments.segment import SIZE, Place, Segment

KEPT = 4  # files that wait to be used again after a burst, 64 MiB: the rest is given back to the disk


class Pool:
    """Chooses where blocks go, and knows which segments nothing is in any more."""

    def __init__(self, folder: Path, segments: list[Segment], number: int) -> None:
        self._folder = folder
        self._number = number  # of the newest head
        self._current: Segment | None = None
        self._needed = [segment for segment in segments if segment.held]
        self._spent = [segment for segment in segments if segment.head is not None and not segment.held]
        self._free = [segment for segment in segments if segment.head is None]

    def choose(self, length: int) -> tuple[Segment | Path, Head, int]:
        """Say where a block of so many bytes goes: into a segment, or a file that is to be made; its head, and where.

        A block that goes to the first place is the first of its segment, and its head is to be written with it.
        """
        current = self._current
        if current is not None and current.head is not None and current.end + length <= SIZE:
            return current, current.head, current.end
        self.leave()
        head = new_head(self._number + 1)
        where = self._free.pop() if self._free else path_of(self._folder, head.number)
        return where, head, PAGE

    def written(self, segment: Segment, head: Head, at: int, length: int, serial: int) -> Place:
        """Note that a block is durable; give its place."""
        self._number = max(self._number, head.number)
        segment.head, segment.end = head, at + length
        segment.held += 1
        self._current = segment
        return Place(segment, at, length, serial)

    def failed(self, segment: Segment, head: Head) -> None:
        """Note that nobody knows whether a block was written: nothing is written behind it, or before it."""
        self._number = max(self._number, head.number)
        if segment is self._current:
            self.leave()
        else:
            segment.head = head
            self._spent.append(segment)

    def leave(self) -> None:
        """Write no more to the segment that is written to."""
        segment, self._current = self._current, None
        if segment is not None:
            (self._needed if segment.held else self._spent).append(segment)

    def let_go(self, place: Place) -> None:
        """Note that a block is needed no more."""
        segment = place.segment
        segment.held -= 1
        if not segment.held and segment in self._needed:
            self._needed.remove(segment)
            self._spent.append(segment)

    @property
    def has_spent(self) -> bool:
        """Whether there are segments that are still to be wiped."""
        return bool(self._spent)

    def take_spent(self) -> list[Segment]:
        """Give the segments in which nothing is needed any more: they are to be wiped, and then given back."""
        spent, self._spent = self._spent, []
        return spent

    def give_back(self, segment: Segment, *, wiped: bool) -> bool:
        """Take a segment back that was to be wiped; False where it is not kept, and its file is to be removed."""
        if not wiped:
            self._spent.append(segment)
            return True
        if len(self._free) >= KEPT:
            return False
        segment.head, segment.end = None, PAGE
        self._free.append(segment)
        return True

    def all(self) -> list[Segment]:
        """Give every segment that is open."""
        current = [] if self._current is None else [self._current]
        return [*current, *self._needed, *self._spent, *self._free]
