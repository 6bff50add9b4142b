"""The shapes of a process: what each step says, and which shape its paths lead to.

A process is a graph. `to`, `yes`, `paths` … hold the id of the shape that a path leads to, or None where the path ends.
Reference: runtime-reference section 1, named in each docstring.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.model.platform_shapes import PlatformShape
from runtime.model.shape import Flowing as Flowing  # noqa: PLC0414 - part of this module
from runtime.model.shape import Shape as Shape  # noqa: PLC0414 - part of this module
from runtime.model.values import Condition, Template, Value


class Start(Flowing, frozen=True, kw_only=True, tag="start"):
    """1.1. `listen` and `passthrough` receive their documents, `no data` makes one empty document."""

    mode: Literal["listen", "no data", "passthrough"]


class ConnectorStep(Flowing, frozen=True, kw_only=True, tag="connector"):
    """1.2. `fields` are the operation's own fields, computed for each document.

    `on_error_response`: what happens when the target answers with an error of its application: `fail` the document, or
    `continue` with the answer as a document (the platform's Return Application Error Responses).
    `concurrency`: calls at once; None leaves it to the operation's effect. `track` are fields by whose values the
    execution is found, of each document that is sent, `track_answers` of each that comes back (2.5).
    """

    connection: str
    operation: str
    fields: dict[str, Value] = {}  # noqa: RUF012 - msgspec copies it
    on_error_response: Literal["fail", "continue"] = "fail"
    concurrency: int | None = None
    track: dict[str, Template] = {}  # noqa: RUF012 - as above
    track_answers: dict[str, Template] = {}  # noqa: RUF012 - as above


class MapStep(Flowing, frozen=True, kw_only=True, tag="map"):
    """1.3. `map` names a map of the bundle: fields one by one, or one expression of JSONata.

    Where a side is no JSON, its profile stands in ``profiles/*.yaml``; what repeats in the target repeats with its
    source, and what repeats only in the source gives several documents. ``lines[2]``, ``lines[-1]`` and
    ``lines[kind=A]`` mean one occurrence of a list.
    """

    map: str


class MapProgramStep(Flowing, frozen=True, kw_only=True, tag="map program"):
    """1.3. A map whose body is one expression of JSONata: `source`, over the document as JSON."""

    map: str
    source: str


class Assignment(Struct, frozen=True):
    """One property to set. `scope`: the document's, or the execution's (dynamic process property).

    `persist` keeps one of the execution's for the next run of the process; it is stored when the step runs. `strict`:
    only over the value that the execution began with, else the process ends.
    """

    scope: Literal["document", "process"]
    name: str
    value: Value
    persist: bool = False
    strict: bool = False


class SetPropertiesStep(Flowing, frozen=True, kw_only=True, tag="set properties"):
    """1.4. Assignments are made in order, each seeing those before it."""

    assignments: tuple[Assignment, ...]


class MessageStep(Flowing, frozen=True, kw_only=True, tag="message"):
    """1.5. `combine` concatenates the texts of all documents into one."""

    text: Template
    combine: bool = False


class DecisionStep(Shape, frozen=True, kw_only=True, tag="decision"):
    """1.14. All `yes` documents run to their end, then the `no` documents."""

    condition: Condition
    yes: str | None = None
    no: str | None = None


class BranchStep(Shape, frozen=True, kw_only=True, tag="branch"):
    """1.12. Each path gets its own copy of the documents, one path after the other.

    `parallel`: all paths at once. Each then gets all documents, whatever fails on another, and sees the process
    properties and caches as they were; what the paths did to them is taken over in the order of paths when all have
    ended.
    """

    paths: tuple[str | None, ...]
    parallel: bool = False


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """When what failed is tried again, where the platform's own schedule does not do.

    `times` tries after the first. The pause before the n-th of them is `wait` · `factor` to the n-1, at most `longest`,
    in seconds, and up to the share `jitter` of it shorter. `only`: beginnings of the codes of what is tried again, such
    as ``http.`` or ``connector.unreachable``; what fails otherwise is caught at once. Empty for everything.
    """

    times: int
    wait: float = 0.0
    factor: float = 2.0
    longest: float = 300.0
    jitter: float = 0.0
    only: tuple[str, ...] = ()


class TryCatchStep(Shape, frozen=True, kw_only=True, tag="try"):
    """1.17. `retries` 0 to 5, at the platform's schedule, or a `policy` of its own.

    `trigger`: what is caught besides errors of documents.
    """

    attempt: str | None = None
    caught: str | None = None
    retries: int = 0
    policy: RetryPolicy | None = None
    trigger: Literal["document errors", "all errors"] = "document errors"


class ExceptionStep(Shape, frozen=True, kw_only=True, tag="exception"):
    """1.18. `stop`: only the document, or the whole process."""

    title: Template
    message: Template
    stop: Literal["document", "process"] = "process"


class StopStep(Shape, frozen=True, kw_only=True, tag="stop"):
    """1.19. `continue_` lets the other paths run; without it the process ends here, as a success."""

    continue_: bool = True


class ReturnDocumentsStep(Shape, frozen=True, kw_only=True, tag="return documents"):
    """1.20. Collects what reaches it; handed over when the execution has completed."""


class SplitStep(Flowing, frozen=True, kw_only=True, tag="split"):
    """1.10, split by a repeating element of JSON; `element` is the path of keys to the list, wrapper kept or not."""

    element: tuple[str, ...]
    keep_wrapper: bool = False


class CombineStep(Flowing, frozen=True, kw_only=True, tag="combine"):
    """1.10, all documents of the batch into one JSON document: a list, or a list at the path `element` of an object."""

    element: tuple[str, ...] = ()


class WaitStep(Flowing, frozen=True, kw_only=True, tag="wait"):
    """Wait, once for the batch. `duration` gives a number of seconds, or a text with a unit ("90 s")."""

    duration: Template


class ProgressStep(Flowing, frozen=True, kw_only=True, tag="progress"):
    """Tells whoever waits for a message action how things stand; `outputs`: with the first document as its outputs."""

    message: Template
    outputs: bool = False


class ScriptStep(Flowing, frozen=True, kw_only=True, tag="script"):
    """A Python file of the bundle: ``process(documents, context)`` gets the batch and returns what goes on."""

    file: str
    function: str = "process"


AnyShape = (
    Start
    | ConnectorStep
    | MapStep
    | MapProgramStep
    | SetPropertiesStep
    | MessageStep
    | DecisionStep
    | BranchStep
    | TryCatchStep
    | ExceptionStep
    | StopStep
    | ReturnDocumentsStep
    | SplitStep
    | CombineStep
    | WaitStep
    | ProgressStep
    | ScriptStep
    | PlatformShape
)
