"""What each worker has seen in the folder of bundles, where all see it: so that they change what they serve together.

A worker that is about to serve something else *stages* what it has seen, which is told by a digest. Once every worker
that is there has staged the same, or serves it already, all of them may change: each finds that out by itself, in the
moment that it is asked for something, without waiting. One that has died takes no part: the supervisor says so.

The table is memory that the supervisor makes before it forks. Two looks at it never mix: it is locked while it is read
and written, for microseconds; the kernel gives the lock back when its holder dies.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import Final

from msgspec import Struct

VIEW: Final = 16  # bytes of the digest of what was seen
NOTHING: Final = bytes(VIEW)
_ENTRY: Final = struct.Struct(f"?{VIEW}s{VIEW}s")  # whether it takes part, what it has staged, what it serves
_TRIES: Final = 1_000  # to get the lock: beyond a millisecond its holder has been stopped in the middle of a write


class Stand(Struct, frozen=True):
    """How far one worker is; `NOTHING` where there is none."""

    staged: bytes = NOTHING
    serves: bytes = NOTHING


class Verdict(Enum):
    """What a worker that has staged something is to do."""

    AGREED = auto()
    WAIT = auto()
    OTHERWISE = auto()  # somebody has seen something else: look again


def judge(mine: bytes, others: Mapping[int, Stand]) -> Verdict:
    """Tell what a worker is to do that has staged `mine`, by how far the others are that take part."""
    if all(mine in {stand.staged, stand.serves} for stand in others.values()):
        return Verdict.AGREED
    if any(stand.staged not in {NOTHING, mine} for stand in others.values()):
        return Verdict.OTHERWISE
    return Verdict.WAIT


class Agreement:
    """The table of so many workers."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._file = os.memfd_create("nuclide-agreement", os.MFD_CLOEXEC)
        os.ftruncate(self._file, workers * _ENTRY.size)
        self._memory = mmap.mmap(self._file, workers * _ENTRY.size)

    def join(self, number: int) -> None:
        """Have a worker take part, who has seen nothing yet: the others wait for it."""
        _ENTRY.pack_into(self._memory, self._place(number), True, NOTHING, NOTHING)  # noqa: FBT003 - a byte of the entry

    def leave(self, number: int) -> None:
        """Have a worker take no part any more; one byte, so that nobody has to be waited for."""
        self._memory[self._place(number)] = 0

    def stage(self, number: int, view: bytes) -> None:
        """Note what a worker is about to serve."""
        with self._locked(_TRIES):
            self._write(number, Stand(view, self._read(number).serves))

    def serve(self, number: int, view: bytes) -> None:
        """Note what a worker serves, whatever the others do."""
        with self._locked(_TRIES):
            self._write(number, Stand(NOTHING, view))

    def turn(self, number: int, *, give_up: bool = False, tries: int = 1) -> Verdict:
        """Tell what a worker is to do that has staged something, and note it: it serves that where all have agreed.

        With `give_up` it has staged nothing any more where somebody has seen something else. Without the lock only an
        agreement can be told, and is not noted: who has answered with the new version had noted it before.
        """
        with self._locked(tries) as locked:
            mine = self._read(number)
            verdict = judge(mine.staged, dict(self._others(number)))
            if not locked:
                return verdict if verdict is Verdict.AGREED else Verdict.WAIT
            if verdict is Verdict.AGREED:
                self._write(number, Stand(NOTHING, mine.staged))
            elif verdict is Verdict.OTHERWISE and give_up:
                self._write(number, Stand(NOTHING, mine.serves))
            return verdict

    def ahead(self, number: int) -> tuple[int, ...]:
        """Give the workers that serve something else than one does: one that lags behind may ask them."""
        with self._locked(1):
            mine = self._read(number).serves
            return tuple(other for other, stand in self._others(number) if stand.serves not in {NOTHING, mine})

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        os.close(self._file)

    def _place(self, number: int) -> int:
        return (number - 1) * _ENTRY.size

    def _others(self, number: int) -> Iterator[tuple[int, Stand]]:
        for other in range(1, self._workers + 1):
            if other != number and self._memory[self._place(other)]:
                yield other, self._read(other)

    def _read(self, number: int) -> Stand:
        first = self._place(number) + 1
        staged = self._memory[first : first + VIEW]  # before what it serves, which is written before this is taken away
        return Stand(staged, self._memory[first + VIEW : first + 2 * VIEW])

    def _write(self, number: int, stand: Stand) -> None:
        first = self._place(number) + 1
        self._memory[first + VIEW : first + 2 * VIEW] = stand.serves
        self._memory[first : first + VIEW] = stand.staged

    @contextmanager
    def _locked(self, tries: int) -> Iterator[bool]:
        locked = False
        for _ in range(tries):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                continue
            locked = True
            break
        try:
            yield locked
        finally:
            if locked:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
