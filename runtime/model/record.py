"""The record copy of an execution: what people read of it. It is bounded, and redacted before it is written anywhere.

- `Line` the process log; `Timing` what each step did and how long it took; `Seen` documents at a step
- `ExecutionRecord` all of them
- `BriefRecord` what they are made of where an execution was one run of a function

Times are in seconds: since the epoch where a moment is meant.
"""

from __future__ import annotations

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


class PassedStep(Struct, frozen=True, array_like=True):
    """A step that a document has passed until `ended`. `forks`: it only decided where to go; `goes_on`: it has targets.

    `document` is the place of what had entered it among the documents of its record, None where that is not kept.
    """

    step: str
    name: str
    forks: bool
    goes_on: bool
    ended: float
    document: int | None


class BriefRecord(Struct, frozen=True, array_like=True):
    """The record of one run of a function, which began `at` its time; each document stands in it once."""

    id: str
    bundle: str
    version: str
    process: str
    mode: str
    started_at: float
    status: str
    message: str | None
    at: float
    passed: tuple[PassedStep, ...]
    documents: tuple[SeenDocument, ...]
    seen_left_out: int


WrittenRecord = ExecutionRecord | BriefRecord
