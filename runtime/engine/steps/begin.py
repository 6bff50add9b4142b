"""Process Call without Wait: an execution of its own for each document (reference 1.8, behaviours 59, 68)."""

from __future__ import annotations

from runtime.engine.batch import EMPTY, Batch
from runtime.engine.context import Context
from runtime.engine.outcome import Outcome
from runtime.engine.step import WholeStep


class BeginProcess(WholeStep):
    """Begins a process once for each document. Nothing comes back: neither documents, nor errors, nor properties.

    Each execution starts with one empty document and the process properties as they are; its document caches are empty.
    """

    waits = True
    effects = True

    def __init__(self, identity: str, name: str, targets: tuple[str | None, ...], *, process: str) -> None:
        super().__init__(identity, name, targets)
        self.process = process

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Begin them when the step is written down."""
        for number in range(len(batch)):
            context.begun.add(context.child(number), self.process, context.properties)
        return Outcome(outputs=(EMPTY,) * len(self.targets))
