"""Process Call (reference 1.8): how a process is called follows from how it starts."""

from __future__ import annotations

from runtime.engine.platform.refused import Refused
from runtime.engine.step import CallStep
from runtime.model.bundle import Bundle
from runtime.model.platform_shapes import ProcessCallStep
from runtime.model.shapes import ReturnDocumentsStep


def process_call(shape: ProcessCallStep, bundle: Bundle) -> CallStep:
    """Give the compiled step.

    A path for a shape that returns nothing gets nothing (behaviour 64).

    Raises:
        Refused: the process is not there, cannot be called, or would be given parameters.
    """
    called = bundle.processes.get(shape.process)
    if called is None:
        raise Refused(f"the process '{shape.process}' is not in the bundle")
    if called.start.mode == "listen":
        raise Refused(f"the process '{shape.process}' starts with a listener, so nothing can call it")
    if shape.arguments:
        raise Refused("parameters for the connector that the called process starts with are not given on")
    returning = {one.id for one in called.shapes if isinstance(one, ReturnDocumentsStep)}
    paths = [path for path in shape.returns if path.shape in returning]
    return CallStep(
        shape.id,
        shape.name,
        tuple(path.to for path in paths),
        process=shape.process,
        passthrough=called.start.mode == "passthrough",
        wait=shape.wait,
        abort=shape.abort,
        returns=tuple(path.shape for path in paths),
    )
