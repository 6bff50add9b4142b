"""The records of all executions of a daemon: those in memory, those on their way to the disk, and the newest lines.

Writing never holds an execution up. What waits to be written is bounded; beyond that a record is left out and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from typing import Protocol

import structlog
import trio
from msgspec import Struct

from runtime.engine.brief_record import Briefs, at_length, kind_of, weight_of
from runtime.engine.deployment import Deployment
from runtime.engine.ending import Ending
from runtime.engine.generated.flight import Flight
from runtime.engine.generated.run import Flown
from runtime.engine.recorder import Recorder, RecordLimits, lines_in, lines_of
from runtime.engine.redaction import Masking
from runtime.engine.step import Step
from runtime.errors import StoreError
from runtime.model.journal import ExecutionRow, Status
from runtime.model.record import BriefRecord, Depth, ExecutionRecord, Line, WrittenRecord
from runtime.observe.levels import Levels
from runtime.store.protocols import Files

_log = structlog.get_logger("nuclide.records")

LATEST = 2_000  # lines of all executions that who follows them may be behind: seconds of a busy daemon
GROUP = 512  # records written in one trip to a thread, and in one transaction: some milliseconds of the interpreter
GATHER = 0.1  # seconds for which a record waits for others: a trip of its own costs more than to write it
REST = 3.0  # times as long as a group took nothing is written after it, unless much waits: a quarter of the time
REST_MOST = 0.2  # seconds of such a rest: what a slow disk took is no reason to keep records in memory
QUIET = 2.0  # seconds without records after which the store may do what would be in the way of others
LEFT = "left memory"  # the status of a record whose execution has left memory without an end
PAUSE = 600.0  # seconds between two looks for what is too old or too much


class RecordStore(Protocol):
    """Where records are kept; its methods wait for a disk, and raise StoreError where it refuses."""

    def write(self, records: Sequence[WrittenRecord]) -> None:
        """Write records; one that was written before is replaced."""
        ...

    def read(self, identity: str) -> WrittenRecord | None:
        """Give the record of an execution."""
        ...

    def forget(self, *, before: float, most: int) -> int:
        """Erase records that were written before this time, then the oldest beyond `most` bytes."""
        ...

    def settle(self) -> None:
        """Do what was put off while much was written."""
        ...


class RecordSettings(Struct, frozen=True, kw_only=True):
    """How much is kept; reasons stand in conf/nuclide.toml. `keep_for` in seconds, `keep_size` in bytes.

    `queue` and `queue_bytes` bound the records that wait to be written, and the memory of what they are made of.
    """

    limits: RecordLimits = RecordLimits()
    payloads: bool = True
    queue: int = 20_000
    queue_bytes: int = 64 * 1024 * 1024
    keep_for: float = 7 * 86_400.0
    keep_size: int = 1024**3


class TailLine(Struct, frozen=True):
    """A line of any execution, numbered as they come."""

    number: int
    execution: str
    line: Line

    def lines(self) -> Iterable[TailLine]:
        """Give the line."""
        return (self,)


class _Flown(Struct, frozen=True):
    """The lines of a run of a generated function, the last of which has this number."""

    number: int
    execution: str
    flight: Flight

    def lines(self) -> Iterable[TailLine]:
        """Give the lines."""
        made = list(lines_of(self.flight))
        return (TailLine(number, self.execution, line) for number, line in enumerate(made, self.number - len(made) + 1))


class _Waiting(Struct, frozen=True, gc=False):
    """A record that waits to be written: `make` makes it, in a thread most often; `weight` is in bytes of memory."""

    make: Callable[[], WrittenRecord]
    weight: int


class Recorders:
    """Makes recorders, and finds what they have noted."""

    def __init__(
        self,
        files: RecordStore,
        documents: Files,
        settings: RecordSettings,
        left_out: Callable[[], None],
        levels: Levels | None = None,
    ) -> None:
        self._levels = levels
        self._files = files
        self._documents = documents
        self._settings = settings
        self._left_out = left_out
        self._live: dict[str, Recorder] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._weight = 0  # of all that waits
        self._due = trio.Event()
        self._many = trio.Event()
        self._latest: deque[TailLine | _Flown] = deque(maxlen=LATEST)
        self._number = 0
        self._told: trio.Event | None = None  # for who waits for lines

    def recorder(self, row: ExecutionRow, deployment: Deployment, depth: Depth | None) -> Recorder:
        """Give the recorder of an execution that comes into memory; `depth` is what its call asks for, if anything."""
        settings = self._settings
        recorder = Recorder(
            row,
            depth_of(row.mode, depth, payloads=settings.payloads),
            masking=Masking(deployment.marks, deployment.known),
            files=self._documents,
            limits=settings.limits,
            told=self._tell,
            told_flight=self.tell_flight,
        )
        self._live[row.id] = recorder
        return recorder

    def close(self, recorder: Recorder, ending: Ending | None) -> None:
        """Take over what was noted of an execution that leaves memory; see that it is written, if it is to be."""
        row = recorder.row
        if self._live.get(row.id) is recorder:
            del self._live[row.id]
        if recorder.depth == "none" and (ending is None or ending.status is not Status.ERROR):
            return  # low latency: the log of a run is kept when it has failed (reference 3.1)
        status, message = (LEFT, None) if ending is None else (ending.status.value, ending.message)
        record = recorder.record(status, message)
        self._wait(row.id, _Waiting(lambda: record, recorder.weight))

    def briefs(self, deployment: Deployment, process: str, mode: str, steps: Sequence[Step]) -> Briefs:
        """Give what makes the records of all runs of a traced function."""
        bundle, settings = deployment.bundle, self._settings
        shows = depth_of(mode, None, payloads=settings.payloads) == "documents"
        return Briefs(
            kind_of(bundle.name, bundle.version, process, mode, steps),
            Masking(deployment.marks, deployment.known),
            settings.limits if shows else None,
        )

    def close_flown(self, row: ExecutionRow, briefs: Briefs, flown: Flown, ending: Ending | None) -> None:
        """Take over what a traced function has told of an execution; its record is made when it is written or read."""
        status, message = (LEFT, None) if ending is None else (ending.status.value, ending.message)
        make = partial(briefs.record, row.id, row.started_at, flown, status, message)
        self._wait(row.id, _Waiting(make, weight_of(flown)))

    def _wait(self, identity: str, record: _Waiting) -> None:
        waiting = self._waiting
        before = waiting.get(identity)
        weight = self._weight + record.weight - (0 if before is None else before.weight)
        is_full = len(waiting) >= self._settings.queue or weight > self._settings.queue_bytes
        if is_full and before is None and waiting:
            self._left_out()
            return
        self._weight = weight
        waiting[identity] = record
        if len(waiting) == 1:
            self._due.set()
        if len(waiting) == GROUP:
            self._many.set()

    async def find(self, identity: str) -> ExecutionRecord | None:
        """Give what is known of an execution: from memory, else from its file."""
        live = self._live.get(identity)
        if live is not None:
            return live.record("running", None)
        waiting = self._waiting.get(identity)
        if waiting is not None:
            return self.at_length(waiting.make())
        found = await trio.to_thread.run_sync(self._files.read, identity)
        return None if found is None else self.at_length(found)

    def at_length(self, record: WrittenRecord) -> ExecutionRecord:
        """Give a record as it is read."""
        if isinstance(record, BriefRecord):
            return at_length(record, self._settings.limits, self._documents)
        return record

    async def tail(self, after: int | None, execution: str | None, patience: float) -> tuple[int, list[TailLine]]:
        """Give the lines after number `after` (None: from now on), waiting up to `patience` seconds for the first.

        The number is the one to ask after next.
        """
        seen = self._number if after is None else min(after, self._number)
        with trio.move_on_after(patience):
            while True:
                lines = [
                    line
                    for each in self._latest
                    if each.number > seen and execution in {None, each.execution}
                    for line in each.lines()
                    if line.number > seen
                ]
                if lines:
                    return self._number, lines
                if execution is not None and after is not None and execution not in self._live:
                    break  # it has ended, and nothing more will come
                await self._more()
        return self._number, []

    async def _more(self) -> None:
        """Wait for another line."""
        if self._told is None or self._told.is_set():
            self._told = trio.Event()
        await self._told.wait()

    def is_live(self, identity: str) -> bool:
        """Whether an execution is in memory."""
        return identity in self._live

    async def write(self) -> None:
        """Write what is due, for ever; settle what was written when nothing more comes."""
        while True:
            await self._due.wait()
            await self._gathered()
            settings = self._settings
            while self._waiting:
                began = trio.current_time()
                await self._write()
                if len(self._waiting) < settings.queue // 2 and self._weight < settings.queue_bytes // 2:
                    await trio.sleep(min(REST_MOST, REST * (trio.current_time() - began)))
                    await self._gathered()
            self._due = trio.Event()
            with trio.move_on_after(QUIET) as quiet:
                await self._due.wait()
            if quiet.cancelled_caught:
                await self._settle()

    async def _gathered(self) -> None:
        """Wait a moment for a group to be whole, where any of it is there."""
        if 0 < len(self._waiting) < GROUP:
            self._many = trio.Event()
            with trio.move_on_after(GATHER):
                await self._many.wait()

    async def flush(self) -> None:
        """Write what is due."""
        while self._waiting:
            await self._write()

    async def _write(self) -> None:
        """Write a group."""
        group = list(islice(self._waiting.items(), GROUP))
        try:
            await trio.to_thread.run_sync(_write, self._files, [record.make for _, record in group])
        except StoreError as error:
            _log.warning("records of executions could not be written", count=len(group), error=str(error))
        for identity, record in group:
            if self._waiting.get(identity) is record:
                del self._waiting[identity]
                self._weight -= record.weight

    async def _settle(self) -> None:
        try:
            await trio.to_thread.run_sync(self._files.settle)
        except StoreError as error:
            _log.warning("records of executions could not be settled", error=str(error))

    async def forget(self, now: Callable[[], float]) -> None:
        """Erase what is too old or too much, for ever."""
        while True:
            before, most = now() - self._settings.keep_for, self._settings.keep_size
            try:
                await trio.to_thread.run_sync(lambda: self._files.forget(before=before, most=most))  # noqa: B023 - waited for
            except StoreError as error:
                _log.warning("records of executions could not be erased", error=str(error))
            await trio.sleep(PAUSE)

    @property
    def logs(self) -> bool:
        """Whether lines of processes are logged."""
        return self._levels is not None and self._levels.chatty

    def tell_flight(self, execution: str, flight: Flight) -> None:
        """Keep a run as it is: its lines are made when somebody reads them, which most are not."""
        self._number += lines_in(flight)
        self._latest.append(_Flown(self._number, execution, flight))
        if self._told is not None:
            self._told.set()
        if self.logs:
            for line in lines_of(flight):
                _log_line(line)

    def _tell(self, execution: str, line: Line) -> None:
        self._number += 1
        self._latest.append(TailLine(self._number, execution, line))
        if self._told is not None:
            self._told.set()
        if self.logs:
            _log_line(line)


def _write(files: RecordStore, makings: Sequence[Callable[[], WrittenRecord]]) -> None:
    files.write([making() for making in makings])


def _log_line(line: Line) -> None:
    """Log a line of a process log, for who follows its process at debug level; it is masked already."""
    _log.debug("process log", told=line.level, at_process=line.process, at_step=line.step, line=line.text)


def depth_of(mode: str, asked: Depth | None, *, payloads: bool) -> Depth:
    """Give how much is noted: what the mode says, or what the call asks for; a bridge never shows payloads (3.1)."""
    chosen: Depth = asked or {"general": "documents", "bridge": "log"}.get(mode, "none")  # type: ignore[assignment]
    if chosen == "documents" and (mode == "bridge" or not payloads):
        return "log"
    return chosen


@asynccontextmanager
async def open_recorders(
    files: RecordStore,
    documents: Files,
    settings: RecordSettings,
    *,
    now: Callable[[], float],
    left_out: Callable[[], None],
    levels: Levels | None = None,
) -> AsyncGenerator[Recorders]:
    """Keep records in `files`; when the block ends, what is due is written."""
    recorders = Recorders(files, documents, settings, left_out, levels)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(recorders.write, name="write records")
        nursery.start_soon(recorders.forget, now, name="forget records")
        yield recorders
        nursery.cancel_scope.cancel()
    with trio.CancelScope(shield=True), trio.move_on_after(2.0):
        await recorders.flush()
