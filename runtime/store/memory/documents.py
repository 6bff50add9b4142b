"""Files in memory."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from runtime.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence


class MemoryWriter:
    """Collects the chunks of one file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.chunks: list[bytes] = []

    @property
    def name(self) -> str:
        """The name by which the file is opened again."""
        return self._name

    async def write(self, chunk: bytes) -> None:
        """Add a chunk."""
        await trio.lowlevel.checkpoint()
        self.chunks.append(bytes(chunk))


class MemoryDocuments:
    """Files in memory (the protocol `Documents` says what each method does)."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, tuple[bytes, ...]]] = {}
        self._count = 0

    @asynccontextmanager
    async def create(self, execution: str) -> AsyncIterator[MemoryWriter]:
        """Write a file; it is there when the block has ended without an error."""
        self._count += 1
        writer = MemoryWriter(f"file-{self._count}")
        yield writer
        self._files.setdefault(execution, {})[writer.name] = tuple(writer.chunks)

    async def read(self, execution: str, name: str) -> AsyncGenerator[bytes]:
        """Give the chunks of a file."""
        for chunk in self._file(execution, name):
            await trio.lowlevel.checkpoint()
            yield chunk

    async def sync(self, execution: str, names: Sequence[str]) -> None:
        """Check that the files are there: nothing here is more durable than it was."""
        await trio.lowlevel.checkpoint()
        for name in names:
            self._file(execution, name)

    async def erase(self, execution: str) -> None:
        """Remove every file of an execution."""
        await trio.lowlevel.checkpoint()
        self.forget(execution)

    async def sweep(self, keep: set[str]) -> None:
        """Remove the files of all executions but these."""
        await trio.lowlevel.checkpoint()
        self._files = {execution: files for execution, files in self._files.items() if execution in keep}

    def forget(self, execution: str) -> None:
        """Remove every file of an execution at once."""
        self._files.pop(execution, None)

    def _file(self, execution: str, name: str) -> tuple[bytes, ...]:
        try:
            return self._files[execution][name]
        except KeyError:
            raise StoreError("store.missing", f"there is no file {name} of {execution}") from None
