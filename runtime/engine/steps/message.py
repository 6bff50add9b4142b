"""Message: the content becomes a text with values in it (reference 1.5)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtime.engine.batch import Batch, Held
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.step import EachStep, WholeStep
from runtime.errors import DocumentFault
from runtime.expressions import compile_template
from runtime.model.document import Document
from runtime.model.shapes import MessageStep


class Message(EachStep):
    """Replaces the content of each document; properties stay."""

    flat = True

    def __init__(self, shape: MessageStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self.text = compile_template(shape.text)
        self.reads = self.text.reads_document

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with the text as its content."""
        content = self.text.text(context.scope(document)).encode()
        return Document(document.id, content, document.properties, document.meta, document.origins)


class CombinedMessage(WholeStep):
    """Renders the text for each document and concatenates the texts into one document."""

    def __init__(self, shape: MessageStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._text = compile_template(shape.text)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give one document; documents whose text cannot be made fail and are not in it."""
        merger = Merger(context.name)
        failures: list[Failure] = Failures()
        content = await context.contents.write(self._texts(batch, context, merger, failures))
        outputs = (Held((merger.document(content),)) if merger.count else Held(()),)
        return Outcome(outputs=outputs, failures=tuple(failures))

    def _rendered(self, document: Document, context: Context) -> str:
        return self._text.text(context.scope(document))

    async def _texts(
        self, batch: Batch, context: Context, merger: Merger, failures: list[Failure]
    ) -> AsyncGenerator[bytes]:
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    document = await context.contents.load(stored) if self._text.reads_document else stored
                    try:
                        text = await context.beside(self._rendered, document)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    merger.add(document)
                    yield text.encode()
