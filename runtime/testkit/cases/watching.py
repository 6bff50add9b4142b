"""What a case sees of its execution while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.engine.batch import Batch
    from runtime.engine.observer import Level
    from runtime.engine.outcome import Outcome
    from runtime.engine.result import Result
    from runtime.engine.step import Step


class Watcher:
    """An observer that notes the steps that documents reach, and how the execution itself ended.

    `addresses` gives what a test calls each step, by process and shape id.
    """

    def __init__(self, execution: str, addresses: Mapping[tuple[str, str], str]) -> None:
        self.reached: list[str] = []
        self.lines: list[str] = []
        self.changed: dict[str, str] = {}
        self.returned: tuple[Batch, ...] = ()
        self._execution = execution
        self._addresses = addresses

    def began(self, record: str, process: str, documents: int) -> None:
        """Nothing is to be noted."""

    def ended(self, record: str, process: str, result: Result) -> None:
        """Note what the execution itself has returned."""
        if record == self._execution:
            self.returned = result.returned

    def entered(self, record: str, process: str, step: Step, documents: int) -> None:
        """Note a step that documents have reached."""
        if documents:
            self.reached.append(self._addresses.get((process, step.id), step.name))

    def left(self, record: str, process: str, step: Step, documents: int, outcome: Outcome) -> None:
        """Note the process properties that it set."""
        self.changed.update(outcome.changes)

    def line(self, record: str, level: Level, text: str) -> None:
        """Note a line that the process told."""
        self.lines.append(text)
