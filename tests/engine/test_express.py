"""The law of calls that are answered at once: nobody can tell them from those of which an execution was made."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import NamedTuple

import pytest
import structlog
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from structlog.testing import LogCapture
from structlog.typing import Processor

from runtime.engine.deployment import Deployment, deployed
from runtime.engine.executions import begin_call, open_executions
from runtime.engine.express import Answered, express_of
from runtime.engine.generated.attempts import IN_A_ROW, REST
from runtime.engine.hold import Hold
from runtime.engine.house import House as Executions
from runtime.engine.listeners import Pause
from runtime.engine.recorders import Recorders, RecordSettings
from runtime.errors import Place, Unavailable
from runtime.flow.requests import ActionCall
from runtime.model.bundle import Bundle
from runtime.model.process import Options
from runtime.model.record import ExecutionRecord, WrittenRecord
from runtime.model.shapes import (
    AnyShape,
    Assignment,
    DecisionStep,
    ExceptionStep,
    MessageStep,
    ReturnDocumentsStep,
    SetPropertiesStep,
    WaitStep,
)
from runtime.model.values import Expression, Template
from runtime.observe.levels import Levels
from runtime.observe.log import _add_running
from runtime.observe.metrics import Metrics
from runtime.store.memory import MemoryStore
from tests.engine.generated.support import untimed
from tests.engine.generated.test_agreement import graphs
from tests.engine.graphs import Graph, Node, text
from tests.engine.houses import SETTINGS, bundle, call
from tests.engine.worlds import TrioClock, World

ANSWER = text('{"Message": "so"}')
KEY = ("b", "p")
FAILS = ExceptionStep(id="e", title=Template(("No",)), message=Template(("no",)))


class Files:
    """A place for records that keeps them."""

    def __init__(self) -> None:
        self.kept: list[WrittenRecord] = []

    def write(self, records: Sequence[WrittenRecord]) -> None:
        """Keep records."""
        self.kept += records

    def read(self, identity: str) -> WrittenRecord | None:
        """Give none."""

    def forget(self, *, before: float, most: int) -> int:
        """Forget nothing."""
        return 0

    def settle(self) -> None:
        """Put nothing off."""


class House:
    """A daemon's executions, with all that looks on, and the one action that is called."""

    def __init__(
        self, house: Executions, deployment: Deployment, recorders: Recorders, files: Files, metrics: Metrics
    ) -> None:
        self.house, self.deployment = house, deployment
        self.recorders, self.files, self.metrics = recorders, files, metrics
        self.action = deployment.services["S"].actions["Do"]

    async def begin(self, made: ActionCall, *, express: bool = True) -> Answered | Hold:
        """Call, as the door does; without `express` each call is an execution."""
        way = express_of(self.house, self.deployment, self.action) if express else None
        answered = None if way is None else way.answer(made, {"h": "1"})
        if answered is not None:
            return answered
        uri, driven = "/fs/S/Do", way is not None
        return await begin_call(self.house, self.deployment, self.action, made, uri, headers={"h": "1"}, driven=driven)

    async def ask(self, made: ActionCall, *, express: bool) -> tuple[bytes | None, str | None, str | None, str]:
        """Call; give the answer, or the fault, and the execution's id."""
        begun = await self.begin(made, express=express)
        if isinstance(begun, Answered):
            return begun.body, None, None, begun.execution
        begun.join()
        await begun.decided.wait()
        assert begun.ending is not None
        return begun.ending.body, begun.ending.code, begun.ending.message, begun.execution


@asynccontextmanager
async def opened(made: Bundle) -> AsyncGenerator[House]:
    """Open a daemon's executions over a bundle."""
    store, files, metrics = MemoryStore(), Files(), Metrics("1")
    recorders = Recorders(files, store.documents, RecordSettings(), lambda: None, Levels("debug"))
    opening = partial(open_executions, owner="one", wake_outbox=lambda: None, metrics=metrics, recorders=recorders)
    async with deployed(made, World().catalogue()) as deployment, opening(store, TrioClock(), SETTINGS) as house:
        yield House(house, deployment, recorders, files, metrics)


