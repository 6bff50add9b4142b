"""The file of users: read at the start, and again when it has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog
import trio

from runtime.errors import NuclideError, SettingsError, StoreError
from runtime.store.note import Note
from runtime.web.access.users import FILE_MODE, Users, check_name, check_networks

LOOK = 1.0  # seconds between two looks whether a file has changed: what an operator takes for at once

_log = structlog.get_logger("nuclide.access")

Thing = TypeVar("Thing")
Stamp = tuple[tuple[int, int, int], ...]


def read_users(path: Path) -> Users:
    """Read the users; none where there is no file.

    Raises:
        SettingsError: others may read the file, or something in it cannot be.
    """
    try:
        users = Note(path, Users).read() or {}
    except StoreError as error:
        raise SettingsError("access.users", error.message, hint=error.hint) from error
    if users and path.stat().st_mode & FILE_MODE:
        message = f"{path} can be read by others than its owner"
        raise SettingsError("access.users-open", message, hint=f"chmod 600 {path}")
    for name, user in users.items():
        check_name(name)
        check_networks(user.addresses or ())
    return users


class Watched(Generic[Thing]):
    """What was read from files, and is read again when they change; `read` is called in a thread."""

    def __init__(self, what: str, paths: tuple[Path, ...], read: Callable[[], Thing]) -> None:
        self._what = what
        self._paths = paths
        self._read = read
        self._stamp = _stamp(paths)
        self.now = read()

    async def follow(self) -> None:
        """Look for changes, for ever. What cannot be read changes nothing, and is told once."""
        while True:
            await trio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Look once."""
        stamp = await trio.to_thread.run_sync(_stamp, self._paths)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.now = await trio.to_thread.run_sync(self._read)
        except NuclideError as error:
            _log.error("a change is refused, and what was read before holds", what=self._what, error=str(error))
        else:
            _log.info("a change has taken effect", what=self._what)


def _stamp(paths: tuple[Path, ...]) -> Stamp:
    return tuple(_stamp_of(path) for path in paths)


def _stamp_of(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)
