"""Message, Notify and Exception of platform processes (reference 1.5, 1.6, 1.18)."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtime.engine.batch import Batch, Held, Selected, without
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.observer import Level
from runtime.engine.outcome import Ended, Failure, Failures, Outcome, failure
from runtime.engine.platform.texts import Text
from runtime.engine.platform.values import Around, declare
from runtime.engine.step import EachStep, WholeStep
from runtime.engine.steps.ends import EXCEPTION
from runtime.errors import DocumentFault
from runtime.model.document import Document
from runtime.model.platform_shapes import NotifyStep, PlatformExceptionStep, PlatformMessageStep

HALTED = "Process terminating -- some documents reached an exception which is set to halt all documents: "

LONGEST_LINE = 10_000  # characters of a log line: what the platform shows of an event

_NO_DOCUMENT = Document(b"")
_LINE_END = re.compile(r"\r\n|[\r\n]")


class PlatformMessage(EachStep):
    """Replaces the content of each document; properties stay."""

    flat = True

    def __init__(self, shape: PlatformMessageStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._text = Text(shape.text, around)
        declare(self, self._text.values)
        self.reads = self._text.reads

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with the text as its content."""
        content = self._text.of(document, context).encode()
        return Document(document.id, content, document.properties, document.meta, document.origins)


class CombinedPlatformMessage(WholeStep):
    """Renders the text for each document and concatenates the texts into one document."""

    def __init__(self, shape: PlatformMessageStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._text = Text(shape.text, around)
        declare(self, self._text.values)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give one document; documents whose text cannot be made fail and are not in it."""
        merger = Merger(context.name)
        failures: dict[int, Failure] = {}

        async def pieces() -> AsyncGenerator[bytes]:
            async with aclosing(rendered(self._text, batch, context, failures)) as texts:
                async for document, text in texts:
                    merger.add(document)
                    yield text.encode()

        content = await context.contents.write(pieces())
        made = (merger.document(content),) if merger.count else ()
        return Outcome(outputs=(Held(made),), failures=tuple(failures.values()))


class Notify(WholeStep):
    """Writes one line to the process log and lets the documents pass (behaviour 46).

    Rendered once without a document, a value that needs one fails all of them (behaviour 47).
    """

    def __init__(self, shape: NotifyStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._title = "null" if shape.title is None else shape.title
        self._level: Level = shape.level
        self._text = Text(shape.text, around)
        declare(self, self._text.values)
        self._once = shape.once
        self._event = shape.event

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the batch unchanged; documents whose text cannot be made fail."""
        failures: dict[int, Failure] = {}
        texts = [self._rendered_once(context)] if self._once else await self._rendered(batch, context, failures)
        text = _LINE_END.sub(" ", "".join(texts)).rstrip()
        context.tell(self._level, f"{self._title}: {text}"[:LONGEST_LINE])
        if self._event:
            context.raise_event(self._level, self._title, text[:LONGEST_LINE])
        if not failures:
            return Outcome(outputs=(batch,))
        passing = Selected(batch, without(len(batch), failures))
        return Outcome(outputs=(passing,), failures=tuple(failures.values()))

    def _rendered_once(self, context: Context) -> str:
        if self._text.of_document:
            raise DocumentFault("platform.no-document", "Attempting document property extraction with no document")
        return self._text.of(_NO_DOCUMENT, context)

    async def _rendered(self, batch: Batch, context: Context, failures: dict[int, Failure]) -> list[str]:
        """Give the texts, as many as a line can show; all are rendered, since what cannot be fails."""
        texts: list[str] = []
        length = 0
        async with aclosing(rendered(self._text, batch, context, failures)) as found:
            async for _, text in found:
                if length <= LONGEST_LINE:
                    texts.append(text)
                    length += len(text)
        return texts


class PlatformException(WholeStep):
    """Fails each document with its message, or ends the run with the first document's (behaviour 56)."""

    flat = True

    def __init__(self, shape: PlatformExceptionStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, ())
        self._title = shape.title
        self._text = Text(shape.message, around)
        declare(self, self._text.values)
        self._ends = shape.stop == "process"

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the failures, or the error that ends the run."""
        unreadable: dict[int, Failure] = {}
        failures: list[Failure] = Failures()
        async with aclosing(rendered(self._text, batch, context, unreadable)) as texts:
            async for document, text in texts:
                context.tell("severe", f"{self._title}: {text}"[:LONGEST_LINE])
                if self._ends:
                    return Outcome(ended=Ended(EXCEPTION, HALTED + text))
                failures.append(Failure(document.origins, EXCEPTION, text))
        return Outcome(failures=(*failures, *unreadable.values()))


async def rendered(
    text: Text, batch: Batch, context: Context, failures: dict[int, Failure]
) -> AsyncGenerator[tuple[Document, str]]:
    """Give each document with its text; those whose text cannot be made are added to `failures`, by position."""
    position = -1
    async with aclosing(batch.chunks()) as chunks:
        async for chunk in chunks:
            await context.pace()
            for stored in chunk:
                position += 1
                document = await context.contents.load(stored) if text.reads else stored
                try:
                    for fetch in text.fetches:
                        await fetch(document, context)
                    made = await context.beside(text.of, document)
                except DocumentFault as fault:
                    failures[position] = failure(document, fault)
                else:
                    yield document, made
