"""Cleanse, the step: rejected documents first, then the clean ones (reference 1.15; platform behaviour 20)."""

from __future__ import annotations

from contextlib import aclosing

from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.platform.cleanse.places import opener
from runtime.engine.platform.values import Around
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.cleanse import CleanseStep
from runtime.model.document import Document

MESSAGE = "cleansemessage"  # where a rejected document keeps its reason
REJECTED = "cleanse.rejected"


class Cleanse(WholeStep):
    """Repairs what can be repaired; a document with one value that cannot be is rejected whole."""

    def __init__(self, shape: CleanseStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.rejected, shape.clean))
        self._open = opener(around.components.profiles.get(shape.profile), shape.fields)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the rejected documents as they came, with the reason, and the clean ones."""
        failures: list[Failure] = Failures()
        async with context.writer() as rejected, context.writer() as clean, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    await context.pace()
                    document = await context.contents.load(stored)
                    try:
                        content = self._cleansed(held(document))
                    except DocumentFault as fault:
                        if fault.code != REJECTED:
                            failures.append(failure(document, fault))
                        elif rejected.add(_rejected(stored, fault.message)):
                            await rejected.flush()
                        continue
                    made = stored if content is None else await context.contents.settle(_clean(document, content))
                    if clean.add(made):
                        await clean.flush()
        return Outcome(outputs=(rejected.batch, clean.batch), failures=tuple(failures))

    def _cleansed(self, content: bytes) -> bytes | None:
        """Give the repaired content; None where nothing had to be repaired."""
        opened = self._open(content)
        changed = False
        for rule, text, put in opened.places:
            made = rule.cleansed(text)
            if made is not None and made != text:
                put(made)
                changed = True
        return opened.write() if changed else None


def _rejected(document: Document, reason: str) -> Document:
    meta = {**document.meta, MESSAGE: reason}
    return Document(document.id, document.content, document.properties, meta, document.origins)


def _clean(document: Document, content: bytes) -> Document:
    return Document(document.id, content, document.properties, document.meta, document.origins)
