"""Contents too large for memory: written to a sealed file of the execution, read back in chunks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing

from runtime.model.document import Content, Document, Stored
from runtime.store.protocols import Documents, Files, Writer

PIECE = 256 * 1024  # bytes of a chunk: large enough for the cipher and the disk, small enough to hold


class TrackedFiles:
    """The files of one execution; `used` once it has written any, so that one that has not need not be erased."""

    def __init__(self, files: Documents) -> None:
        self._files = files
        self.used = False

    def create(self, execution: str) -> AbstractAsyncContextManager[Writer]:
        """Write a file."""
        self.used = True
        return self._files.create(execution)

    def read(self, execution: str, name: str) -> AsyncGenerator[bytes]:
        """Give the chunks of a file."""
        return self._files.read(execution, name)


class Contents:
    """Reads and writes the contents of one execution's documents. Contents of up to `limit` bytes stay in memory."""

    def __init__(self, files: Files, execution: str, limit: int) -> None:
        self._files = files
        self._execution = execution
        self._limit = limit

    async def read(self, document: Document) -> bytes:
        """Give the whole content of a document."""
        content = document.content
        if isinstance(content, bytes):
            return content
        async with aclosing(self._files.read(self._execution, content.name)) as pieces:
            return b"".join([piece async for piece in pieces])

    async def chunks(self, document: Document) -> AsyncGenerator[bytes]:
        """Give the content of a document piece by piece."""
        content = document.content
        if isinstance(content, Stored):
            async with aclosing(self._files.read(self._execution, content.name)) as pieces:
                async for piece in pieces:
                    yield piece
        elif content:
            yield content

    async def load(self, document: Document) -> Document:
        """Give the document with its content in memory."""
        if isinstance(document.content, bytes):
            return document
        content = await self.read(document)
        return Document(document.id, content, document.properties, document.meta, document.origins)

    async def settle(self, document: Document) -> Document:
        """Give the document with its content in a file if it is too large for memory."""
        content = document.content
        if isinstance(content, Stored) or len(content) <= self._limit:
            return document
        stored = await self.write(_pieces(content))
        return Document(document.id, stored, document.properties, document.meta, document.origins)

    async def write(self, pieces: AsyncGenerator[bytes]) -> Content:
        """Keep content that is made piece by piece: in memory while it is small enough, else in a file.

        The pieces are closed however it ends.
        """
        held: list[bytes] = []
        size = written = 0
        async with AsyncExitStack() as stack, aclosing(pieces):
            writer: Writer | None = None
            async for piece in pieces:
                held.append(piece)
                size += len(piece)
                if size <= self._limit:
                    continue
                if writer is None:
                    writer = await stack.enter_async_context(self._files.create(self._execution))
                if size - written >= PIECE:
                    await writer.write(b"".join(held))
                    held.clear()
                    written = size
            if writer is None:
                return b"".join(held)
            if held:
                await writer.write(b"".join(held))
        return Stored(writer.name, size)


def held(document: Document) -> bytes:
    """Give the content of a document that is in memory."""
    content = document.content
    if isinstance(content, Stored):
        raise TypeError("the content of this document was not loaded")
    return content


async def _pieces(content: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]
