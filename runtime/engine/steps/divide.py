"""Division: each document goes down one of several paths; the shared part of Decision, Route and their kin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import aclosing

from runtime.engine.batch import Batch, Selected, sole_chunk
from runtime.engine.context import TURN, Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, Span


class Divide(WholeStep, ABC):
    """Divides the batch; documents whose path cannot be told fail. `reads`: it needs the content in memory."""

    reads = True

    @abstractmethod
    def path(self, document: Document, context: Context) -> int:
        """Give the number of the document's path, from 0.

        Raises:
            DocumentFault: it cannot be told.
        """

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the documents of each path, in the order of paths."""
        paths: list[list[Span]] = [[] for _ in self.targets]
        failures: list[Failure] = Failures()
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
        paths: Sequence[list[Span]],
        failures: list[Failure],
    ) -> None:
        for position, stored in enumerate(documents, first):
            if position % TURN == TURN - 1:
                await context.pace()
            document = await context.contents.load(stored) if self.reads else stored
            try:
                if self.fetches:
                    await self.fetch(document, context)
                number = await context.beside(self.path, document) if self.reads else self.path(document, context)
            except DocumentFault as fault:
                failures.append(failure(document, fault))
            else:
                _extend(paths[number], position)


def _extend(spans: list[Span], position: int) -> None:
    if spans and spans[-1][1] == position:
        spans[-1] = (spans[-1][0], position + 1)
    else:
        spans.append((position, position + 1))
