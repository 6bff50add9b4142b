"""The engine against the reference interpreter of its rules (runtime reference 0)."""

from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from runtime.engine import context
from runtime.engine.batch import Batch
from runtime.engine.compile import compile_bundle
from runtime.engine.outcome import Outcome
from runtime.engine.step import Step
from runtime.model.document import Document, root_identity
from runtime.model.shapes import AnyShape, ReturnDocumentsStep
from tests.engine.graphs import Graph, Node, batches, processes, scripts, world_rule
from tests.engine.reference.interpreter import Doc, Line, Reference, TooLong
from tests.engine.runs import SMALL, Run, bundle_of, listed
from tests.engine.worlds import World

SCRIPTS = {
    "double.py": lambda documents: [twin for document in documents for twin in (document, document)],
    "thin.py": lambda documents: documents[::2],
    "reverse.py": lambda documents: documents[::-1],
}


@pytest.fixture(autouse=True)
def nothing_depends_on_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing give others a turn because time has passed: what runs side by side interleaves by chance alone."""
    monkeypatch.setattr(context, "PACE", math.inf)


class Watch:
    """Writes the step log of the engine: which step was entered, with which documents."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Batch | None]] = []

    async def reached(self, record: str, process: str, step: Step, batch: Batch) -> None:
        """Documents have reached a step."""
        self.entries.append((step.id, batch if len(batch) else None))

    async def passed(self, record: str, process: str, step: Step, outcome: Outcome, seconds: float) -> None:
        """A step has finished."""

    async def log(self, run: Run) -> list[Line]:
        """Give the log as the reference writes it."""
        lines: list[Line] = []
        for step, batch in self.entries:
            if batch is None:
                lines.append((step, "skipped"))
            else:
                lines.append((step, "entered", [await seen(document, run) for document in await listed(batch)]))
        return lines


async def seen(document: Document, run: Run) -> Line:
    """Give all that a process can tell of a document."""
    content = document.content
    if not isinstance(content, bytes):
        content = b"".join([piece async for piece in run.store.documents.read("ex", content.name)])
    value = json.dumps(json.loads(content))
    return (value, sorted(document.properties.items()), sorted(document.meta.items()))


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(nodes=processes, numbers=batches)
@example(
    nodes=[("branch", [[("script", "thin.py"), ("combine",), ("exception", "document")], [("set", "document")]])],
    numbers=[1, 2, 3],
)
@example(
    nodes=[("try", [("parts", 2, 1), ("set", "process"), ("call", "keyed", 2)], [("split",)], 1, "all errors")],
    numbers=[3, 3, 4, 5, 10],
)
@example(
    nodes=[("parallel", [[("set", "process"), ("exception", "process")], [("set", "process")]]), ("set", "document")],
    numbers=[1, 2],
)
@example(nodes=[("call", "once", 1), ("try", [("call", "keyed", 2)], [("split",)], 2, "all errors")], numbers=[2, 3, 4])
async def test_engine_agrees_with_reference(nodes: list[Node], numbers: list[int], autojump_clock: object) -> None:
    """Every process gives the same documents, order, properties and step log as by the rules themselves.

    What runs side by side logs the same steps with the same documents, in an order of its own.
    Batches of more than three documents, and contents of more than 200 bytes, are in files.
    """
    graph = Graph([ReturnDocumentsStep(id="end")])
    first = graph.block(nodes, "end")
    shapes: list[AnyShape] = graph.shapes
    expected = Reference(shapes, world_rule, SCRIPTS)
    try:
        expected.run(first, [Doc(number, {"d": ""}) for number in numbers])
    except TooLong:
        assume(condition=False)

    world, watch = World(world_rule), Watch()
    bundle = msgspec.structs.replace(bundle_of(shapes, first), scripts=scripts())
    start = [Document(root_identity(k), str(n).encode(), {"d": ""}) for k, n in enumerate(numbers)]
    run = Run(compile_bundle(bundle, world.catalogue()).processes["p"], world, start)
    run.trace = watch
    ended = await run.go(limits=SMALL)

    log, order = await watch.log(run), repr if expected.is_parallel else None
    assert (sorted(log, key=order) if order else log) == (sorted(expected.log, key=order) if order else expected.log)
    assert ended.message == expected.message
    assert [json.loads(content) for content in ended.returned] == [document.value for document in expected.returned]
    assert ended.properties == expected.properties
