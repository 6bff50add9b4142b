"""Files in memory."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from runtime.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence


class MemoryWriter:
    """Collects the chunks of one file."""

    def __init__(self, name: str, about_to: Callable[[str], None]) -> None:
        self._name = name
        self._about_to = about_to
        self.chunks: list[bytes] = []

    @property
    def name(self) -> str:
        """The name by which the file is opened again."""
        return self._name

    async def write(self, chunk: bytes) -> None:
        """Add a chunk."""
        await trio.lowlevel.checkpoint()
        self._about_to("write")
        self.chunks.append(bytes(chunk))


class MemoryDocuments:
    """Files in memory (the protocol `Documents` says what each method does).

    `before_write` is called before each chunk is written, each file put in place, each sync and each erasure, with a
    word that says which; what it raises, the call raises, and nothing has happened. `power_cut` loses what no sync has
    made sure.
    """

    def __init__(self) -> None:
        self.before_write: Callable[[str], None] | None = None
        self._files: dict[str, dict[str, tuple[bytes, ...]]] = {}
        self._synced: set[tuple[str, str]] = set()
        self._count = 0

    @asynccontextmanager
    async def create(self, execution: str) -> AsyncIterator[MemoryWriter]:
        """Write a file; it is there when the block has ended without an error."""
        self._count += 1
        writer = MemoryWriter(f"file-{self._count}", self._about_to)
        yield writer
        self._about_to("publish")
        self._files.setdefault(execution, {})[writer.name] = tuple(writer.chunks)

    async def read(self, execution: str, name: str) -> AsyncGenerator[bytes]:
        """Give the chunks of a file."""
        for chunk in self._file(execution, name):
            await trio.lowlevel.checkpoint()
            yield chunk

    async def sync(self, execution: str, names: Sequence[str]) -> None:
        """Make files survive `power_cut`."""
        await trio.lowlevel.checkpoint()
        self._about_to("sync")
        for name in names:
            self._file(execution, name)
            self._synced.add((execution, name))

    async def erase(self, execution: str) -> None:
        """Remove every file of an execution."""
        await trio.lowlevel.checkpoint()
        self._about_to("erase")
        self.forget(execution)

    async def copy(self, execution: str, name: str, other: str) -> None:
        """Give another execution the file under the same name."""
        await trio.lowlevel.checkpoint()
        self._files.setdefault(other, {})[name] = self._file(execution, name)

    async def sweep(self, keep: set[str]) -> None:
        """Remove the files of all executions but these."""
        await trio.lowlevel.checkpoint()
        self._files = {execution: files for execution, files in self._files.items() if execution in keep}

    def forget(self, execution: str) -> None:
        """Remove every file of an execution at once."""
        self._files.pop(execution, None)

    def power_cut(self) -> None:
        """Lose what was never synced, as a disk without power does."""
        for execution, files in self._files.items():
            for name in [name for name in files if (execution, name) not in self._synced]:
                del files[name]

    def _about_to(self, what: str) -> None:
        if self.before_write is not None:
            self.before_write(what)

    def _file(self, execution: str, name: str) -> tuple[bytes, ...]:
        try:
            return self._files[execution][name]
        except KeyError:
            raise StoreError("store.missing", f"there is no file {name} of {execution}") from None
