"""Who watches an execution: what ran, with how many documents, on which record, and what the process told.

A *record* is an execution as the platform counts it: the execution itself, and each run of a process that it calls once
for a document. A process that is handed the whole batch counts on its caller's record (platform behaviours 8, 58, 59).
An observer sees a remembered step as one that has run, so its counts are whole after a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from runtime.engine.outcome import Outcome
    from runtime.engine.result import Result
    from runtime.engine.step import Step

Level = Literal["info", "warning", "severe"]


class Observer(Protocol):
    """Watches one execution; what it does must be short and raise nothing."""

    def began(self, record: str, process: str, documents: int) -> None:
        """A process has begun on a record of its own, with this many documents: its inbound documents."""
        ...

    def ended(self, record: str, process: str, result: Result) -> None:
        """That process has ended."""
        ...

    def entered(self, record: str, process: str, step: Step, documents: int) -> None:
        """Documents have reached a step; with none of them, it is skipped (behaviour 3)."""
        ...

    def left(self, record: str, process: str, step: Step, documents: int, outcome: Outcome) -> None:
        """A step has finished with the documents that reached it; forks and calls are not told of."""
        ...

    def line(self, record: str, level: Level, text: str) -> None:
        """The process has told something."""
        ...
