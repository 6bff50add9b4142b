"""A process: its listener, its options and its graph of shapes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.model.components import ProcessComponent
from runtime.model.file_listener import FileListener
from runtime.model.shapes import AnyShape, Start
from runtime.model.values import Template
from runtime.model.web_service import WebListener

MOST_AT_ONCE = 10_000  # executions of one process: as many as a daemon is ever set to run
MOST_QUEUED = 100_000  # executions that wait for one process: as many as a daemon can hold

Mode = Literal["general", "low latency", "bridge"]
Recovery = Literal["resume", "restart", "fail"]
Simultaneous = Literal["allow", "reject", "queue", "coalesce"]


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


Listener = FlowListener | WebListener | FileListener


class Options(Struct, frozen=True, kw_only=True):
    """How a process runs. `mode` decides what is durable when, `recovery` what happens after a crash.

    `deadline` is the longest an execution may run, in seconds; None for no limit. `run_dates`: when the process has run
    is noted, for its next run (the platform's Capture Run Dates). `track` names dynamic process properties by
    whose values, as they are at its end, an execution is found.

    `simultaneous` says what becomes of an execution while `at_once` others run (1, unless `allow`): it is refused,
    waits, or joins the one that waits already. At most `queued` wait. With a `key`, computed for the first document,
    all of this holds for each value of it.
    """

    mode: Mode = "general"
    recovery: Recovery = "resume"
    deadline: float | None = None
    run_dates: bool = False
    track: tuple[str, ...] = ()
    simultaneous: Simultaneous = "allow"
    at_once: int | None = None
    queued: int = 100
    key: Template | None = None

    @property
    def gated(self) -> bool:
        """Whether executions of the process may have to wait for each other, or be refused."""
        return self.simultaneous != "allow" or self.at_once is not None or self.key is not None

    @property
    def limit(self) -> int:
        """How many executions run at once, of the process or of one key, where it is gated."""
        return self.at_once or 1


class Process(Struct, frozen=True, kw_only=True):
    """One process. `name` is unique in its bundle; `shapes` are in the order in which they were written.

    `properties` are dynamic process properties that an execution starts with; `component` is what an export says more.
    """

    name: str
    start: Start
    shapes: tuple[AnyShape, ...]
    listener: Listener | None = None
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
