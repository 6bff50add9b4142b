"""Shapes of platform processes that say more than the native ones (component XML, section 2).

Where the meaning is equal the native shape is used: Start, Branch, Try/Catch, Stop, Return Documents. The others:

- `PlatformConnectorStep` a call whose fields are parameter values; `FieldTable` a field that is a list of names
- `PlatformMapStep` a map of `Components.maps`
- `PlatformSetPropertiesStep` with `PlatformAssignment`: sources are joined, targets are any property
- `PlatformMessageStep`, `NotifyStep`, `PlatformExceptionStep`: texts in the platform's message format
- `PlatformDecisionStep`, `RouteStep` with `RouteCase`: comparisons of parameter values
- `ProcessCallStep` with `ReturnPath`, `ProcessRouteStep` with `RouteEntry`; `FlowControlStep`
- `AddToCacheStep`, `RetrieveFromCacheStep`, `RemoveFromCacheStep`: a document cache of `Components.caches`
- `DataProcessStep`: a list of sub-steps of `runtime.model.data_process`
- `BusinessRulesStep`: rules of `runtime.model.business_rules`; `CleanseStep` stands in `runtime.model.cleanse`

Names of processes are those of the bundle; maps, caches, profiles, tables and scripts are named by component id.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.model.business_rules import BusinessRule, ComputedRule
from runtime.model.cleanse import CleanseStep
from runtime.model.data_process import DataStep
from runtime.model.message_format import MessageText
from runtime.model.parameters import Argument, CacheKeyValue, Parameter, PropertyName
from runtime.model.platform_calls import RequestOf, RowsOf
from runtime.model.shape import Flowing, Shape
from runtime.model.values import Operator


class FieldTable(Struct, frozen=True, tag="field table"):
    """A field that is a table of names and values, such as headers: a JSON object of texts. The last of a name wins."""

    entries: tuple[tuple[str, Parameter], ...] = ()


class FieldText(Struct, frozen=True, tag="field text"):
    """A field that is one text; a value that is missing is empty."""

    value: Parameter


FieldValue = FieldText | FieldTable


class PlatformConnectorStep(Flowing, frozen=True, kw_only=True, tag="platform connector"):
    """1.2. Calls `operation` of the connector of `connection` (one of the bundle), one document after the other.

    `fields` are the operation's fields in the words of that connector, computed for each document. `on_error_response`
    as in the native step: `continue` is the platform's Return Application Error Responses.

    `rows` says how documents of a database profile become rows for the connector, and rows documents; `request` of
    what the request is made where it is not the document.

    `operation_component` and `action` are what the export says, for people.
    """

    connection: str
    operation: str
    fields: dict[str, FieldValue] = {}  # noqa: RUF012 - msgspec copies it
    on_error_response: Literal["fail", "continue"] = "fail"
    rows: RowsOf | None = None
    request: RequestOf | None = None
    operation_component: str = ""
    action: str = ""


class PlatformMapStep(Flowing, frozen=True, kw_only=True, tag="platform map"):
    """1.3. `map` is the id of a map component."""

    map: str


class PlatformAssignment(Struct, frozen=True, kw_only=True):
    """One property to set to the texts of all `sources`, joined in order; what is missing is an empty text.

    `default` is used when they give nothing at all. `persist` keeps a process property for the next run; it is stored
    when the step is reached. `strict`: only over the value that the execution began with, else the process ends.
    """

    target: PropertyName
    sources: tuple[Parameter, ...] = ()
    default: str = ""
    persist: bool = False
    strict: bool = False


class PlatformSetPropertiesStep(Flowing, frozen=True, kw_only=True, tag="platform set properties"):
    """1.4. For each document, all assignments in order."""

    assignments: tuple[PlatformAssignment, ...]


class PlatformMessageStep(Flowing, frozen=True, kw_only=True, tag="platform message"):
    """1.5. The text becomes the content, once for each document; `combine` joins all of them into one document."""

    text: MessageText
    combine: bool = False


class NotifyStep(Flowing, frozen=True, kw_only=True, tag="notify"):
    """1.6. Writes one line to the process log, ``title: texts``, and lets the documents pass.

    The texts of all documents are joined, line ends become blanks, blanks at the end are cut. `title` None prints
    ``null``. `once` (perExecution) renders without a document: a value that needs one fails the path.
    `event`: an alert may be raised too (10,000 characters); `user_log`: a line in the process' own log file.
    """

    text: MessageText
    title: str | None = None
    level: Literal["info", "warning", "severe"] = "info"
    once: bool = False
    event: bool = False
    user_log: bool = False


class PlatformDecisionStep(Shape, frozen=True, kw_only=True, tag="platform decision"):
    """1.14. All `yes` documents run to their end, then the `no` documents. A value that is missing is an empty text."""

    left: Parameter
    operator: Operator
    right: Parameter
    yes: str | None = None
    no: str | None = None


class RouteCase(Struct, frozen=True, kw_only=True):
    """One path of a Route: taken when the value compares so with `value`. `key` is the platform's name of the path."""

    key: str
    operator: Operator
    value: str
    label: str = ""
    to: str | None = None


class RouteStep(Shape, frozen=True, kw_only=True, tag="route"):
    """1.13. The first case that matches takes the document; paths run in the order of `cases`, `default` last."""

    value: Parameter
    cases: tuple[RouteCase, ...]
    default: str | None = None


class PlatformExceptionStep(Shape, frozen=True, kw_only=True, tag="platform exception"):
    """1.18. `stop`: only the document, or the whole process.

    A stopped process ends with ``Process terminating -- some documents reached an exception which is set to halt all
    documents: `` and the text (platform behaviour 56); `title` heads the line in the log.
    """

    title: str
    message: MessageText
    stop: Literal["document", "process"] = "process"