class Told(NamedTuple):
    """All that anybody can tell of some calls."""

    answers: list[tuple[bytes | None, str | None, str | None]]
    again: list[tuple[bytes | None, str | None, str | None]]
    lines: list[tuple[int, str, object]]
    logged: list[dict[str, object]]
    records: list[ExecutionRecord]
    metrics: str
    ended: dict[str, int]
    outcomes: dict[str, list[int]]
    calls: int
    live: int


async def told(made: Bundle, messages: list[object], *, express: bool) -> Told:
    """Call with each message, then again with the same tokens."""
    logs = LogCapture()
    with processed_by(_add_running, logs):
        return await _told(made, messages, logs, express=express)


@contextmanager
def processed_by(*processors: Processor) -> Iterator[None]:
    """Process what is logged in this way while the block runs."""
    before = structlog.get_config()["processors"]
    structlog.configure(processors=processors)
    try:
        yield
    finally:
        structlog.configure(processors=before)


async def _told(made: Bundle, messages: list[object], logs: LogCapture, *, express: bool) -> Told:
    async with opened(made) as house:
        calls = [call(message, named=f"t{number}") for number, message in enumerate(messages)]
        first = [await house.ask(each, express=express) for each in calls]
        again = [await house.ask(each, express=express) for each in calls]
        assert [each[3] for each in again] == [each[3] for each in first]
        await house.recorders.flush()
        names = {each[3]: f"ex{number}" for number, each in enumerate(first)}
        _, lines = await house.recorders.tail(0, None, 0)
        heard = house.house.listeners.heard(*KEY)
        return Told(
            [each[:3] for each in first],
            [each[:3] for each in again],
            [(line.number, names[line.execution], untimed(line.line)) for line in lines],
            [plainly(dict(entry), names) for entry in logs.entries],
            [timeless(house.recorders.at_length(record), names) for record in house.files.kept],
            counted(house.metrics),
            house.house.ended,
            house.house.outcomes,
            0 if heard is None else heard.calls,
            len(house.house.live),
        )


def plainly(event: dict[str, object], names: dict[str, str]) -> dict[str, object]:
    """Give what was logged without what differs from run to run; where the driver stands is no part of it."""
    event = {**event, "execution": names.get(str(event.get("execution")), "")}
    event.pop("step", None)
    return event | {"line": re.sub(r"in \d+ ms", "in N ms", str(event.get("line")))}


def timeless(record: ExecutionRecord, names: dict[str, str]) -> ExecutionRecord:
    """Give a record without what differs from run to run."""
    lines = tuple(map(untimed, record.lines))
    timings = tuple(replace(timing, seconds=0.0) for timing in record.timings)
    return replace(record, id=names[record.id], lines=lines, timings=timings, started_at=0.0)


def counted(metrics: Metrics) -> str:
    """Give what is counted of executions, without times."""
    shown = metrics.expose().decode().splitlines()
    kept = [line for line in shown if re.match(r"nuclide_exec\w+(_total|_count)\{", line)]
    return "\n".join(line for line in kept if "_created" not in line)


def low_latency(shapes: Sequence[AnyShape], first: str | None) -> Bundle:
    """Give a bundle whose process is one function."""
    return bundle(shapes, first, Options(mode="low latency"))


messages = st.lists(st.sampled_from(["a", "b" * 60, 7, None]), min_size=1, max_size=IN_A_ROW + 2)


@given(graphs, messages, st.sampled_from(["answer", "end"]))
@example([("exception", "document")], ["a"] * (IN_A_ROW + 2), "answer")
@example([("set", "process"), ("return",)], ["a", "a"], "answer")
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_nobody_can_tell(nodes: list[Node], given_messages: list[object], then: str) -> None:
    """Answers, faults, repeats, lines, records and counts are those of executions, whatever the process does."""
    graph = Graph()
    end = ReturnDocumentsStep(id="end")
    answer = MessageStep(id="answer", text=ANSWER, to="end")
    first = graph.block(nodes, then)
    made = low_latency([*graph.shapes, answer, end], first)
    assert await told(made, given_messages, express=True) == await told(made, given_messages, express=False)


async def test_what_goes_well_makes_no_execution() -> None:
    """A call that goes well is answered by nothing but its function; one that fails is an execution."""
    shapes: list[AnyShape] = [MessageStep(id="m", text=ANSWER, to="r"), ReturnDocumentsStep(id="r")]
    async with opened(low_latency(shapes, "m")) as house:
        assert isinstance(await house.begin(call()), Answered)
    async with opened(low_latency([FAILS], "e")) as house:
        assert isinstance(await house.begin(call()), Hold)


