"""What an execution does, counted against its limits."""

from __future__ import annotations

from runtime.engine.context import EngineLimits
from runtime.engine.outcome import Ended, Outcome


class Meter:
    """Counts what an execution does, in all processes that it runs."""

    def __init__(self, limits: EngineLimits) -> None:
        self._limits = limits
        self._steps = 0
        self._documents = 0

    def left(self) -> tuple[int, int]:
        """Give how many steps may still be run, and how many documents be given to them."""
        return self._limits.steps - self._steps, self._limits.documents - self._documents

    def count(self, steps: int, documents: int) -> None:
        """Count steps that were run within the limits."""
        self._steps += steps
        self._documents += documents

    def limited(self, documents: int) -> Outcome | None:
        """Count a step with this many documents; an outcome when that is beyond the limits."""
        self._steps += 1
        self._documents += documents
        if self._steps > self._limits.steps:
            message = f"the execution has run more than {self._limits.steps} steps; a loop may not end"
            return Outcome(ended=Ended("engine.steps-limit", message))
        if self._documents > self._limits.documents:
            message = f"the steps of the execution were given more than {self._limits.documents} documents"
            return Outcome(ended=Ended("engine.documents-limit", message))
        return None
