"""A disk that misbehaves when it is told to, and remembers what a power cut would take back.

`install` puts it under a process: below SQLite as the VFS that its connections open by default, and below the sealed
files and the segments in place of the functions that touch the disk. Nothing in the product knows of it; only a program
of the tests calls `install`. Its mood is a word in a file, so that another process sets it at any moment.

Every write is preceded by a note of what stood there before; a sync ends what can be taken back of its file. When the
process has been killed, `tests.chaos.power` undoes, from these notes, what no sync has made sure.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

import apsw
import msgspec
from msgspec import Struct

from runtime.store import files
from runtime.store.segments import segment

MOODS = ("well", "fail", "full", "read-only", "slow", "no-sync")
Mood: TypeAlias = Literal["well", "fail", "full", "read-only", "slow", "no-sync"]
SLOW = 0.2  # seconds of a slow sync
LOOK = 0.02  # seconds for which a mood is believed: reading a file at each write would be the load

_SQLITE_ERRORS: dict[str, type[apsw.Error]] = {
    "fail": apsw.IOError,
    "full": apsw.FullError,
    "read-only": apsw.ReadOnlyError,
    "no-sync": apsw.IOError,
}
_OS_ERRORS = {"fail": errno.EIO, "full": errno.ENOSPC, "read-only": errno.EROFS, "no-sync": errno.EIO}


class Wrote(Struct, frozen=True, tag="wrote"):
    """A file was `size` bytes long and held `before` from `offset` on; then it was written to, or cut."""

    path: str
    size: int
    offset: int
    before: bytes


class Made(Struct, frozen=True, tag="made"):
    """A sealed file was made under this name."""

    path: str


class Synced(Struct, frozen=True, tag="synced"):
    """What was done to a file so far stays."""

    path: str


Note: TypeAlias = Wrote | Made | Synced

_LENGTH = 4  # bytes in front of each note


class Disk:
    """Keeps the notes of one life of a process, and knows its mood."""

    def __init__(self, folder: Path) -> None:
        self._mood_file = folder / "mood"
        self._notes = os.open(folder / "notes", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._lock = threading.Lock()
        self._mood = "well"
        self._looked = 0.0

    @property
    def mood(self) -> str:
        """How the disk feels now."""
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            try:
                self._mood = self._mood_file.read_text().strip() or "well"
            except FileNotFoundError:
                self._mood = "well"
        return self._mood

    def note(self, note: Note) -> None:
        """Write a note; it survives the death of the process, which is all that dies here."""
        data = msgspec.msgpack.encode(note)
        with self._lock:
            os.write(self._notes, len(data).to_bytes(_LENGTH, "big") + data)

    def refuse_sqlite(self, *, sync: bool = False) -> None:
        """Raise what SQLite takes for this mood's error."""
        mood = self.mood
        if mood == "slow" and sync:
            time.sleep(SLOW)
        elif mood in _SQLITE_ERRORS and (sync or mood != "no-sync"):
            raise _SQLITE_ERRORS[mood](f"the disk's mood: {mood}")

    def refuse(self, *, sync: bool = False) -> None:
        """Raise what the operating system says in this mood."""
        mood = self.mood
        if mood == "slow" and sync:
            time.sleep(SLOW)
        elif mood in _OS_ERRORS and (sync or mood != "no-sync"):
            raise OSError(_OS_ERRORS[mood], os.strerror(_OS_ERRORS[mood]))


def read_notes(folder: Path) -> list[Note]:
    """Give the notes of a life, oldest first; a last one that was cut off is not there."""
    data = (folder / "notes").read_bytes()
    notes: list[Note] = []
    decoder = msgspec.msgpack.Decoder(Note)
    at = 0
    while at + _LENGTH <= len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        if end > len(data):
            break
        notes.append(decoder.decode(data[at + _LENGTH : end]))
        at = end
    return notes


# --- below SQLite -------------------------------------------------------------------------------------------------


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk, base: str) -> None:
        super().__init__("chaos", base=base, makedefault=True)
        self._disk = disk
        self._base = base

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return _File(self._disk, self._base, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - SQLite's
        self._disk.refuse_sqlite()
        super().xDelete(filename, syncdir)
        self._disk.note(Synced(filename))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, base: str, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(base, name, flags)
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.refuse_sqlite()
        self._note(offset, len(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.refuse_sqlite()
        self._note(newsize, max(0, self.xFileSize() - newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Say that everything is safe; there is no need to wait for a real disk, as no real power is cut."""
        self._disk.refuse_sqlite(sync=True)
        self._disk.note(Synced(self._path))

    def _note(self, offset: int, length: int) -> None:
        if not self._path:  # one of SQLite's temporary files
            return
        size = self.xFileSize()
        there = max(0, min(length, size - offset))
        self._disk.note(Wrote(self._path, size, offset, self.xRead(there, offset) if there else b""))


# --- below the sealed files ---------------------------------------------------------------------------------------


class _SealedFile:
    def __init__(self, disk: Disk, file: BinaryIO) -> None:
        self._disk = disk
        self._file = file

    def write(self, data: bytes) -> int:
        self._disk.refuse()
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()


def _under_files(disk: Disk) -> None:
    begin, publish = files._begin, files._publish

    def begun(draft: Path) -> Any:  # noqa: ANN401 - looks like a file to the writer
        disk.refuse()
        disk.note(Made(str(draft)))
        return _SealedFile(disk, begin(draft))

    def published(draft: Path, path: Path) -> None:
        disk.refuse()
        disk.note(Made(str(path)))
        publish(draft, path)

    def synced(paths: list[Path]) -> None:
        disk.refuse(sync=True)
        for path in paths:
            disk.note(Synced(str(path)))

    files._begin, files._publish, files._sync = begun, published, synced


# --- below the segments -------------------------------------------------------------------------------------------


def _under_segments(disk: Disk) -> None:
    allocate, write = segment._allocate, segment._write

    def allocated(path: Path, handle: int, /) -> None:
        disk.refuse(sync=True)
        allocate(path, handle)

    def written(path: Path, handle: int, data: bytes, at: int, /) -> None:
        disk.refuse()
        disk.note(Wrote(str(path), os.fstat(handle).st_size, at, os.pread(handle, len(data), at)))
        write(path, handle, data, at)

    def synced(path: Path, _handle: int, /) -> None:
        disk.refuse(sync=True)
        disk.note(Synced(str(path)))

    segment._allocate, segment._write, segment._sync = allocated, written, synced


def install(folder: Path) -> Disk:
    """Put a misbehaving disk under this process; `folder` holds its mood and its notes."""
    disk = Disk(folder)
    global _vfs  # noqa: PLW0603 - SQLite keeps a VFS by its name; somebody must keep the object
    _vfs = _Vfs(disk, apsw.vfs_names()[0])
    _under_files(disk)
    _under_segments(disk)
    return disk


_vfs: _Vfs | None = None
