"""Runs of processes by their generated function, or by the driver, and all that can be told of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from runtime.engine.batch import Batch, BatchLimits, Held
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.generated.flight import Flight
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.recorder import Recorder, RecordLimits
from runtime.engine.redaction import Marks, Masking, Words
from runtime.engine.result import Result
from runtime.engine.run import run
from runtime.model.document import Document, root_identity
from runtime.model.journal import ExecutionRow, Status
from runtime.model.process import Listener, Options
from runtime.model.record import ExecutionRecord, Line
from runtime.model.shapes import AnyShape
from runtime.sdk.connector import Catalogue
from runtime.store.memory import MemoryStore
from tests.engine.runs import bundle_of, listed
from tests.engine.worlds import TrioClock

LIMITS = EngineLimits(batch=BatchLimits(in_memory=3, in_memory_bytes=1_000), content_in_memory=40, steps=100)


class Told(NamedTuple):
    """All that anybody can tell of a run."""

    status: Status
    code: str | None
    message: str | None
    failed: int
    returned: list[tuple[bytes, type, bytes, dict[str, str], dict[str, str]]]
    properties: dict[str, str]
    record: ExecutionRecord
    lines: list[Line]


class Watch(Recorder):
    """Notes what a recorder notes, and whether a generated function has run to its end."""

    flights = 0
    lines: list[Line]

    def flown(self, flight: Flight) -> None:
        """Count it, and note it."""
        self.flights += 1
        super().flown(flight)


def compiled(
    shapes: Sequence[AnyShape], first: str | None, listener: Listener | None = None, **parts: object
) -> CompiledProcess:
    """Compile a process that waits for nothing; `parts` are what else its bundle holds."""
    bundle = bundle_of(shapes, first)
    options = Options(mode="low latency")
    process = msgspec.structs.replace(bundle.processes["p"], options=options, listener=listener)
    bundle = msgspec.structs.replace(bundle, processes={"p": process}, **parts)
    return compile_bundle(bundle, Catalogue({})).processes["p"]


def row_of(mode: str) -> ExecutionRow:
    """Give the row of an execution."""
    return ExecutionRow(
        id="ex", bundle="b", version="1", digest="d", process="p", mode=mode, status=Status.RUNNING,
        started_at=0.0, owner="t", epoch=1,
    )  # fmt: skip


def watching(store: MemoryStore, mode: str) -> Watch:
    """Give who watches an execution."""
    lines: list[Line] = []
    watch = Watch(
        row_of(mode), "log", masking=Masking(Marks(()), Words()), files=store.documents, limits=RecordLimits(),
        told=lambda _, line: lines.append(line), told_flight=lambda _execution, _flight: None,
    )  # fmt: skip
    watch.lines = lines
    return watch


async def told(
    process: CompiledProcess, batch: Batch, *, generated: bool, limits: EngineLimits = LIMITS
) -> tuple[Told, Watch]:
    """Run a batch, by the generated function or by the driver."""
    store = MemoryStore()
    watch = watching(store, "low latency")
    context = Context(
        Facts(id="ex", bundle="b", version="1", process="p", started_at=0.0),
        ExecutionLog(store.journal, store.documents, "ex", 1, durable=False, kept=False),
        store.documents, TrioClock(), connections={}, limits=limits, control=Control(), slot=Slot(),
        observer=watch, trace=watch, flights=watch if generated else None,
    )  # fmt: skip
    context.properties["p"] = ""
    return await told_of(await run(process, "p", batch, context), context, watch), watch


async def told_of(result: Result, context: Context, watch: Watch) -> Told:
    """Give all that can be told of a run that has ended."""
    documents = [document for returned in result.returned for document in await listed(returned)]
    seen = [
        (each.id, type(each.content), await context.contents.read(each), each.properties, each.meta)
        for each in documents
    ]
    record = watch.record(result.status.value, result.message)
    timeless = msgspec.structs.replace(
        record,
        lines=tuple(map(untimed, record.lines)),
        timings=tuple(msgspec.structs.replace(timing, seconds=0.0) for timing in record.timings),
    )
    properties, lines = dict(context.properties), list(map(untimed, watch.lines))
    return Told(result.status, result.code, result.message, result.failed, seen, properties, timeless, lines)


def untimed(line: Line) -> Line:
    """Give a line without what differs from run to run."""
    return msgspec.structs.replace(line, at=0.0, text=re.sub(r"in \d+ ms", "in N ms", line.text))


def batch_of(*contents: bytes) -> Batch:
    """Give a batch."""
    return Held(tuple(Document(root_identity(number), content, {"d": ""}) for number, content in enumerate(contents)))
