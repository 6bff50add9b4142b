"""Versions of bundles, kept by digest in the state folder while an execution may need them.

An execution goes on with the version that it began on, whatever has been deployed since, and after a restart too.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import trio

from runtime.errors import HostError

FOLDER = "versions"


class Versions:
    """The kept versions below the state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    async def keep(self, source: Path, digest: str) -> None:
        """Keep a copy of the bundle in `source`, whole or not at all.

        Raises:
            HostError: the state folder does not take it (code ``deploy.versions``).
        """
        await trio.to_thread.run_sync(self._keep, source, digest)

    def path(self, digest: str) -> Path | None:
        """Give the folder of a kept version, or None."""
        path = self._folder / digest
        return path if path.is_dir() else None

    async def forget(self, needed: set[str]) -> None:
        """Remove every version but these."""
        await trio.to_thread.run_sync(self._forget, needed)

    def _keep(self, source: Path, digest: str) -> None:
        target = self._folder / digest
        if target.is_dir():
            return
        draft = self._folder / f".{digest}.{os.getpid()}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(source, draft)
            draft.rename(target)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise HostError("deploy.versions", f"cannot keep a copy of {source.name}: {error}") from error

    def _forget(self, needed: set[str]) -> None:
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.name not in needed:
                shutil.rmtree(path, ignore_errors=True)
