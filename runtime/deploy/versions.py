"""Versions of bundles, kept by digest in the state folder while an execution may need them.

An execution goes on with the version that it began on, whatever has been deployed since, and after a restart too. What
was live is noted beside them, so that a bundle with mistakes does not lose its last good version by a restart.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from runtime.bundle.archive import pack
from runtime.bundle.sources import Sources
from runtime.errors import HostError
from runtime.store.note import sync_folder

FOLDER = "versions"
NOTE = "live.json"


class Noted(Struct, frozen=True):
    """A bundle that was live: from which source, in which version."""

    source: str
    digest: str


class InUse(Protocol):
    """Who knows which versions unfinished executions began on: a journal, or several."""

    async def digests_in_use(self) -> set[str]:
        """Give their digests."""
        ...


class Versions:
    """The kept versions below the state folder: one archive each. Its methods wait for the disk: call them in a thread.

    Everything is written whole or not at all, and is on the disk when a method returns.
    """

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def keep(self, sources: Sources) -> None:
        """Keep these files.

        Raises:
            HostError: the state folder does not take them (code ``deploy.versions``).
        """
        path = self._path(sources.digest)
        if not path.exists():
            self._write(path, pack(sources.contents))

    def path(self, digest: str) -> Path | None:
        """Give the archive of a kept version, or None."""
        path = self._path(digest)
        return path if path.is_file() else None

    def forget(self, needed: Collection[str]) -> None:
        """Remove every version but these.

        Raises:
            HostError: the state folder does not let them go.
        """
        keep = {NOTE, *(self._path(digest).name for digest in needed)}
        with _border("cannot remove old versions"):
            for path in self._folder.iterdir() if self._folder.is_dir() else ():
                if path.name not in keep and path.is_file():
                    path.unlink(missing_ok=True)

    def take_over(self, state: Path) -> None:
        """Keep what another state folder keeps, too: its executions go on here.

        Raises:
            HostError: the state folder does not take them.
        """
        with _border("cannot take versions over"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in sorted((state / FOLDER).glob("*.zip")):
                target = self._folder / path.name
                if not target.exists():
                    target.hardlink_to(path)
            sync_folder(self._folder)

    def note(self, live: dict[str, Noted]) -> None:
        """Note what is live, by bundle.

        Raises:
            HostError: the state folder does not take it.
        """
        self._write(self._folder / NOTE, msgspec.json.format(msgspec.json.encode(live)))

    def noted(self) -> dict[str, Noted]:
        """Give what was noted last; nothing when it cannot be read: then the watched folder alone decides."""
        try:
            return msgspec.json.decode((self._folder / NOTE).read_bytes(), type=dict[str, Noted])
        except (OSError, msgspec.MsgspecError):
            return {}

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.zip"

    def _write(self, path: Path, content: bytes) -> None:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with _border(f"cannot write {path.name}"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with draft.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            except OSError:
                draft.unlink(missing_ok=True)
                raise
            sync_folder(self._folder)


@contextmanager
def _border(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HostError("deploy.versions", f"{what}: {error.strerror}", hint="look at the state folder") from error
