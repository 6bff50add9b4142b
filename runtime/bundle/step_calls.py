"""Process Call and Process Route: which process a step runs, and where what comes back goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import as_scalar, as_table, has_value
from runtime.bundle.outline import slug
from runtime.bundle.templates import read_template
from runtime.model.parameters import Computed
from runtime.model.platform_shapes import ProcessCallStep, ProcessRouteStep, ReturnPath, RouteEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader


def read_process_call(step: Step, at: At) -> ProcessCallStep | None:
    """Read ``process call: <name>`` with ``wait``, ``abort`` and ``returns``: a path for each label that returns.

    Without ``returns`` everything goes on with the next step; with them, what no path names ends.
    """
    keys = at.keys(step.beside, step.kind)
    wait, abort = keys.flag("wait", default=True), keys.flag("abort", default=True)
    keys.done(also=("returns",))
    name = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    if name is None:
        return None
    returns = tuple(ReturnPath(shape=slug(label) or label, label=label, to=to) for label, to in at.arms.items())
    rest = at.to if not returns else None
    return ProcessCallStep(process=name.text, wait=wait, abort=abort, returns=returns, rest=rest, **at.common)


def read_process_route(step: Step, at: At) -> ProcessRouteStep | None:
    """Read ``process route: ${key}`` with ``routes``, a process for each key, and the path ``default``."""
    keys = at.keys(step.beside, step.kind)
    wait, abort = keys.flag("wait", default=True), keys.flag("abort", default=True)
    node = keys.node("routes", required=True)
    keys.done(also=("default",))
    key = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    table = as_table(node, "routes", at.findings) if node is not None else None
    if key is None or table is None:
        return None
    entries: list[RouteEntry] = []
    for name, value in table:
        process = as_scalar(value, name.text, at.findings) if has_value(name, value, at.findings) else None
        if process is not None:
            entries.append(RouteEntry(key=name.text, process=process.text, rest=at.to))
    return ProcessRouteStep(
        key=(Computed(read_template(key, at.findings)),),
        entries=tuple(entries),
        default=at.arms.get("default", at.to),
        wait=wait,
        abort=abort,
        **at.common,
    )


CALL_READERS: Mapping[str, Reader] = {"process call": read_process_call, "process route": read_process_route}
