"""A bundle on its way into the folder: written aside on the same disk, put in place by one rename, or taken back.

Aside is a folder whose name every look passes over. Functions and methods that ask the disk for long say so.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import trio

from runtime.bundle.table import ARCHIVE
from runtime.clock import HOURS
from runtime.store.note import sync_folder

_ASIDE = ".arriving-"
_STALE = 1 * HOURS  # seconds without a change: what arrived there has died with its daemon
_LONGEST_NAME = 100  # characters of a bundle's name in that of its file


def file_of(bundle: str) -> str:
    """Give the name of the archive of a bundle: that of the bundle, without what names of files do not have."""
    name = re.sub(r"[^\w-]+", "-", bundle, flags=re.ASCII).strip("-_")[:_LONGEST_NAME]
    return f"{name or 'bundle'}{ARCHIVE}"


class Arrival:
    """A draft of `path`. `instead` is the folder that holds the bundle now, where that is not `path`.

    Its methods wait for the disk: call them in a thread. They raise OSError when it refuses.
    """

    def __init__(self, path: Path, instead: Path | None = None) -> None:
        self.path = path
        self.instead = instead
        self._aside = path.with_name(f"{_ASIDE}{secrets.token_hex(8)}")
        self._before = self._aside / "before"

    @property
    def draft(self) -> Path:
        """Where it is written; findings tell its name, so it is that of the place."""
        return self._aside / self.path.name

    def make(self) -> None:
        """Make room for the draft, and remove what others have left."""
        for left in self.path.parent.glob(f"{_ASIDE}*"):
            if time.time() - left.stat().st_mtime > _STALE:
                shutil.rmtree(left, ignore_errors=True)
        self._aside.mkdir(mode=0o700)

    def place(self) -> None:
        """Put the draft in its place, in one step; what was there is kept aside."""
        if self.path.exists():
            try:
                self._before.hardlink_to(self.path)
            except OSError:  # a disk without links
                shutil.copy2(self.path, self._before)
        self.draft.replace(self.path)
        sync_folder(self.path.parent)

    def take_back(self) -> None:
        """Put back what was there before."""
        if self._before.exists():
            self._before.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)
        sync_folder(self.path.parent)

    def hide(self) -> None:
        """Take away what it comes instead of."""
        if self.instead is not None:
            self.instead.rename(self._aside / "instead")
            sync_folder(self.path.parent)

    def clear(self) -> None:
        """Remove what is aside."""
        shutil.rmtree(self._aside, ignore_errors=True)


async def write(path: Path, pieces: AsyncGenerator[bytes]) -> None:
    """Write a file as its pieces arrive; it is on the disk when this returns.

    Raises:
        OSError: the disk refuses. What `pieces` raises goes through.
    """
    async with aclosing(pieces) as arriving, await trio.open_file(path, "wb") as file:
        async for piece in arriving:
            await file.write(piece)
        await file.flush()
        await trio.to_thread.run_sync(os.fsync, file.fileno())
