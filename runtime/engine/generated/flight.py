"""What is noted of a run of a generated function; it reads afterwards as if the driver had noted every step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from runtime.engine.step import Step
from runtime.model.document import Document


class Passing(Struct, frozen=True):
    """So many documents have passed a step, from `began` to `ended`, both in seconds since the epoch."""

    step: Step
    began: float
    ended: float
    documents: int = 1

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

    Times are of the clock that `since` was taken from (seconds), which was `at` seconds since the epoch. `counts` tells
    for each mark how many of its `documents` passed the step, where they were several. `whole`: of a whole process.
    """

    process: str
    steps: tuple[Step, ...]
    at: float
    since: float
    marks: Sequence[float]
    documents: int = 1
    counts: Sequence[int] | None = None
    whole: bool = True

    def passings(self) -> Iterator[Passing]:
        """Give what was passed, in order."""
        offset, before = self.at - self.since, self.since
        counts = self.counts or [1] * (len(self.marks) // 2)
        for step, ended, count in zip(self.passed(), self.marks[1::2], counts, strict=True):
            yield Passing(step, before + offset, ended + offset, count)
            before = ended

    def passed(self) -> Iterator[Step]:
        """Give the steps that were passed, in order."""
        for number in self.marks[::2]:
            yield self.steps[int(number)]


class Tally:
    """Adds up what many documents have passed, one after the other: the driver takes all of them through each step."""

    def __init__(self, since: float) -> None:
        self._since = self._before = since
        self._counts: dict[int, int] = {}
        self._seconds: dict[int, float] = {}

    def add(self, marks: Sequence[float]) -> None:
        """Add the marks of some documents; each began when the one before had ended."""
        counts, seconds, before = self._counts, self._seconds, self._before
        for number, ended in zip(marks[::2], marks[1::2], strict=True):
            step = int(number)
            counts[step] = counts.get(step, 0) + 1
            seconds[step] = seconds.get(step, 0.0) + ended - before
            before = ended
        self._before = before

    @property
    def steps(self) -> int:
        """How many steps were passed."""
        return len(self._counts)

    @property
    def documents(self) -> int:
        """By how many documents, each counted at each step."""
        return sum(self._counts.values())

    def marks(self) -> tuple[list[float], list[int]]:
        """Give the marks of all documents together, in the order of the steps, and how many passed each."""
        marks: list[float] = []
        ended = self._since
        for number in sorted(self._counts):
            ended += self._seconds[number]
            marks += (number, ended)
        return marks, [self._counts[number] for number in sorted(self._counts)]


class Flights(Protocol):
    """Who is told of runs of generated functions; it must be quick, and raise nothing."""

    def flown(self, flight: Flight) -> None:
        """A run has ended well."""
        ...


class Unseen:
    """Nobody."""

    def flown(self, flight: Flight) -> None:
        """Note nothing."""
