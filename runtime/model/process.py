"""A process: its listener, its options and its graph of shapes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.model.components import ProcessComponent
from runtime.model.shapes import AnyShape, Start
from runtime.model.values import Template

Mode = Literal["general", "low latency", "bridge"]
Recovery = Literal["resume", "restart", "fail"]


FlowServiceType = Literal["message action", "data action", "file resource"]


class FlowListener(Struct, frozen=True, kw_only=True, tag="flow"):
    """A listener of the Flow Services Server; both times in seconds, at most 55 (a Flow tenant gives up at 60).

    Only a message action has profiles of its own and a Sync Timeout; the others, which cannot wait, have a time limit.
    """

    service: FlowServiceType = "message action"
    request_profile: str | None = None
    response_profile: str | None = None
    sync_timeout: float = 30.0
    time_limit: float = 30.0


class Options(Struct, frozen=True, kw_only=True):
    """How a process runs. `mode` decides what is durable when, `recovery` what happens after a crash.

    `deadline` is the longest an execution may run, in seconds; None for no limit. `run_dates`: when the process has run
    is noted, for its next run (the platform's Capture Run Dates). `track` names dynamic process properties by
    whose values, as they are at its end, an execution is found.
    """

    mode: Mode = "general"
    recovery: Recovery = "resume"
    deadline: float | None = None
    run_dates: bool = False
    track: tuple[str, ...] = ()


class Process(Struct, frozen=True, kw_only=True):
    """One process. `name` is unique in its bundle; `shapes` are in the order in which they were written.

    `properties` are dynamic process properties that an execution starts with; `component` is what an export says more.
    """

    name: str
    start: Start
    shapes: tuple[AnyShape, ...]
    listener: FlowListener | None = None
    options: Options = Options()
    properties: dict[str, Template] = {}
    description: str | None = None
    component: ProcessComponent | None = None
    place: Place = Place()

    def shape(self, identity: str) -> AnyShape:
        """Give the shape of that id; KeyError when the process has none."""
        for shape in self.shapes:
            if shape.id == identity:
                return shape
        raise KeyError(identity)
