"""One file: written so that it is there whole or not at all, read, removed. Everything here blocks."""

from __future__ import annotations

import os
import secrets
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count, islice

from msgspec import Struct

from connectors.disk.faults import refused, shown
from connectors.disk.folders import OURS
from runtime.sdk.faults import OutcomeUnknown

PIECE = 1 << 20  # bytes read or written at once
NAMES = 1_000  # names that are tried before a unique one is given up: a folder with more copies wants another pattern
MODE = 0o666  # less the daemon's umask, as the unit file sets it

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # not blocking: a pipe would wait for its writer
_WRITE = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Content(Struct, frozen=True):
    """What was read. `modified` is in nanoseconds since the epoch; `identity` changes whenever the file does."""

    content: bytes
    modified: int
    identity: str


def replace(folder: int, name: str, content: Iterable[bytes]) -> None:
    """Put the content in the file's place, at once: a reader sees the old one or the new one.

    Raises:
        OSError: nothing has changed.
        OutcomeUnknown: it is there, but a power cut may undo it.
    """
    with _unfinished(folder, content) as made:
        _refuse_folder(folder, name)
        os.rename(made, name, src_dir_fd=folder, dst_dir_fd=folder)
        _settle(folder)


def create(folder: int, name: str, content: Iterable[bytes]) -> None:
    """Make a file that is not there.

    Raises:
        OSError: nothing has changed; FileExistsError when there is something of that name.
        OutcomeUnknown: as `replace`.
    """
    with _unfinished(folder, content) as made:
        os.link(made, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        _settle(folder)


def create_unique(folder: int, name: str, content: Iterable[bytes], mark: str = "-") -> str:
    """Make a file under a name that nothing has yet: the given one, or with `mark` and a number before its ending.

    Raises:
        OSError, OutcomeUnknown: as `create`.
        ApplicationFault: too many such names are taken.
    """
    with _unfinished(folder, content) as made:
        for candidate in islice(_numbered(name, mark), NAMES):
            with suppress(FileExistsError):
                os.link(made, candidate, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                _settle(folder)
                return candidate
    raise refused("exists", f"{shown(name)}: {NAMES} files of this name are there")


def append(folder: int, name: str, content: Iterable[bytes], lock: threading.Lock) -> None:
    """Add to the end of a file, making it where it is not there; appends under one lock do not mix.

    Raises:
        OSError: nothing has changed.
        OutcomeUnknown: a part may have been added.
    """
    with lock, _descriptor(folder, name, _WRITE | os.O_APPEND | os.O_CREAT) as file:
        size = os.fstat(file).st_size
        try:
            _write(file, content)
            os.fsync(file)
        except BaseException as error:
            _take_back(file, size, name, error)
            raise
        _settle(folder)


def read(folder: int, name: str, limit: int) -> Content:
    """Read a file of at most `limit` bytes.

    Raises:
        OSError: it is not there, or may not be read.
        ApplicationFault: it is too large, or no regular file.
    """
    with _descriptor(folder, name, _READ) as file:
        pieces, size = [], 0
        while piece := os.read(file, PIECE):
            size += len(piece)
            if size > limit:
                raise refused("too-large", f"{shown(name)}: the file has more than {limit} bytes", "disk.too-large")
            pieces.append(piece)
        found = os.fstat(file)
        return Content(b"".join(pieces), found.st_mtime_ns, identity_of(found))


def identity_of(found: os.stat_result) -> str:
    """Give what tells a file from another one of its name: which it is, its size, when it was written."""
    return f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"


def move(folder: int, name: str, to: int) -> str:
    """Put a file into another folder, under its name or, where that is taken, with a number; gives the name.

    Raises:
        OSError: it is not there, or cannot be moved: between file systems nothing is.
        OutcomeUnknown: as `replace`.
        ApplicationFault: too many such names are taken.
    """
    _refuse_folder(folder, name)
    own = os.stat(name, dir_fd=folder, follow_symlinks=False)
    for candidate in islice(_numbered(name, "-"), NAMES):
        try:
            os.link(name, candidate, src_dir_fd=folder, dst_dir_fd=to, follow_symlinks=False)
        except FileExistsError:
            there = os.stat(candidate, dir_fd=to, follow_symlinks=False)
            if not os.path.samestat(own, there):
                continue  # else a move that was cut off has put it there
        os.unlink(name, dir_fd=folder)
        _settle(to)
        _settle(folder)
        return candidate
    raise refused("exists", f"{shown(name)}: {NAMES} files of this name are there")


def remove(folder: int, name: str) -> bool:
    """Remove a file, or a link itself; gives whether there was one.

    Raises:
        OSError: it is a folder, or may not be removed.
        OutcomeUnknown: as `replace`.
    """
    _refuse_folder(folder, name)
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    _settle(folder)
    return True


@contextmanager
def _unfinished(folder: int, content: Iterable[bytes]) -> Iterator[str]:
    """Write the content, down to the disk, under a name of ours, which is gone afterwards."""
    name = f"{OURS}{secrets.token_hex(8)}"
    file = os.open(name, _WRITE | os.O_CREAT | os.O_EXCL, MODE, dir_fd=folder)
    try:
        try:
            _write(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


@contextmanager
def _descriptor(folder: int, name: str, flags: int) -> Iterator[int]:
    """Open a regular file."""
    file = os.open(name, flags, MODE, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise refused("not-a-file", f"{shown(name)}: it is no regular file")
        yield file
    finally:
        os.close(file)


def _refuse_folder(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise refused("not-a-file", f"{shown(name)}: it is a folder")


def _write(file: int, content: Iterable[bytes]) -> None:
    for piece in content:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(file, rest[:PIECE]) :]


def _take_back(file: int, size: int, name: str, cause: BaseException) -> None:
    """Cut off what was added before an error; the lock keeps our own other appends out."""
    try:
        os.ftruncate(file, size)
        os.fsync(file)
    except OSError:
        why = cause.strerror if isinstance(cause, OSError) else "the call was stopped"
        message = f"{shown(name)}: {why}; a part may have been added"
        raise OutcomeUnknown("disk.outcome-unknown", message) from None


def _settle(folder: int) -> None:
    """Bring the folder itself to the disk: without it a power cut may take the name away again."""
    try:
        os.fsync(folder)
    except OSError as error:
        raise OutcomeUnknown(
            "disk.outcome-unknown", f"the folder was not brought to the disk: {error.strerror}"
        ) from None


def _numbered(name: str, mark: str) -> Iterator[str]:
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    yield name
    for number in count(1):
        yield f"{stem}{mark}{number}{dot}{ending}"
