"""Durable calls by their function or as executions, and all that can be told of them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

import trio
from msgspec.structs import replace
from structlog.testing import LogCapture

from runtime.engine.deployment import Deployment, deployed
from runtime.engine.durable_express import Settled, durable_express_of
from runtime.engine.ending import Ending, decode_ending
from runtime.engine.executions import begin_call, open_executions
from runtime.engine.hold import Hold
from runtime.engine.house import House as Executions
from runtime.engine.recorders import Recorders, RecordSettings
from runtime.engine.records import Record, decode
from runtime.engine.rehearsal import unfolded
from runtime.engine.start import Start, decode_start
from runtime.flow.requests import ActionCall
from runtime.model.bundle import Bundle
from runtime.model.journal import ExecutionRow
from runtime.model.process import Options
from runtime.model.record import ExecutionRecord
from runtime.model.shapes import (
    MessageStep,
    ReturnDocumentsStep,
)
from runtime.observe.levels import Levels
from runtime.observe.log import _add_running
from runtime.observe.metrics import Metrics
from runtime.store.memory import MemoryStore
from tests.engine.generated.support import untimed
from tests.engine.houses import SETTINGS, bundle, call
from tests.engine.test_express import ANSWER, KEY, Files, counted, plainly, processed_by
from tests.engine.worlds import TrioClock, World

GENERAL = Options(mode="general")


def greeting(options: Options = GENERAL) -> Bundle:
    """Give a process that never waits."""
    return bundle([MessageStep(id="m", text=ANSWER, to="r"), ReturnDocumentsStep(id="r")], "m", options)


def message_of(settled: Settled) -> str:
    """Give the message that a call was answered with."""
    assert settled.ending is not None
    assert settled.ending.body is not None
    return str(json.loads(settled.ending.body)["outputs"][0]["contentValue"])


class House:
    """A daemon's executions, with all that looks on, and the one action that is called."""

    def __init__(self, house: Executions, deployment: Deployment, store: MemoryStore, files: Files) -> None:
        self.house, self.deployment, self.store, self.files = house, deployment, store, files
        self.action = deployment.services["S"].actions["Do"]
        self.metrics = Metrics("1")

    @property
    def recorders(self) -> Recorders:
        """Give what notes what people read."""
        assert self.house.recorders is not None
        return self.house.recorders

    def submit(self, made: ActionCall, told: list[Settled], *, debug: bool = False) -> bool:
        """Call as the door does; False where the call has to be an execution."""
        way = durable_express_of(self.house, self.deployment, self.action, debug=debug)
        return way is not None and way.begin(made, {"h": "1"}, told.append)

    async def begin(self, made: ActionCall, *, debug: bool = False) -> Hold:
        """Begin an execution, or join what serves its token."""
        hold = await begin_call(
            self.house, self.deployment, self.action, made, "/fs/S/Do", headers={"h": "1"}, debug=debug
        )
        hold.join()
        return hold

    async def ask(self, made: ActionCall, *, express: bool, debug: bool = False) -> tuple[Ending | None, str]:
        """Call; give the ending, None where nothing was promised, and the execution's id."""
        told: list[Settled] = []
        if express and self.submit(made, told, debug=debug):
            while not told:
                await trio.lowlevel.checkpoint()
            return told[0].ending, told[0].execution
        hold = await self.begin(made, debug=debug)
        await hold.decided.wait()
        return hold.ending, hold.execution


@asynccontextmanager
async def opened(made: Bundle, *, keep: bool = True, payloads: bool = True) -> AsyncGenerator[House]:
    """Open a daemon's executions over a bundle."""
    store, files, metrics = MemoryStore(), Files(), Metrics("1")
    kept = RecordSettings(payloads=payloads)
    recorders = Recorders(files, store.documents, kept, lambda: None, Levels("debug"))
    opening = partial(open_executions, owner="one", wake_outbox=lambda: None, metrics=metrics, recorders=recorders)
    bounds = replace(SETTINGS, keep_work=keep)
    async with deployed(made, World().catalogue()) as deployment, opening(store, TrioClock(), bounds) as house:
        made_house = House(house, deployment, store, files)
        made_house.metrics = metrics
        yield made_house


class Told(NamedTuple):
    """All that anybody can tell of some calls."""

    answers: list[Ending | None]
    again: list[Ending | None]
    rows: list[ExecutionRow]
    tracked: list[list[tuple[str, str]]]
    kept: list[tuple[Ending | None, Start | None, list[Record]]]
    lines: list[tuple[int, str, object]]
    logged: list[dict[str, object]]
    records: list[ExecutionRecord]
    metrics: str
    ended: dict[str, int]
    outcomes: dict[str, list[int]]
    calls: int
    live: int
    tokens: int


class Kind(NamedTuple):
    """How a call is made, and what is kept of it."""

    mode: str = "general"
    keep: bool = True
    payloads: bool = True


async def told(made: Bundle, messages: list[object], kind: Kind, *, express: bool) -> Told:
    """Call with each message, then again with the same tokens."""
    logs = LogCapture()
    with processed_by(_add_running, logs):
        async with opened(made, keep=kind.keep, payloads=kind.payloads) as house:
            return await _told(house, messages, logs, express=express, debug=kind.mode == "debug")


async def _told(house: House, messages: list[object], logs: LogCapture, *, express: bool, debug: bool) -> Told:
    calls = [call(message, named=f"t{number}") for number, message in enumerate(messages)]
    first = [await house.ask(each, express=express, debug=debug) for each in calls]
    again = [await house.ask(each, express=express, debug=debug) for each in calls]
    assert [each[1] for each in again] == [each[1] for each in first]
    await house.recorders.flush()
    names = {each[1]: f"ex{number}" for number, each in enumerate(first)}
    _, lines = await house.recorders.tail(0, None, 0)
    heard = house.house.listeners.heard(*KEY)
    journal = house.store.journal
    rows = sorted(await journal.executions(), key=lambda row: names[row.id])
    return Told(
        [each[0] for each in first],
        [each[0] for each in again],
        [replace(row, id=names[row.id], started_at=0.0, finished_at=0.0) for row in rows],
        [await journal.tracked(row.id) for row in rows],
        [await kept_of(house, row) for row in rows],
        [(line.number, names[line.execution], untimed(line.line)) for line in lines],
        [plainly(dict(entry), names) for entry in logs.entries],
        [timeless(house.recorders.at_length(record), names) for record in house.files.kept],
        counted(house.metrics),
        house.house.ended,
        house.house.outcomes,
        0 if heard is None else heard.calls,
        len(house.house.live),
        len(house.house.tokens._live),
    )


async def kept_of(house: House, row: ExecutionRow) -> tuple[Ending | None, Start | None, list[Record]]:
    """Give what the journal keeps of an execution that has ended."""
    journal = house.store.journal
    answer, start = await journal.answer(row.id), await journal.start(row.id)
    begun = None if start is None else decode_start(start)
    records: list[Record] = [decode(data) for data in await journal.records(row.id)]
    if begun is not None and begun.passed is not None:
        records += await unfolded(house.house, house.action.process, begun)
        begun = replace(begun, passed=None)
    return None if answer is None else decode_ending(answer), begun, records


def timeless(record: ExecutionRecord, names: dict[str, str]) -> ExecutionRecord:
    """Give a record without what differs from run to run."""
    return replace(
        record,
        id=names[record.id],
        started_at=0.0,
        lines=tuple(map(untimed, record.lines)),
        timings=tuple(replace(timing, seconds=0.0) for timing in record.timings),
        seen=tuple(replace(seen, at=0.0) for seen in record.seen),
    )
