"""Calls that the world feels: where a retry or a crash would make them twice, leave them in doubt, or half done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.graph import reached_from
from runtime.model.shapes import ConnectorStep, TryCatchStep
from runtime.sdk.effect import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.sdk.connector import Catalogue


def check_effects(process: Process, bundle: Bundle, catalogue: Catalogue, findings: Findings) -> None:
    """Note each `once` call that a retry or a restart of the process repeats, and each place that a crash spoils."""
    shapes = {shape.id: shape for shape in process.shapes}
    calls = [(shape, _effect(shape, bundle, catalogue)) for shape in process.shapes if isinstance(shape, ConnectorStep)]
    once = {shape.id: shape for shape, effect in calls if effect is Effect.ONCE}
    _check_recovery(process, [shape for shape, effect in calls if effect is Effect.KEYED], once.values(), findings)
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


def _check_recovery(
    process: Process, keyed: Iterable[ConnectorStep], once: Iterable[ConnectorStep], findings: Findings
) -> None:
    """Say where the process does not resume cleanly, and why."""
    recovery, mode = process.options.recovery, process.options.mode
    for call in once:
        if recovery == "resume":
            message = f"a crash in the middle of '{call.operation}' parks the execution: a person has to decide"
            hint = "use an operation that may be repeated, or give it a key that the other system honours"
            findings.add("effects.parks", message, call.place, hint)
        if mode == "low latency":
            message = f"a crash before WAIT forgets that '{call.operation}' was made"
            findings.add("effects.forgotten", message, call.place, "write 'mode: general' in the options")
    if recovery != "resume":
        for call in (*keyed, *(once if recovery == "fail" else ())):
            message = f"with 'recovery: {recovery}' a crash after '{call.operation}' ends the execution half done"
            findings.add("effects.half-done", message, call.place, "write 'recovery: resume' in the options")


def _effect(shape: ConnectorStep, bundle: Bundle, catalogue: Catalogue) -> Effect | None:
    spec = catalogue.get(bundle.connections[shape.connection].connector)
    operation = spec.operation(shape.operation) if spec is not None else None
    if operation is None:
        return None
    return operation.effect({name: template.literal for name, template in shape.fields.items()})
