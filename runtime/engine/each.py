"""Steps that make one document out of one, over a batch."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from runtime.engine.batch import EMPTY, Batch, Held, fits, sole_chunk
from runtime.engine.context import TURN, Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.step import EachStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, Stored


async def over_each(step: EachStep, batch: Batch, context: Context) -> Outcome:
    """Give what the step makes of all documents of a batch; those that fail are failures of the outcome.

    Raises:
        ProcessFault: the run ends.
    """
    failures: list[Failure] = Failures()
    sole = sole_chunk(batch)
    if sole is not None:
        made = await _made(step, sole, context, failures)
        if fits(made, context.limits.batch):
            return Outcome(outputs=(Held(tuple(made)) if made else EMPTY,), failures=tuple(failures))
        async with context.writer() as writer:
            await writer.extend(made)
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))
    async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
        async for chunk in chunks:
            await writer.extend(await _made(step, chunk, context, failures))
    return Outcome(outputs=(writer.batch,), failures=tuple(failures))


async def _made(
    step: EachStep, documents: Sequence[Document], context: Context, failures: list[Failure]
) -> list[Document]:
    """Give what the step makes of some documents; those that fail are added to `failures`."""
    largest, at_once = context.limits.content_in_memory, context.limits.compute_at_once
    result: list[Document] = []
    for number, original in enumerate(documents, 1):
        document = original
        if number % TURN == 0:
            await context.pace()
        if step.reads and type(document.content) is Stored:
            document = await context.contents.load(document)
        try:
            if step.fetches:
                await step.fetch(document, context)
            if type(document.content) is bytes and len(document.content) > at_once:
                made = await context.beside(step.each, document)
            else:
                made = step.each(document, context)
        except DocumentFault as fault:
            failures.append(failure(document, fault))
            continue
        if type(made.content) is bytes and len(made.content) > largest:
            made = await context.contents.settle(made)
        result.append(made)
    return result
