"""Split and Combine of JSON documents (reference 1.10)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtime.engine.batch import Batch, BatchWriter, Held
from runtime.engine.context import Context
from runtime.engine.json_parts import combine, split
from runtime.engine.merge import Merger
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, derived_identity
from runtime.model.shapes import CombineStep, SplitStep


class Split(WholeStep):
    """Makes one document of each element of a list; they inherit the properties of the document they come from."""

    def __init__(self, shape: SplitStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._element = shape.element
        self._keep_wrapper = shape.keep_wrapper

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the elements of all documents, in order. A document without the element gives nothing."""
        failures: list[Failure] = Failures()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    try:
                        await self._split(document, context, writer)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))

    async def _split(self, document: Document, context: Context, writer: BatchWriter) -> None:
        """Add the parts of a document, all or none: one that is found broken at its end must not go on in part."""
        if isinstance(document.content, bytes):
            async with aclosing(self._parts(document, context)) as parts:
                await writer.extend([part async for part in parts])
            return
        async with aclosing(self._parts(document, context)) as parts:
            async for _ in parts:
                pass  # too large to hold its parts: read once to be sure, and again to have them
        async with aclosing(self._parts(document, context)) as parts:
            async for part in parts:
                if writer.add(part):
                    await writer.flush()

    async def _parts(self, document: Document, context: Context) -> AsyncGenerator[Document]:
        ordinal, name = 0, context.name
        parts_of = split(lambda: context.contents.chunks(document), self._element, self._keep_wrapper)
        async with aclosing(parts_of) as parts:
            async for part in parts:
                identity = derived_identity(document.id, name, ordinal)
                yield Document(identity, part, document.properties, document.meta, document.origins)
                ordinal += 1


class Combine(WholeStep):
    """Makes one document of all; it descends from each of them."""

    def __init__(self, shape: CombineStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._element = shape.element

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give one document: a list, or an object with the list at the step's element."""
        merger = Merger(context.name)
        content = await context.contents.write(combine(self._contents(batch, context, merger), self._element))
        return Outcome(outputs=(Held((merger.document(content),)),))

    async def _contents(self, batch: Batch, context: Context, merger: Merger) -> AsyncGenerator[bytes]:
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for document in chunk:
                    merger.add(document)
                    yield await context.contents.read(document)
