"""What is noted of a run of a generated function; it reads afterwards as if the driver had noted every step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from runtime.engine.step import Step
from runtime.model.document import Document


class Passing(Struct, frozen=True):
    """One document has passed a step, from `began` to `ended`, both in seconds since the epoch."""

    step: Step
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long the step took."""
        return self.ended - self.began

    @property
    def divides(self) -> bool:
        """Whether it only decides where the document goes: of such steps nobody is told when they are left."""
        return self.step.forks


Passage = tuple[int, float, Document, "Document | int | None", "dict[str, str] | None"]
"""What a traced function tells of a step: its number, the time when it had ended, the document that entered it, what it
did with that (the document that goes on, or the number of its path), and the properties of the execution that it set.
"""


class Flight(Struct, frozen=True, gc=False):
    """A run that went well. `marks` are the numbers of its steps, each followed by the time when it had ended.

    Times are of the clock that `since` was taken from (seconds), which was `at` seconds since the epoch.
    """

    process: str
    steps: tuple[Step, ...]
    at: float
    since: float
    marks: Sequence[float]

    def passings(self) -> Iterator[Passing]:
        """Give what was passed, in order."""
        offset, before = self.at - self.since, self.since
        for step, ended in zip(self.passed(), self.marks[1::2], strict=True):
            yield Passing(step, before + offset, ended + offset)
            before = ended

    def passed(self) -> Iterator[Step]:
        """Give the steps that were passed, in order."""
        for number in self.marks[::2]:
            yield self.steps[int(number)]


class Flights(Protocol):
    """Who is told of runs of generated functions; it must be quick, and raise nothing."""

    def flown(self, flight: Flight) -> None:
        """A run has ended well."""
        ...


class Unseen:
    """Nobody."""

    def flown(self, flight: Flight) -> None:
        """Note nothing."""
