"""From a path in a connection's folder to a file descriptor, one name at a time and never through a link.

Each folder on the way is opened relative to the one before. A link that is put in place while this happens is refused
as well, which a check of the finished path could not promise.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from connectors.disk.faults import unsafe
from runtime.sdk.faults import NotSent

DEPTH = 64  # names of a path: deeper trees are accidents
OURS = ".nuclide-"  # how the names of unfinished files begin: never listed, read or written by a process

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def names_of(path: str) -> tuple[str, ...]:
    """Give the names of a relative path.

    Raises:
        NotSent: ``disk.unsafe-path``: it is empty or absolute, climbs, or holds what no name may hold.
    """
    names = tuple(path.split("/"))
    if path.startswith("/"):
        raise unsafe(path, "a path is relative to the connection's folder")
    if "\0" in path:
        raise unsafe(path, "a path holds no NUL")
    if any("\ud800" <= character <= "\udfff" for character in path):
        raise unsafe(path, "a path is text")
    if any(name in {"", ".", ".."} for name in names):
        raise unsafe(path, "a path does not climb: no name in it is empty, '.' or '..'")
    if any(name.startswith(OURS) for name in names):
        raise unsafe(path, f"names that begin with {OURS} are unfinished files")
    if len(names) > DEPTH:
        raise unsafe(path, f"a path has at most {DEPTH} names")
    return names


@contextmanager
def opened_root(folder: str) -> Iterator[int]:
    """Open the connection's folder.

    Raises:
        NotSent: ``disk.no-folder``: it is not there, or may not be entered.
    """
    try:
        found = os.open(folder, _FOLDER)
    except OSError as error:
        raise NotSent("disk.no-folder", f"the folder of the connection cannot be opened: {error.strerror}") from None
    try:
        yield found
    finally:
        os.close(found)


@contextmanager
def opened(root: int, names: Sequence[str], *, make: bool = False) -> Iterator[int]:
    """Open the folder that the names lead to, from `root` on; `make` makes those that are missing.

    Raises:
        OSError: one is not there, is a link, or is no folder.
    """
    here = os.dup(root)
    try:
        for name in names:
            there = _entered(here, name, make=make)
            os.close(here)
            here = there
        yield here
    finally:
        os.close(here)


def _entered(here: int, name: str, *, make: bool) -> int:
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
    except FileNotFoundError:
        if not make:
            raise
    try:
        os.mkdir(name, dir_fd=here)
    except FileExistsError:
        pass  # another call made it meanwhile
    else:
        os.fsync(here)
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