async def test_a_process_that_often_fails_is_not_run_twice_for_long() -> None:
    """After some failures in a row calls begin executions, and one is tried again now and then."""
    fails = DecisionStep(id="d", condition=Expression("document.Message == 'bad'", Place()), yes="e", no="r")
    shapes: list[AnyShape] = [
        fails,
        FAILS,
        ReturnDocumentsStep(id="r"),
    ]
    async with opened(low_latency(shapes, "d")) as house:
        for number in range(IN_A_ROW):
            assert isinstance(await house.begin(call("bad", named=f"bad{number}")), Hold)
        good = [await house.begin(call("good", named=f"good{number}")) for number in range(REST + 1)]
        assert [isinstance(each, Answered) for each in good] == [False] * REST + [True]
        assert isinstance(await house.begin(call("good", named="then")), Answered)


async def test_what_one_call_sets_no_other_sees() -> None:
    """Properties of a call are its own, though the same function runs for all."""
    seen = MessageStep(id="m", text=text('{"Message": "${process.p}"}'), to="r")
    sets = SetPropertiesStep(id="s", assignments=(Assignment("process", "p", text("${document.Message}")),), to="m")
    choice = DecisionStep(id="d", condition=Expression("document.Message == 'set'", Place()), yes="s", no="m")
    async with opened(low_latency([choice, sets, seen, ReturnDocumentsStep(id="r")], "d")) as house:
        first = await house.ask(call("set", named="1"), express=True)
        second = await house.ask(call("no", named="2"), express=True)
        other = await house.ask(call("no", named="3"), express=False)
    assert b'"set"' in (first[0] or b"")
    assert second[:3] == other[:3]


async def test_what_the_machine_gives_is_there_and_the_call_wins() -> None:
    """Properties begin with the values of extensions; what the call gives under the same name is taken instead."""
    seen = MessageStep(id="m", text=text('{"Message": "${process.x} ${process.y}"}'), to="r")
    async with opened(low_latency([seen, ReturnDocumentsStep(id="r")], "m")) as house:
        prepared = replace(house.deployment.prepared, properties={"p": {"x": "machine", "y": "machine"}})
        house.deployment.prepared = prepared
        asked = replace(call(), properties={"y": "call"})
        (body, *_), _ = await house.ask(asked, express=True), await house.ask(asked, express=False)
    assert b'"machine call"' in (body or b"")


async def test_a_paused_listener_refuses() -> None:
    """A paused listener answers no new call, and repeats the answers that it has given."""
    shapes: list[AnyShape] = [MessageStep(id="m", text=ANSWER, to="r"), ReturnDocumentsStep(id="r")]
    async with opened(low_latency(shapes, "m")) as house:
        before = await house.ask(call(named="1"), express=True)
        house.house.listeners.paused[KEY] = Pause(since=0.0, by="ada")
        with pytest.raises(Unavailable):
            await house.begin(call(named="2"))
        assert await house.ask(call(named="1"), express=True) == before


@pytest.mark.parametrize(
    "options",
    [
        Options(mode="general"),
        Options(mode="low latency", deadline=5.0),
        Options(mode="low latency", simultaneous="queue"),
        Options(mode="low latency", run_dates=True),
    ],
)
async def test_what_needs_an_execution_has_one(options: Options) -> None:
    """What is durable, limited in time, kept in turn or remembered afterwards is an execution from its start."""
    shapes: list[AnyShape] = [MessageStep(id="m", text=ANSWER, to="r"), ReturnDocumentsStep(id="r")]
    async with opened(bundle(shapes, "m", options)) as house:
        assert express_of(house.house, house.deployment, house.action) is None


async def test_a_process_that_waits_has_an_execution() -> None:
    """Whoever may have to wait is an execution."""
    shapes: list[AnyShape] = [WaitStep(id="w", duration=Template(("1 s",)), to="r"), ReturnDocumentsStep(id="r")]
    async with opened(low_latency(shapes, "w")) as house:
        assert express_of(house.house, house.deployment, house.action) is None
