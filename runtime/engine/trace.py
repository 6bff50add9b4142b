"""Who looks at the documents between steps: a trace. Unlike an observer it may read them, so it may take a while.

A remembered step is shown as one that has run, so a trace is whole after a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from runtime.engine.batch import Batch
    from runtime.engine.outcome import Outcome
    from runtime.engine.step import Step


class Trace(Protocol):
    """Looks at the documents of one execution; it raises nothing but cancellation."""

    async def reached(self, record: str, process: str, step: Step, batch: Batch) -> None:
        """Documents have reached a step; with none of them, it is skipped."""
        ...

    async def passed(self, record: str, process: str, step: Step, outcome: Outcome, seconds: float) -> None:
        """A step has finished, in so many seconds; forks and calls are not told of."""
        ...