class ReturnPath(Struct, frozen=True, kw_only=True):
    """Where documents go on that the called process returned at its shape `shape`."""

    shape: str
    label: str = ""
    to: str | None = None


class ProcessCallStep(Shape, frozen=True, kw_only=True, tag="process call"):
    """1.8. Calls a process of the bundle: with the whole batch where that is a passthrough, else once a document.

    `wait` off: each call is an execution of its own, which starts with the process properties and empty document caches
    (a passthrough runs within); nothing comes back. `abort`: its failure ends this process; else it is the failure of
    the document that called it. `returns` are run in order, each with the documents of its own shape, then `rest` with
    those of all other shapes; without any the path ends here. `arguments` replace the parameters of the called process'
    connector start.
    """

    process: str
    wait: bool = True
    abort: bool = True
    returns: tuple[ReturnPath, ...] = ()
    rest: str | None = None
    arguments: tuple[Argument, ...] = ()


class RouteEntry(Struct, frozen=True, kw_only=True):
    """The process that documents with this key go to, and where what it returns goes on (see `ProcessCallStep`)."""

    key: str
    process: str
    returns: tuple[ReturnPath, ...] = ()
    rest: str | None = None


class ProcessRouteStep(Shape, frozen=True, kw_only=True, tag="process route"):
    """1.9. Calls the process whose key a document has: the texts of `key`, joined, exactly (behaviour 70).

    Entries run in order, each with its documents and to the end of its return paths; documents without an entry go down
    `default`, unchanged and last. `wait` and `abort` as in a Process Call.
    """

    key: tuple[Parameter, ...]
    entries: tuple[RouteEntry, ...]
    default: str | None = None
    wait: bool = True
    abort: bool = True


class FlowControlStep(Flowing, frozen=True, kw_only=True, tag="flow control"):
    """1.22. Runs all that follows in parts.

    `fibers`: contiguous slices that run side by side, 1 for none. Each sees the process properties and caches as they
    were; what they did to them, and what they returned, is taken over in the order of slices when all have ended.
    `batch`: documents of a run within a slice; 0 for all. `processes`: slices in processes of their own, which a single
    runtime runs as fibers.
    """

    fibers: int = 1
    batch: int = 0
    processes: bool = False


class AddToCacheStep(Flowing, frozen=True, kw_only=True, tag="add to cache"):
    """1.11. Stores the documents with their properties. No document goes on, whatever `to` says (behaviour 72)."""

    cache: str


class RetrieveFromCacheStep(Flowing, frozen=True, kw_only=True, tag="retrieve from cache"):
    """1.11. Cached documents take the documents' place: all once for the batch, or for each document those of its keys.

    Properties are merged, those of the cached document win (behaviour 74). `index` None retrieves all.
    `when_empty`: end the path quietly, or fail the document.
    """

    cache: str
    index: int | None = None
    keys: tuple[CacheKeyValue, ...] = ()
    when_empty: Literal["stop", "fail"] = "fail"


class RemoveFromCacheStep(Flowing, frozen=True, kw_only=True, tag="remove from cache"):
    """1.11. Removes all documents (`index` None), or those of the keys. No document goes on (behaviour 72).

    `all_indices`: a document that the keys find leaves every index, not only the one that was asked.
    """

    cache: str
    index: int | None = None
    keys: tuple[CacheKeyValue, ...] = ()
    all_indices: bool = False


class DataProcessStep(Flowing, frozen=True, kw_only=True, tag="data process"):
    """1.10. Sub-steps in order, each on what the one before gave."""

    steps: tuple[DataStep, ...]


class BusinessRulesStep(Shape, frozen=True, kw_only=True, tag="business rules"):
    """1.16. `accepted` documents run to their end, then the `rejected` ones. What the profile cannot read fails.

    Rejected documents are unchanged and carry the reasons in ``meta.base.businessrulesmessage``. `profile` reads the
    elements that rules of the platform name; computed rules need none.
    """

    profile: str | None
    rules: tuple[BusinessRule | ComputedRule, ...]
    accepted: str | None = None
    rejected: str | None = None


PlatformShape = (
    PlatformConnectorStep
    | PlatformMapStep
    | PlatformSetPropertiesStep
    | PlatformMessageStep
    | NotifyStep
    | PlatformDecisionStep
    | RouteStep
    | PlatformExceptionStep
    | ProcessCallStep
    | ProcessRouteStep
    | FlowControlStep
    | AddToCacheStep
    | RetrieveFromCacheStep
    | RemoveFromCacheStep
    | DataProcessStep
    | BusinessRulesStep
    | CleanseStep
)


def platform_targets(shape: Shape) -> tuple[str | None, ...]:
    """Give where the paths of a shape of the platform that parts documents lead to, in the order in which they run."""
    match shape:
        case PlatformDecisionStep(yes=yes, no=no):
            return (yes, no)
        case RouteStep(cases=cases, default=default):
            return (*(case.to for case in cases), default)
        case ProcessCallStep(returns=returns, rest=rest):
            return (*(path.to for path in returns), rest)
        case ProcessRouteStep(entries=entries, default=default):
            returned = (to for entry in entries for to in (*(path.to for path in entry.returns), entry.rest))
            return (*returned, default)
        case BusinessRulesStep(accepted=accepted, rejected=rejected):
            return (accepted, rejected)
        case CleanseStep(rejected=rejected, clean=clean):
            return (rejected, clean)
        case _:
            return ()
