"""The record copy of an execution: what people read of it. It is bounded, and redacted before it is written anywhere.

- `Line` the process log; `Timing` what each step did and how long it took; `Seen` documents at a step
- `ExecutionRecord` all of them
- `BriefRecord` what they are made of where an execution was one run of a function

Times are in seconds: since the epoch where a moment is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

Depth = Literal["none", "log", "documents"]
LineLevel = Literal["info", "warning", "severe"]


class Line(Struct, frozen=True, array_like=True):
    """A line of the process log. `process` and `step` are as people call them; one without a step is the process'."""

    at: float
    level: LineLevel
    process: str
    step: str
    text: str


class Timing(Struct, frozen=True, kw_only=True):
    """One step over a whole execution: how often it ran, with how many documents, and how long in all."""

    process: str
    step: str
    name: str
    runs: int
    documents_in: int
    documents_out: int
    failed: int
    seconds: float


class SeenDocument(Struct, frozen=True, kw_only=True):
    """A document as it was at a step. `content` is its beginning as text; None where it may not be shown."""

    id: str
    size: int
    content: str | None
    properties: dict[str, str]
    meta: dict[str, str]
    cut: bool = False

    @property
    def weight(self) -> int:
        """Give the characters that are kept of it."""
        told = (*self.properties.items(), *self.meta.items())
        return len(self.content or "") + sum(len(name) + len(value) for name, value in told)


class Seen(Struct, frozen=True, kw_only=True):
    """The documents that reached a step in one run of it: the first ones, of so many."""

    at: float
    process: str
    step: str
    name: str
    count: int
    documents: tuple[SeenDocument, ...]


class ExecutionRecord(Struct, frozen=True, kw_only=True):
    """What people read of an execution. `lines_left_out` and `seen_left_out` count what was too much to keep."""

    id: str
    bundle: str
    version: str
    process: str
    mode: str
    started_at: float
    status: str
    message: str | None
    lines: tuple[Line, ...]
    lines_left_out: int
    timings: tuple[Timing, ...]
    seen: tuple[Seen, ...]
    seen_left_out: int


class KindStep(Struct, frozen=True, array_like=True):
    """A step as records know it. `forks`: it only decides where to go; `goes_on`: it has targets."""

    step: str
    name: str
    forks: bool
    goes_on: bool


class RunKind(Struct, frozen=True, array_like=True):
    """What is the same in the records of all runs of one function; `steps` by their numbers."""

    bundle: str
    version: str
    process: str
    mode: str
    steps: tuple[KindStep, ...]


class ShownDocument(Struct, frozen=True, array_like=True, gc=False):
    """A `SeenDocument`, in short."""

    id: str
    size: int
    content: str | None
    properties: dict[str, str]
    meta: dict[str, str]
    cut: bool


class Run(Struct, frozen=True, array_like=True, gc=False):
    """One run of a function, which began `at` its time; each document stands in it once.

    `marks` are the numbers of the steps that it passed, each followed by the time when it had ended, on the clock of
    `since` (see Flight). `entered` has for the first of them the place of what had entered it among the documents.
    """

    id: str
    started_at: float
    status: str
    message: str | None
    at: float
    since: float
    marks: Sequence[float]
    entered: Sequence[int]
    documents: Sequence[ShownDocument]
    seen_left_out: int


class BriefRecord(Struct, frozen=True, gc=False):
    """The record of one run of a function."""

    kind: RunKind
    run: Run

    @property
    def id(self) -> str:
        """The execution's id."""
        return self.run.id


WrittenRecord = ExecutionRecord | BriefRecord
