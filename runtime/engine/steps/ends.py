"""Exception, Stop and Return Documents: where paths end (reference 1.18-1.20)."""

from __future__ import annotations

from contextlib import aclosing

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.outcome import Ended, Failure, Failures, Outcome, failure
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.expressions import compile_template
from runtime.model.document import Document
from runtime.model.shapes import ExceptionStep, ReturnDocumentsStep, StopStep

EXCEPTION = "process.exception"


class RaiseException(WholeStep):
    """Fails each document with its message, or ends the run with the first document's."""

    flat = True

    def __init__(self, shape: ExceptionStep) -> None:
        super().__init__(shape.id, shape.name, ())
        self._message = compile_template(shape.message)
        self._ends = shape.stop == "process"

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the failures, or the error that ends the run."""
        failures: list[Failure] = Failures()
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    document = await context.contents.load(stored) if self._message.reads_document else stored
                    fault = DocumentFault(EXCEPTION, await context.beside(self._told, document))
                    if self._ends:
                        return Outcome(ended=Ended(fault.code, fault.message))
                    failures.append(failure(document, fault))
        return Outcome(failures=tuple(failures))

    def _told(self, document: Document, context: Context) -> str:
        return self._message.text(context.scope(document))


class Stop(WholeStep):
    """Ends the path, or the whole run, as a success."""

    flat = True

    def __init__(self, shape: StopStep) -> None:
        super().__init__(shape.id, shape.name, ())
        self.ends = not shape.continue_

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give an outcome without documents."""
        return Outcome(stop=self.ends)


class ReturnDocuments(WholeStep):
    """Collects what reaches it; the caller gets it when the execution has completed."""

    flat = True

    def __init__(self, shape: ReturnDocumentsStep) -> None:
        super().__init__(shape.id, shape.name, ())

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the documents to the caller."""
        return Outcome(returned=batch)
