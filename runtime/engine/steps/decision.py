"""Decision: each document goes down one of two paths (reference 1.14)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from runtime.engine.batch import Batch, Selected, sole_chunk
from runtime.engine.context import TURN, Context
from runtime.engine.outcome import Failure, Outcome, failure
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.expressions import compile_condition
from runtime.model.document import Document, Span
from runtime.model.shapes import DecisionStep


class Decision(WholeStep):
    """Divides the batch; documents for which the condition cannot be computed fail."""

    def __init__(self, shape: DecisionStep) -> None:
        super().__init__(shape.id, shape.name, (shape.yes, shape.no))
        self._condition = compile_condition(shape.condition)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the documents that meet the condition, then those that do not."""
        paths: tuple[list[Span], list[Span]] = ([], [])
        failures: list[Failure] = []
        sole = sole_chunk(batch)
        if sole is not None:
            await self._divide(sole, 0, context, paths, failures)
        else:
            first = 0
            async with aclosing(batch.chunks()) as chunks:
                async for chunk in chunks:
                    await self._divide(chunk, first, context, paths, failures)
                    first += len(chunk)
        whole = [(0, len(batch))]
        outputs = tuple(batch if spans == whole else Selected(batch, tuple(spans)) for spans in paths)
        return Outcome(outputs=outputs, failures=tuple(failures))

    async def _divide(
        self,
        documents: Sequence[Document],
        first: int,
        context: Context,
        paths: tuple[list[Span], list[Span]],
        failures: list[Failure],
    ) -> None:
        for position, stored in enumerate(documents, first):
            if position % TURN == TURN - 1:
                await context.pace()
            document = await context.contents.load(stored) if self._condition.reads_document else stored
            try:
                number = 0 if self._condition.test(context.scope(document)) else 1
            except DocumentFault as fault:
                failures.append(failure(document, fault))
            else:
                _extend(paths[number], position)


def _extend(spans: list[Span], position: int) -> None:
    if spans and spans[-1][1] == position:
        spans[-1] = (spans[-1][0], position + 1)
    else:
        spans.append((position, position + 1))
