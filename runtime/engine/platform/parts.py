"""Sub-steps that make several documents out of one, and one out of all: what their results inherit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

from runtime.engine.batch import Batch, Held
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, derived_identity


class Dividing(WholeStep, ABC):
    """Makes documents out of one; they have its properties. One that cannot be divided fails, whole."""

    def __init__(self, identity: str, name: str) -> None:
        super().__init__(identity, name or identity, (None,))

    @abstractmethod
    def parts(self, content: bytes) -> Iterable[bytes]:
        """Give the contents of the parts, in order.

        Raises:
            DocumentFault: the document cannot be divided.
        """

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the parts of all documents, in their order."""
        failures: list[Failure] = Failures()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    await context.pace()
                    document = await context.contents.load(stored)
                    try:
                        contents = await context.beside(self._divided, document)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    for number, content in enumerate(contents):
                        identity = derived_identity(document.id, context.name, number)
                        made = Document(identity, content, document.properties, document.meta, document.origins)
                        if writer.add(await context.contents.settle(made)):
                            await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))

    def _divided(self, document: Document, _context: Context) -> list[bytes]:
        return list(self.parts(held(document)))


class Joining(WholeStep, ABC):
    """Makes one document of all; it has the properties of the first. Those that have nothing to join fail."""

    def __init__(self, identity: str, name: str) -> None:
        super().__init__(identity, name or identity, (None,))

    @abstractmethod
    def read(self, content: bytes) -> object:
        """Give what a document brings.

        Raises:
            DocumentFault: it brings nothing that can be joined.
        """

    @abstractmethod
    def joined(self, brought: Sequence[object]) -> bytes:
        """Give the content of the one document; at least one document has brought something."""

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the one document."""
        merger = Merger(context.name)
        failures: list[Failure] = Failures()
        brought: list[object] = []
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    document = await context.contents.load(stored)
                    try:
                        brought.append(await context.beside(self._brought, document))
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                    else:
                        merger.add(document)
        if not brought:
            return Outcome(outputs=(Held(()),), failures=tuple(failures))
        made = await context.contents.settle(merger.document(self.joined(brought)))
        return Outcome(outputs=(Held((made,)),), failures=tuple(failures))

    def _brought(self, document: Document, _context: Context) -> object:
        return self.read(held(document))


class Streaming(WholeStep, ABC):
    """Makes one document of all without holding them."""

    def __init__(self, identity: str, name: str) -> None:
        super().__init__(identity, name or identity, (None,))

    @abstractmethod
    def pieces(self, contents: AsyncGenerator[AsyncGenerator[bytes]]) -> AsyncGenerator[bytes]:
        """Give the content of the one document, from the pieces of each document in order."""

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the one document."""
        merger = Merger(context.name)
        content = await context.contents.write(self.pieces(_contents(batch, context, merger)))
        return Outcome(outputs=(Held((merger.document(content),)),))


async def _contents(batch: Batch, context: Context, merger: Merger) -> AsyncGenerator[AsyncGenerator[bytes]]:
    async with aclosing(batch.chunks()) as chunks:
        async for chunk in chunks:
            await context.pace()
            for document in chunk:
                merger.add(document)
                async with aclosing(context.contents.chunks(document)) as pieces:
                    yield pieces
