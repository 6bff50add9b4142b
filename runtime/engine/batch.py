"""Batches: ordered, immutable sequences of documents that can be read again and again, and spill to disk.

A step never holds more of a batch than the one document it works on, so that a batch of millions costs no more memory
than one of thousands. Reading is by chunks: `chunks()` gives lists of at most `CHUNK` documents.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Protocol

import msgspec
from msgspec import Struct

from runtime.model.document import Document, Origins, Span, Stored, merge_spans
from runtime.store.protocols import Files, Writer

CHUNK = 256  # documents read or written at once: a few hundred kilobytes, about a millisecond to decode
CHUNK_BYTES = 1024 * 1024  # large documents make smaller chunks, so that one chunk stays cheap to hold

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Document])


class Batch(Protocol):
    """An ordered batch of documents."""

    def __len__(self) -> int:
        """Give the number of documents."""
        ...

    def chunks(self) -> AsyncGenerator[Sequence[Document]]:
        """Give the documents in order, some at a time; no chunk is empty."""
        ...


class Held(Struct, frozen=True):
    """A batch in memory."""

    documents: tuple[Document, ...]

    def __len__(self) -> int:
        """Give the number of documents."""
        return len(self.documents)

    async def chunks(self) -> AsyncGenerator[Sequence[Document]]:
        """Give the documents, some at a time."""
        documents = self.documents
        if len(documents) <= CHUNK:
            if documents:
                yield documents
            return
        for start in range(0, len(documents), CHUNK):
            yield documents[start : start + CHUNK]


EMPTY = Held(())


class Spilled(Struct, frozen=True):
    """A batch in one sealed file of its execution."""

    files: Files
    execution: str
    name: str
    count: int
    contents: tuple[str, ...] = ()  # files of contents that the documents refer to

    def __len__(self) -> int:
        """Give the number of documents."""
        return self.count

    async def chunks(self) -> AsyncGenerator[Sequence[Document]]:
        """Give the documents as they were written, a chunk at a time."""
        async with aclosing(self.files.read(self.execution, self.name)) as chunks:
            async for chunk in chunks:
                yield _decoder.decode(chunk)


class Selected(Struct, frozen=True):
    """Some documents of another batch, by position; tagged, each carries its position as its origin in a new fork."""

    batch: Batch
    spans: Origins
    tagged: bool = False

    def __len__(self) -> int:
        """Give the number of documents selected."""
        return sum(stop - start for start, stop in self.spans)

    async def chunks(self) -> AsyncGenerator[Sequence[Document]]:
        """Give the selected documents in order."""
        spans = iter(self.spans)
        start, stop = next(spans, (0, 0))
        position = 0
        async with aclosing(self.batch.chunks()) as chunks:
            async for chunk in chunks:
                chosen: list[Document] = []
                end = position + len(chunk)
                while start < end and start < stop:
                    upto = min(stop, end)
                    chosen.extend(self._take(chunk, position, start, upto))
                    if upto < stop:
                        start = upto
                        break
                    start, stop = next(spans, (0, 0))
                if chosen:
                    yield chosen
                if start >= stop:
                    return
                position = end

    def _take(self, chunk: Sequence[Document], base: int, start: int, stop: int) -> Iterable[Document]:
        taken = chunk[start - base : stop - base]
        return tag(taken, start) if self.tagged else taken


def tag(documents: Sequence[Document], first: int) -> Iterable[Document]:
    """Give documents that carry their position, counted from `first`, as their origin in one more fork."""
    for position, document in enumerate(documents, first):
        origins = (*document.origins, ((position, position + 1),))
        yield Document(document.id, document.content, document.properties, document.meta, origins)


def everything(count: int) -> Origins:
    """Give the spans that select all of `count` documents."""
    return ((0, count),) if count else ()


def without(count: int, taken: Iterable[int]) -> Origins:
    """Give the spans that select all of `count` documents but those at the positions `taken`."""
    spans: list[tuple[int, int]] = []
    start = 0
    for position in sorted(taken):
        if position > start:
            spans.append((start, position))
        start = position + 1
    if start < count:
        spans.append((start, count))
    return tuple(spans)


def others(count: int, taken: Iterable[Span]) -> Origins:
    """Give the spans that select all of `count` documents but those of the spans `taken`, sorted and disjoint."""
    spans: list[Span] = []
    start = 0
    for first, stop in taken:
        if first > start:
            spans.append((start, first))
        start = max(start, stop)
    if start < count:
        spans.append((start, count))
    return tuple(spans)


def only(positions: Iterable[int]) -> Origins:
    """Give the spans that select the documents at these positions."""
    return merge_spans([(position, position + 1) for position in positions])


class BatchLimits(Struct, frozen=True, kw_only=True):
    """When a batch leaves memory, and when it is refused (reasons: conf/nuclide.toml, section documents)."""

    in_memory: int = 2_000  # documents
    in_memory_bytes: int = 8 * 1024 * 1024


def sole_chunk(batch: Batch) -> Sequence[Document] | None:
    """Give all documents of a batch that is in memory and no longer than a chunk, else None: most batches are one."""
    if type(batch) is Held and len(batch.documents) <= CHUNK:
        return batch.documents
    return None


async def in_memory(batch: Batch) -> Held:
    """Give the documents of a batch that is no longer than a chunk."""
    if isinstance(batch, Held):
        return batch
    async with aclosing(batch.chunks()) as chunks:
        return Held(tuple([document async for chunk in chunks for document in chunk]))


def fits(documents: Sequence[Document], limits: BatchLimits) -> bool:
    """Whether these documents may stay in memory as a batch."""
    if len(documents) > limits.in_memory:
        return False
    return sum(document.size for document in documents) <= limits.in_memory_bytes


class BatchWriter:
    """Collects documents into a batch; beyond the limits it writes them to a sealed file.

    Made by `collecting`. `add` says when `flush` is due, so that adding to a batch in memory costs no await; `batch` is
    the result once the block has ended.
    """

    def __init__(self, files: Files, execution: str, limits: BatchLimits, stack: AsyncExitStack) -> None:
        self.batch: Batch = EMPTY
        self._files = files
        self._execution = execution
        self._limits = limits
        self._stack = stack
        self._documents: list[Document] = []
        self._bytes = 0
        self._written = 0
        self._contents: list[str] = []
        self._writer: Writer | None = None

    def add(self, document: Document) -> bool:
        """Add a document. True means that `flush` must be awaited before more is added."""
        self._documents.append(document)
        self._bytes += document.size
        if self._writer is None:
            return len(self._documents) > self._limits.in_memory or self._bytes > self._limits.in_memory_bytes
        return len(self._documents) >= CHUNK or self._bytes >= CHUNK_BYTES

    async def flush(self) -> None:
        """Write what was collected to the batch's file, opening it if need be."""
        if self._writer is None:
            self._writer = await self._stack.enter_async_context(self._files.create(self._execution))
        documents, self._documents, self._bytes = self._documents, [], 0
        for start in range(0, len(documents), CHUNK):
            await self._writer.write(_encoder.encode(documents[start : start + CHUNK]))
        self._written += len(documents)
        self._contents += [doc.content.name for doc in documents if isinstance(doc.content, Stored)]

    async def extend(self, documents: Iterable[Document]) -> None:
        """Add documents, writing as often as need be."""
        for document in documents:
            if self.add(document):
                await self.flush()

    async def end(self) -> None:
        """Write what is left, if the batch has a file."""
        if self._writer is not None and self._documents:
            await self.flush()

    def made(self) -> Batch:
        """Give the batch, once its file is complete."""
        if self._writer is None:
            return Held(tuple(self._documents)) if self._documents else EMPTY
        return Spilled(self._files, self._execution, self._writer.name, self._written, tuple(self._contents))


@asynccontextmanager
async def collecting(files: Files, execution: str, limits: BatchLimits) -> AsyncGenerator[BatchWriter]:
    """Give a writer; its `batch` is there when the block has ended without an error, and nothing of it otherwise."""
    async with AsyncExitStack() as stack:
        writer = BatchWriter(files, execution, limits, stack)
        yield writer
        await writer.end()
    writer.batch = writer.made()
