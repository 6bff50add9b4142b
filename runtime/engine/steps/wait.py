"""Wait: the batch goes on after a while; a long wait leaves memory."""

from __future__ import annotations

from contextlib import aclosing

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.outcome import Outcome
from runtime.engine.step import WholeStep
from runtime.errors import ProcessFault
from runtime.expressions import compile_template
from runtime.model.shapes import WaitStep
from runtime.model.units import parse_duration


class Wait(WholeStep):
    """Waits once for the whole batch; the duration is computed for its first document."""

    waits = True
    effects = True

    def __init__(self, shape: WaitStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._duration = compile_template(shape.duration)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the batch unchanged."""
        async with aclosing(batch.chunks()) as chunks:
            first = await context.contents.load((await anext(chunks))[0])
        text = self._duration.text(context.scope(first))
        try:
            seconds = parse_duration(text) if text.strip() else 0.0
        except ValueError as error:
            raise ProcessFault("wait.duration", f"cannot wait for {text!r}: {error}") from error
        await context.wait(context.at, seconds)
        return Outcome(outputs=(batch,))
