"""Calls that must not be made twice, where something would make them twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.graph import reached_from
from runtime.model.shapes import ConnectorStep, TryCatchStep
from runtime.sdk.effect import Effect

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.sdk.connector import Catalogue


def check_effects(process: Process, bundle: Bundle, catalogue: Catalogue, findings: Findings) -> None:
    """Note each `once` call that a retry or a restart of the process repeats."""
    shapes = {shape.id: shape for shape in process.shapes}
    once = {
        shape.id: shape
        for shape in process.shapes
        if isinstance(shape, ConnectorStep) and _effect(shape, bundle, catalogue) is Effect.ONCE
    }
    if process.options.recovery == "restart":
        for call in once.values():
            message = f"a restart after a crash repeats '{call.operation}', which must not be made twice"
            hint = "write 'recovery: resume' in the options"
            findings.add("effects.restart-once", message, call.place, hint)
    for shape in process.shapes:
        if isinstance(shape, TryCatchStep) and (shape.retries or shape.policy) and shape.attempt is not None:
            within = reached_from(shape.attempt, shapes)
            for name in sorted(within & once.keys()):
                call = once[name]
                line = shape.place.line
                message = f"the retries in line {line} repeat '{call.operation}', which must not be made twice"
                hint = "move it behind the try, or use an operation that may be repeated"
                findings.add("effects.retry-once", message, call.place, hint)


def _effect(shape: ConnectorStep, bundle: Bundle, catalogue: Catalogue) -> Effect | None:
    spec = catalogue.get(bundle.connections[shape.connection].connector)
    operation = spec.operation(shape.operation) if spec is not None else None
    if operation is None:
        return None
    return operation.effect({name: template.literal for name, template in shape.fields.items()})
