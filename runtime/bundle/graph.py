"""Lint of a process' graph: what can never be reached, never end, or never answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.cleanse import CleanseStep
from runtime.model.file_listener import FileListener
from runtime.model.platform_shapes import (
    AddToCacheStep,
    BusinessRulesStep,
    ProcessCallStep,
    ProcessRouteStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
    RouteStep,
    platform_targets,
)
from runtime.model.shapes import (
    BranchStep,
    ConnectorStep,
    DecisionStep,
    Flowing,
    ReturnDocumentsStep,
    ScriptStep,
    StopStep,
    TryCatchStep,
    WaitStep,
)
from runtime.model.web_service import WebListener

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runtime.bundle.findings import Findings
    from runtime.model.process import Listener, Process
    from runtime.model.shapes import AnyShape

# A loop through one of these can end or takes its time: paths part, or no document comes back.
_WAYS_OUT = (
    BranchStep,
    BusinessRulesStep,
    CleanseStep,
    ConnectorStep,
    DecisionStep,
    ProcessCallStep,
    ProcessRouteStep,
    RetrieveFromCacheStep,
    RouteStep,
    ScriptStep,
    TryCatchStep,
    WaitStep,
)


def check_graph(process: Process, findings: Findings) -> None:
    """Note what is wrong with the way the steps of a sound process are joined."""
    shapes = {shape.id: shape for shape in process.shapes}
    reached = reached_from(process.start.id, shapes)
    _unreachable(shapes, reached, findings)
    _endless(shapes, findings)
    if process.listener is not None:
        _unanswered(process, process.listener, [shapes[name] for name in reached], findings)


def _unanswered(process: Process, listener: Listener, shapes: Sequence[AnyShape], findings: Findings) -> None:
    """Note that a listener never answers, or each of its paths on which documents get lost."""
    if isinstance(listener, FileListener):
        return  # nobody waits for an answer
    answers = listener.output != "none" if isinstance(listener, WebListener) else listener.response_profile is not None
    if isinstance(listener, WebListener) and not answers:
        return  # its callers are answered before it runs
    ends = sorted((shape for shape in shapes if runs_off(shape)), key=lambda shape: shape.place.line or 0)
    if ends and not any(isinstance(shape, ReturnDocumentsStep | StopStep) for shape in shapes):
        whom = "its callers" if isinstance(listener, WebListener) else "Flow"
        message = f"the process '{process.name}' answers {whom}, and its documents are lost after this step"
        findings.add("no-answer", message, ends[0].place, "add '- return documents' after it, or '- stop'")
    elif answers:
        for shape in ends:
            message = "the path ends after this step, and its documents are not returned"
            findings.add("path-without-return", message, shape.place, "add '- return documents' after it, or '- stop'")


def runs_off(shape: AnyShape) -> bool:
    """Whether documents leave the process behind this shape because nothing follows."""
    match shape:
        case AddToCacheStep() | RemoveFromCacheStep():  # none is meant to go on
            return False
        case RouteStep() | BusinessRulesStep() | CleanseStep() | ProcessRouteStep():
            return None in platform_targets(shape)
        case ProcessCallStep(returns=returns, rest=rest):
            return any(path.to is None for path in returns) or (not returns and rest is None)
        case Flowing(to=None) | DecisionStep(yes=None) | DecisionStep(no=None):
            return True
        case TryCatchStep(attempt=None) | TryCatchStep(caught=None):
            return True
        case BranchStep(paths=paths):
            return None in paths
        case _:
            return False


def _unreachable(shapes: Mapping[str, AnyShape], reached: set[str], findings: Findings) -> None:
    lost = [shape for name, shape in shapes.items() if name not in reached]
    followers = {name for shape in lost for name in _onward(shape) if name != shape.id}
    beginnings = [shape for shape in lost if shape.id not in followers] or lost[:1]
    for shape in beginnings:
        findings.add("unreachable", "this step is never reached: every path before it ends", shape.place, "remove it")


def _endless(shapes: Mapping[str, AnyShape], findings: Findings) -> None:
    """Note each loop without a way out: only shapes with one path onward are in it, so following them is enough."""
    settled: set[str] = set()
    for shape in shapes.values():
        walked: list[str] = []
        at: str | None = shape.id
        while at is not None and at not in settled and not isinstance(shapes[at], _WAYS_OUT):
            if at in walked:
                hint = "add a decision that leaves it, or a wait"
                findings.add("endless-loop", "the loop that begins at this step never ends", shapes[at].place, hint)
                break
            walked.append(at)
            at = next(iter(_onward(shapes[at])), None)
        settled.update(walked)


def reached_from(start: str, shapes: Mapping[str, AnyShape]) -> set[str]:
    """Give the ids of the shape `start` and of all that its paths lead to."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_onward(shapes[name]))
    return reached


def _onward(shape: AnyShape) -> Iterable[str]:
    match shape:
        case DecisionStep():
            paths: tuple[str | None, ...] = (shape.yes, shape.no)
        case BranchStep():
            paths = shape.paths
        case TryCatchStep():
            paths = (shape.attempt, shape.caught)
        case Flowing():
            paths = (shape.to,)
        case _:
            paths = platform_targets(shape)
    return [path for path in paths if path is not None]
