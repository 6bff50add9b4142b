"""What the admin API tells of single executions: their logs, their steps, the documents at these."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from runtime.model.record import LineLevel, SeenDocument


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of these answers."""


class LogLine(Answer, frozen=True, kw_only=True):
    """A line of a process log; `step` is empty where the process as a whole is meant."""

    at: datetime
    level: LineLevel
    process: str
    step: str
    text: str
    execution: str | None = None


class StepTiming(Answer, frozen=True, kw_only=True):
    """What one step did over the whole execution; `seconds` altogether."""

    process: str
    step: str
    name: str
    runs: int
    documents_in: int
    documents_out: int
    failed: int
    seconds: float


class ProcessLog(Answer, frozen=True, kw_only=True):
    """The process log of an execution; `left_out` counts lines that were too many to keep, from its middle."""

    execution: str
    process: str
    bundle: str
    version: str
    mode: str
    status: str
    message: str | None
    lines: tuple[LogLine, ...]
    left_out: int
    steps: tuple[StepTiming, ...]


class SeenAtStep(Answer, frozen=True, kw_only=True):
    """The documents that reached a step in one run of it: the first ones of `count`."""

    at: datetime
    process: str
    step: str
    name: str
    count: int
    documents: tuple[SeenDocument, ...]


class ExecutionTrace(Answer, frozen=True, kw_only=True):
    """The documents of an execution at its steps; `left_out` counts runs of steps that were too many to keep."""

    execution: str
    status: str
    seen: tuple[SeenAtStep, ...]
    left_out: int


class Tail(Answer, frozen=True, kw_only=True):
    """The newest lines; `next` is the number to ask after. `live`: whether the execution asked for still runs."""

    lines: tuple[LogLine, ...]
    next: int
    live: bool


class Cancelled(Answer, frozen=True, kw_only=True):
    """What became of an order to cancel: it is stopping, or it is over."""

    execution: str
    state: Literal["cancelling", "cancelled"]
