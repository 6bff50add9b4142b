"""One file of blocks. It is made once, at its full size, and used again and again: what it holds is never longer.

A sync of a file that keeps its size and its place on the disk writes nothing but the data, whatever other files the
disk is busy with; that is why a segment is kept when everything in it has become a part of the tables. All functions
and methods that touch the disk wait for it: call them in a thread.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from runtime.errors import StoreError
from runtime.store.segments.blocks import PAGE, Head, head_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE: Final = 16 * 1024 * 1024  # bytes of a file: seconds of a busy daemon, and a start reads it in milliseconds


class Place(Struct, frozen=True):
    """Where a block stands: in which file, from where on, and how many bytes."""

    segment: Segment
    at: int
    length: int
    serial: int


class Segment:
    """A file. `head` is None while it may be begun; `end` is where the next block goes, `held` how many are needed."""

    __slots__ = ("_handle", "end", "head", "held", "path")

    def __init__(self, path: Path, handle: int, head: Head | None = None) -> None:
        self.path = path
        self._handle = handle
        self.head = head
        self.end = PAGE
        self.held = 0

    def write(self, data: bytes, at: int) -> None:
        """Write durably: when this has returned, the data survives a power cut; when it raised, nobody knows.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        with _border():
            _write(self.path, self._handle, data, at)
            _sync(self.path, self._handle)

    def stands(self) -> bool:
        """Whether its head is still the one that is known: another process may have begun it anew.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        return head_in(self.read(0, PAGE)) == self.head

    def wipe(self) -> None:
        """Make unreadable what is in it, so that it may be begun anew.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        self.write(bytes(PAGE), 0)

    def read(self, at: int, length: int) -> bytes:
        """Give what stands at a place, less where the file ends before.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        with _border():
            return os.pread(self._handle, length, at)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def remove(self) -> None:
        """Close the file and give its room back to the disk.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        with _border():
            self.close()
            self.path.unlink(missing_ok=True)


def made(path: Path) -> Segment:
    """Make a file whose room on the disk is taken, for its owner alone.

    Raises:
        StoreError: the disk refuses (code ``store.disk``).
    """
    with _border():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _allocate(path, handle)
        except OSError:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        return Segment(path, handle)


def found(path: Path) -> Segment:
    """Open a file that is there, with its head.

    Raises:
        StoreError: the disk refuses (code ``store.disk``).
    """
    with _border():
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        return Segment(path, handle, head_in(os.pread(handle, PAGE, 0)))


def _allocate(path: Path, handle: int, /) -> None:
    os.posix_fallocate(handle, 0, SIZE)
    os.fsync(handle)
    for named_in in (path.parent, path.parent.parent):  # a folder that is new is a name, too
        folder = os.open(named_in, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(_path: Path, handle: int, data: bytes, at: int, /) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(handle, left, at)
        left, at = left[written:], at + written


def _sync(_path: Path, handle: int, /) -> None:
    os.fdatasync(handle)


@contextmanager
def _border() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            "store.disk",
            f"a segment of the journal cannot be used: {error.strerror or error}",
            hint="free the disk, or look at its health",
        ) from error
