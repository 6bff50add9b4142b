"""The law of runs between waits: a process whose steps wait is no other where the steps between are functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, assume, event, example, given, settings

from runtime.engine import context as contexts
from runtime.engine.batch import Held
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.context import Context, Facts
from runtime.engine.interruption import Parked
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.records import Record, WaitRecord, decode
from runtime.engine.run import run
from runtime.model.document import Document, root_identity
from runtime.model.journal import Accept
from runtime.model.process import Options
from runtime.model.shapes import AnyShape, ReturnDocumentsStep
from runtime.sdk.connector import Call, Reply
from runtime.store.memory import MemoryStore
from tests.engine.generated.support import Told, Watch, row_of, told_of, watching
from tests.engine.graphs import Graph, Node, batches, processes, scripts, world_rule
from tests.engine.reference.interpreter import Doc, Reference, TooLong
from tests.engine.reference.test_agreement import SCRIPTS
from tests.engine.runs import SMALL, bundle_of
from tests.engine.worlds import TrioClock, World


@pytest.fixture(autouse=True)
def nothing_depends_on_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing give others a turn because time has passed."""
    monkeypatch.setattr(contexts, "PACE", math.inf)


class HandingOver(World):
    """A world that, at its `at`-th call, meanwhile, has the execution handed over: its log becomes durable."""

    def __init__(self, at: int) -> None:
        super().__init__(world_rule)
        self.at = at
        self.log: ExecutionLog | None = None

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer a call."""
        if len(self.calls) == self.at and self.log is not None:
            await self.log.make_durable(Accept(row_of("low latency"), b""))
        return await super().execute(operation, call)


def compiled(shapes: Sequence[AnyShape], first: str | None, world: World) -> CompiledProcess:
    """Compile a low latency process."""
    bundle = msgspec.structs.replace(bundle_of(shapes, first), scripts=scripts())
    process = msgspec.structs.replace(bundle.processes["p"], options=Options(mode="low latency"))
    return compile_bundle(msgspec.structs.replace(bundle, processes={"p": process}), world.catalogue()).processes["p"]


class Run:
    """One run of a process that is low latency, with functions or without."""

    def __init__(
        self, shapes: Sequence[AnyShape], first: str | None, *, generated: bool, hand_over: int = 10**9
    ) -> None:
        self.world = HandingOver(hand_over)
        self.store = MemoryStore()
        self.process = compiled(shapes, first, self.world)
        self.watch: Watch = watching(self.store, "low latency")
        self.generated = generated

    async def go(self, numbers: Sequence[int]) -> Told | str:
        """Run it to its end; a text says why it is parked."""
        log = ExecutionLog(self.store.journal, self.store.documents, "ex", 1, durable=False)
        self.world.log = log
        context = Context(
            Facts(id="ex", bundle="b", version="1", process="p", started_at=0.0),
            log,
            self.store.documents,
            TrioClock(),
            connections={"world": self.world},
            limits=SMALL,
            control=Control(handed_over=True),
            slot=Slot(),
            observer=self.watch,
            trace=self.watch,
            flights=self.watch if self.generated else None,
        )
        context.properties["p"] = ""
        start = [Document(root_identity(k), str(n).encode(), {"d": ""}) for k, n in enumerate(numbers)]
        try:
            result = await run(self.process, "p", Held(tuple(start)), context)
        except Parked as turn:
            return turn.reason
        if log.durable:
            await log.flush()
        return await told_of(result, context, self.watch)

    async def records(self) -> list[Record]:
        """Give what was written down, but for the time of day."""
        records = [decode(data) for data in await self.store.journal.records("ex")]
        return [WaitRecord(one.at, 0.0) if isinstance(one, WaitRecord) else one for one in records]


def shapes_of(nodes: list[Node]) -> tuple[list[AnyShape], str | None]:
    """Give the shapes of a process, and its first."""
    graph = Graph([ReturnDocumentsStep(id="end")])
    return graph.shapes, graph.block(nodes, "end")


def unordered(told: Told | str) -> object:
    """Give what is the same however what runs side by side interleaves."""
    if isinstance(told, str):
        return told
    lines = sorted(map(repr, told.lines))
    return (*told[:6], lines, sorted(map(repr, told.record.timings)), told.record.lines_left_out)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(nodes=processes, numbers=batches)
@example(
    nodes=[("set", "document"), ("call", "pure", 1), ("decide", "process.p == ''", [("set", "process")], [])],
    numbers=[2],
)
@example(
    nodes=[("call", "pure", 1), ("decide", "size(properties.d) < 2", [("call", "keyed", 1)], [("set", "document")])],
    numbers=[1, 2],
)
@example(nodes=[("loop", [("set", "document"), ("call", "pure", 0)])], numbers=[4])
@example(nodes=[("branch", [[("set", "document"), ("call", "pure", 2)], [("set", "document")]])], numbers=[1, 2, 3])
async def test_nobody_can_tell(nodes: list[Node], numbers: list[int], autojump_clock: object) -> None:
    """Documents, order, properties, effects, log and counts are those of the driver, and of the rules themselves."""
    shapes, first = shapes_of(nodes)
    expected = Reference(shapes, world_rule, SCRIPTS)
    try:
        expected.run(first, [Doc(number, {"d": ""}) for number in numbers])
    except TooLong:
        assume(condition=False)
    flying, driven = Run(shapes, first, generated=True), Run(shapes, first, generated=False)
    by_runs, by_driver = await flying.go(numbers), await driven.go(numbers)
    event("flown" if flying.watch.flights else "driven")
    if expected.is_parallel:
        assert unordered(by_runs) == unordered(by_driver)
    else:
        assert by_runs == by_driver
    assert sorted(flying.world.calls) == sorted(driven.world.calls)  # eight at once
    assert isinstance(by_runs, Told)
    assert by_runs.message == expected.message
    assert [msgspec.json.decode(content) for _, _, content, _, _ in by_runs.returned] == [
        one.value for one in expected.returned
    ]
    assert by_runs.properties == expected.properties


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(nodes=processes, numbers=batches)
@example(
    nodes=[("set", "process"), ("decide", "size(process.p) < 4", [("set", "document")], []), ("call", "once", 1)],
    numbers=[2],
)
@example(
    nodes=[("decide", "size(properties.d) < 2", [("set", "document")], []), ("set", "document"), ("call", "once", 1)],
    numbers=[2, 5],
)
async def test_what_is_handed_over_is_written_down_step_by_step(
    nodes: list[Node], numbers: list[int], autojump_clock: object
) -> None:
    """When an execution becomes durable, the journal holds the records that the driver would have written."""
    shapes, first = shapes_of(nodes)
    assume("parallel" not in repr(nodes) and "parts" not in repr(nodes))  # they interleave by chance
    flying = Run(shapes, first, generated=True, hand_over=1)
    driven = Run(shapes, first, generated=False, hand_over=1)
    await flying.go(numbers)
    await driven.go(numbers)
    event(f"flown {bool(flying.watch.flights)}, records {bool(await driven.records())}")
    assert await flying.records() == await driven.records()
