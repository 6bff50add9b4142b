"""Process Call and Process Route (reference 1.8, 1.9): how a process is called follows from how it starts."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around, compile_texts, declare
from runtime.engine.step import CallStep, Step
from runtime.engine.steps.begin import BeginProcess
from runtime.engine.steps.divide import Divide
from runtime.model.bundle import Bundle
from runtime.model.document import Document
from runtime.model.platform_shapes import ProcessCallStep, ProcessRouteStep, RouteEntry
from runtime.model.shapes import ReturnDocumentsStep


def process_call(shape: ProcessCallStep, bundle: Bundle) -> Step:
    """Give the compiled step.

    A path for a shape that returns nothing gets nothing (behaviour 64).

    Raises:
        Refused: the process is not there, cannot be called, or would be given parameters.
    """
    if shape.arguments:
        raise Refused("parameters for the connector that the called process starts with are not given on")
    entry = RouteEntry(key="", process=shape.process, returns=shape.returns, rest=shape.rest)
    return _call(shape.id, shape.name, entry, bundle, wait=shape.wait, abort=shape.abort)


def _call(identity: str, name: str, entry: RouteEntry, bundle: Bundle, *, wait: bool, abort: bool) -> Step:
    called = bundle.processes.get(entry.process)
    if called is None:
        raise Refused(f"the process '{entry.process}' is not in the bundle")
    if called.start.mode == "listen":
        raise Refused(f"the process '{entry.process}' starts with a listener, so nothing can call it")
    returning = {one.id for one in called.shapes if isinstance(one, ReturnDocumentsStep)}
    paths: list[tuple[str | None, str | None]] = [
        (path.shape, path.to) for path in entry.returns if path.shape in returning
    ]
    if entry.rest is not None:
        paths.append((None, entry.rest))
    targets = tuple(to for _, to in paths)
    if not wait and called.start.mode != "passthrough":  # a group is run within, as was recorded (behaviour 68)
        return BeginProcess(identity, name, targets, process=entry.process)
    return CallStep(
        identity,
        name,
        targets,
        process=entry.process,
        passthrough=called.start.mode == "passthrough",
        wait=wait,
        abort=abort,
        returns=tuple(returned for returned, _ in paths),
    )


class ProcessRoute(Divide):
    """Sends each document to the entry with its key; `calls` are the steps of the entries, by id."""

    def __init__(self, shape: ProcessRouteStep, around: Around, bundle: Bundle) -> None:
        self.calls: dict[str, Step] = {}
        for number, entry in enumerate(shape.entries, 1):
            name = f"{shape.name} {entry.key}"
            call = _call(f"{shape.id}.{number}", name, entry, bundle, wait=shape.wait, abort=shape.abort)
            self.calls[call.id] = call
        super().__init__(shape.id, shape.name, (*self.calls, shape.default))
        self._numbers = {entry.key: number for number, entry in reversed(list(enumerate(shape.entries)))}
        self._key = compile_texts(shape.key, around)
        self.reads = any(value.content for value in self._key)
        declare(self, self._key)

    def path(self, document: Document, context: Context) -> int:
        """Give the number of the first entry with the document's key; the default comes after all."""
        key = "".join(value.text(document, context) for value in self._key)
        return self._numbers.get(key, len(self.targets) - 1)
