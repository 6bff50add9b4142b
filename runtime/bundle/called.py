"""Which processes the steps of a bundle call, and where those return their documents: known once all are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.model.platform_shapes import ProcessCallStep, ProcessRouteStep, RouteEntry
from runtime.model.shapes import ReturnDocumentsStep

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.errors import Place
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.model.shapes import AnyShape


def check_calls(bundle: Bundle, findings: Findings) -> None:
    """Note calls of processes that are not there or cannot be called, and return paths that nothing returns at."""
    for process in bundle.processes.values():
        for shape in process.shapes:
            for entry in calls_of(shape):
                _check(entry, shape.place, process, bundle, findings)


def calls_of(shape: AnyShape) -> Iterator[RouteEntry]:
    """Give what a shape calls: the process, and where its documents go on."""
    match shape:
        case ProcessCallStep():
            yield RouteEntry(key="", process=shape.process, returns=shape.returns, rest=shape.rest)
        case ProcessRouteStep():
            yield from shape.entries


def _check(entry: RouteEntry, place: Place, caller: Process, bundle: Bundle, findings: Findings) -> None:
    called = bundle.processes.get(entry.process)
    if called is None:
        if caller.component is None:  # an export names its processes by id, and was told of one that is missing
            findings.unknown("unknown-reference", "process", entry.process, bundle.processes, place)
        return
    if called.start.mode == "listen":
        hint = "move its steps into a process with 'start: passthrough', which both call"
        findings.add("called-listener", f"'{entry.process}' listens, so nothing can call it", place, hint)
    returns = [shape for shape in called.shapes if isinstance(shape, ReturnDocumentsStep)]
    for path in entry.returns:
        if all(path.shape != shape.id for shape in returns):
            known = ", ".join(sorted(shape.label or shape.id for shape in returns)) or "none"
            message = f"'{entry.process}' returns no documents at '{path.label or path.shape}'"
            hint = f"its return steps: {known}"
            if caller.component is None:
                findings.add("return-unbound", message, place, hint)
            else:
                findings.add("return-empty", message, place, hint)
