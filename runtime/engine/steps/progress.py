"""Progress: whoever waits for a message action is told how things stand, as often as the process likes."""

from __future__ import annotations

from contextlib import aclosing

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.outcome import Outcome
from runtime.engine.step import WholeStep
from runtime.expressions import compile_template
from runtime.model.shapes import ProgressStep


class Progress(WholeStep):
    """Tells once for the whole batch; the message is computed for its first document."""

    effects = True

    def __init__(self, shape: ProgressStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._message = compile_template(shape.message)
        self._outputs = shape.outputs

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the batch unchanged.

        Raises:
            ProcessFault: the document does not follow the response profile of the action.
        """
        async with aclosing(batch.chunks()) as chunks:
            first = await context.contents.load((await anext(chunks))[0])
        message = self._message.text(context.scope(first))
        document = await context.contents.read(first) if self._outputs else None
        await context.tell_progress(message, document)
        return Outcome(outputs=(batch,))
