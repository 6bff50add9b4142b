"""Paths that nothing takes, and paths on which documents get lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.graph import reached_from, runs_off
from runtime.model.platform_shapes import ProcessRouteStep, RouteStep
from runtime.model.shapes import ReturnDocumentsStep

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.process import Process
    from runtime.model.shapes import AnyShape


def check_paths(process: Process, findings: Findings) -> None:
    """Note cases that an earlier one takes everything from, and paths that end beside a Return Documents."""
    for shape in process.shapes:
        _check_cases(shape, findings)
    if process.component is None and process.listener is None:
        _check_ends(process, findings)


def _check_cases(shape: AnyShape, findings: Findings) -> None:
    match shape:
        case RouteStep(cases=cases):
            keys = [(case.operator, case.value, case.label or case.value) for case in cases]
        case ProcessRouteStep(entries=entries):
            keys = [("=", entry.key, entry.key) for entry in entries]
        case _:
            return
    seen: set[tuple[str, str]] = set()
    for operator, value, shown in keys:
        if (operator, value) in seen:
            message = f"no document comes to the case '{shown}': an earlier one with the same value takes them all"
            findings.add("route-unreachable", message, shape.place, "remove it, or change its value")
        seen.add((operator, value))


def _check_ends(process: Process, findings: Findings) -> None:
    """A process that returns documents somewhere loses those that come to the end of another path."""
    shapes = {shape.id: shape for shape in process.shapes}
    reached = [shapes[name] for name in reached_from(process.start.id, shapes)]
    if not any(isinstance(shape, ReturnDocumentsStep) for shape in reached):
        return
    for shape in sorted(reached, key=lambda one: one.place.line or 0):
        if runs_off(shape):
            message = "the path ends after this step, and its documents are neither returned nor stopped"
            hint = "add '- return documents' after it, or '- stop' where that is meant"
            findings.add("path-without-end", message, shape.place, hint)
