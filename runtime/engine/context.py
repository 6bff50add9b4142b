"""What a step may use while it runs: the execution's properties, its documents' contents, time, connections."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import structlog
import trio
from msgspec import Struct
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.engine.batch import BatchLimits, BatchWriter, collecting
from runtime.engine.begun import Begun
from runtime.engine.caches import CacheChange, Caches
from runtime.engine.contents import Contents, TrackedFiles
from runtime.engine.fibers import Crew, FiberSlot, Load
from runtime.engine.interruption import Abandoned, Cancelled, Suspended
from runtime.engine.log import ExecutionLog
from runtime.engine.observer import Level, Observer
from runtime.engine.persisting import Keeping, Kept, Numbers
from runtime.engine.places import Control, Slot
from runtime.engine.positions import Position, root_scope
from runtime.engine.positions import Scope as PositionScope
from runtime.engine.records import WaitRecord
from runtime.engine.redaction import Secrets
from runtime.engine.scripts.workers import Workers
from runtime.engine.trace import Trace
from runtime.expressions import Scope
from runtime.expressions.json_values import LARGE
from runtime.expressions.parsed import Parsed
from runtime.ids import derived_execution_id
from runtime.model.bundle import Limits
from runtime.model.document import Document
from runtime.sdk.connector import Connection
from runtime.store.protocols import Documents

if TYPE_CHECKING:
    from runtime.engine.generated.flight import Flights

_log = structlog.get_logger("nuclide.process")

MOST_TRACKED = 10_000  # values of tracked fields of one execution, as on the platform; later ones are not found
MOST_EVENTS = 1_000  # of one execution, as on the platform (reference 1.6): an alert that comes oftener is none
_METHODS: Mapping[Level, str] = {"info": "info", "warning": "warning", "severe": "error"}

TURN = 16  # documents between two looks at the clock: a look costs less than a hundredth of their work
PACE = 0.002  # seconds a step may compute before others get a turn


T = TypeVar("T")
Progress = Callable[[str, bytes | None], Awaitable[None]]


def _write(level: Level, line: str, step: str) -> None:
    write = _log.info if level == "info" else _log.warning if level == "warning" else _log.error
    write("process tells", line=line, step=step)


class EngineLimits(Struct, frozen=True, kw_only=True):
    """The bounds of one execution; units and reasons stand in conf/nuclide.toml."""

    batch: BatchLimits = BatchLimits()
    content_in_memory: int = 1024 * 1024  # bytes
    documents: int = 5_000_000  # documents that the steps of one execution give, together
    steps: int = 1_000_000  # steps run: ends a loop that never does
    compute_at_once: int = 1024 * 1024  # bytes of a content that is read on the loop; a larger one is in a thread
    suspend_after: float = 5.0  # seconds: a longer wait leaves memory
    parts_at_once: int = 10  # fibers of one execution that compute: as the platform's flowControl.maxUnitCount


def tightened(limits: EngineLimits, bounds: Limits) -> EngineLimits:
    """Give the limits with a bundle's own bounds: the smaller number wins."""
    if bounds.documents is None and bounds.steps is None:
        return limits
    return replace(
        limits,
        documents=min(limits.documents, bounds.documents or limits.documents),
        steps=min(limits.steps, bounds.steps or limits.steps),
    )


class Facts(Struct, frozen=True, kw_only=True):
    """What a process may know of its execution. `runtime` is the name of the machine that runs it."""

    id: str
    bundle: str
    version: str
    process: str
    started_at: float
    runtime: str = ""

    def as_values(self) -> dict[str, object]:
        """Give the names and values that expressions see as `execution`."""
        return {"id": self.id, "bundle": self.bundle, "version": self.version, "process": self.process}


class Events:
    """How many events an execution has raised."""

    def __init__(self) -> None:
        self.count = 0


class Done:
    """What the steps of a fiber did to the properties, caches and tracked fields of its execution."""

    def __init__(self) -> None:
        self.changes: dict[str, str] = {}
        self.cached: list[CacheChange] = []
        self.tracked: list[tuple[str, str]] = []


class Context:
    """One execution, as its steps see it.

    `at` and `step` are the position and the label of the step that runs, `documents` how many reached it; `record` is
    the execution record that it counts on: the execution's own, or that of a process which it has called. `caches` are
    shared with called processes. `flights` is told of runs of generated functions; it is
    None where nothing may run so. `fetched` holds what values of the document at hand had to be waited for, by value.
    A generated function holds contents of `most_at_once` bytes, and takes a document through `most_steps`, at most.
    A fiber has one of its own: `done` holds what its steps did so far.
    """

    def __init__(
        self,
        facts: Facts,
        log: ExecutionLog,
        files: Documents,
        clock: Clock,
        *,
        connections: Mapping[str, Connection],
        limits: EngineLimits,
        control: Control,
        slot: Slot | FiberSlot,
        deadline: float = math.inf,
        observer: Observer | None = None,
        progress: Progress | None = None,
        trace: Trace | None = None,
        kept: Kept | None = None,
        secrets: Secrets | None = None,
        workers: Workers | None = None,
        flights: Flights | None = None,
        load: Load | None = None,
        begun: Begun | None = None,
    ) -> None:
        self.facts = facts
        self.flights = flights
        self._load = load or Load()
        self.begun = begun or Begun()
        self.secrets = secrets
        self.workers = workers
        self.log = log
        self.clock = clock
        self.connections = connections
        self.limits = limits
        self.most_at_once = min(limits.content_in_memory, limits.batch.in_memory_bytes, LARGE)
        self.most_steps = min(limits.steps, limits.documents)
        self.control = control
        self.slot = slot
        self.deadline = deadline
        self.observer = observer
        self._progress = progress
        self.trace = trace
        self.properties: dict[str, str] = {}
        self.caches = Caches()
        self.keeping = Keeping(facts.bundle, facts.id, kept or {})
        self.numbers = Numbers()
        self.done: Done | None = None
        self._events = Events()
        self.fetched: dict[object, str | None] = {}
        self.tracked: dict[tuple[str, str], None] = {}
        self.record = facts.id
        self.at = Position(b"", "", 0)
        self.step = ""
        self.documents = 0
        self._position_scope = root_scope("")
        self._parsed = Parsed()
        self._files = TrackedFiles(files)
        self.contents = Contents(self._files, facts.id, limits.content_in_memory)
        self._changes: dict[str, str] = {}
        self._values: dict[str, object] | None = None
        self._turn = time.perf_counter()

    def renew(self, facts: Facts, properties: dict[str, str]) -> None:
        """Serve another execution, whose steps leave nothing behind but documents and properties (see `rest`)."""
        self.facts, self.record, self._values = facts, facts.id, None
        self.properties = properties

    def rest(self) -> None:
        """Forget what the steps of the execution that was served have left behind."""
        self.properties = {}
        if self._parsed.is_used:
            self._parsed = Parsed()

    def enter(self, at: Position, scope: PositionScope, step: str) -> None:
        """Note which step runs now."""
        self.at, self.step, self._position_scope = at, step, scope

    @property
    def name(self) -> bytes:
        """The stable name of the step that runs: what identities and idempotency keys are made of."""
        return self._position_scope.stable_name(self.at)

    def child(self, number: int) -> str:
        """Give the id of the execution that the running step begins as its `number`-th, from 0."""
        return derived_execution_id(self.facts.id, self._position_scope.call(self.at, number).digest)

    @property
    def has_files(self) -> bool:
        """Whether the execution has written files, which must be erased with it."""
        return self._files.used

    def note_files(self) -> None:
        """Note that the execution was given files, which must be erased with it."""
        self._files.used = True

    def set_property(self, name: str, value: str) -> None:
        """Set a dynamic process property."""
        self.properties[name] = value
        self._changes[name] = value

    async def beside(self, work: Callable[[Document, Context], T], document: Document) -> T:
        """Do what is computed of a document: beside the event loop where its content is large.

        Raises:
            Fault: as `work`.
        """
        if not self.is_large(document):
            return work(document, self)
        return await trio.to_thread.run_sync(work, document, self, limiter=self._load.threads)

    def is_large(self, document: Document) -> bool:
        """Whether the content of a document is in memory, and to read it would hold the event loop for too long."""
        return type(document.content) is bytes and len(document.content) > self.limits.compute_at_once

    def begin_process(self, process: str) -> None:
        """Let a called process see what it has kept, where nothing in the execution has set it."""
        for name, kept in self.keeping.kept.get(process, {}).items():
            self.properties.setdefault(name, kept.value)

    def tell(self, level: Level, line: str) -> None:
        """Write a line that the process wants written: to the log, and to who watches the execution."""
        _write(level, line, self.step)
        if self.observer is not None:
            self.observer.line(self.record, level, line)

    async def tell_progress(self, message: str, document: bytes | None) -> None:
        """Tell whoever waits for the execution how things stand; `document` becomes the outputs that there are so far.

        Raises:
            ProcessFault: the document does not follow the response profile of the action.
            StoreError: it cannot be kept until it is sent.
        """
        if self._progress is not None:
            await self._progress(message, document)

    def raise_event(self, level: Level, title: str, text: str) -> None:
        """Log an event that alerts can be made of; beyond `MOST_EVENTS` of one execution they are dropped."""
        self._events.count += 1
        if self._events.count <= MOST_EVENTS:
            getattr(_log, _METHODS[level])("user notification", title=title, text=text, step=self.step)

    @cached_property
    def crew(self) -> Crew:
        """The fibers of the execution."""
        if not isinstance(self.slot, Slot):
            raise TypeError("a fiber has the crew of its execution")
        return Crew(self.limits.parts_at_once, self.slot, self.control, self._load)

    def fiber(self, slot: FiberSlot) -> Context:
        """Give the context of a fiber that begins now."""
        _ = self.crew  # one for all of them
        other = copy(self)
        other.slot = slot
        other.done = Done()
        other.properties = dict(self.properties)
        other.caches = self.caches.copy()
        other.keeping = self.keeping.copy()
        other.numbers = Numbers()
        other.begun = self.begun.copy()
        other.fetched, other.tracked = {}, {}
        other._parsed, other._changes = Parsed(), {}  # noqa: SLF001 - its own kind
        return other

    def apart(self, properties: dict[str, str]) -> Context:
        """Give a context with properties of its own, for steps that leave nothing else behind."""
        other = copy(self)
        other.properties, other._parsed, other._changes = properties, Parsed(), {}  # noqa: SLF001 - its own kind
        return other

    def take_over(self, fiber: Context) -> None:
        """Take over what a fiber did that has ended; what it found already set wins over nothing."""
        for name, value in fiber.properties.items():
            self.properties.setdefault(name, value)
        if fiber.done is not None:
            self.apply(fiber.done.changes, fiber.done.cached, fiber.done.tracked)

    def apply(
        self, changes: Mapping[str, str], cached: Sequence[CacheChange], tracked: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Take over what a step did to the properties, caches and tracked fields of the execution."""
        self.properties.update(changes)
        self.tracked.update(dict.fromkeys(tracked[: max(MOST_TRACKED - len(self.tracked), 0)]))
        for change in cached:
            self.caches.apply(change)
        if self.done is not None:
            self.done.changes.update(changes)
            self.done.cached += cached
            self.done.tracked += tracked

    def check(self) -> None:
        """Go no further where the outside does not want it.

        Raises:
            Abandoned: nobody waits for it any more, or it cannot be written down.
            Cancelled: a person has stopped it.
        """
        if self.control.abandoned or (self.done is not None and self.crew.broken):
            raise Abandoned
        if self.control.cancelled is not None:
            raise Cancelled(self.control.cancelled)

    def part(self) -> None:
        """Forget who is told of progress, and who begins executions: nothing runs any more."""
        self._progress = None
        self.begun = Begun()
        self.log.part()

    def take_changes(self) -> dict[str, str]:
        """Give the properties that were set since the last call."""
        changes, self._changes = self._changes, {}
        return changes

    def scope(self, document: Document) -> Scope:
        """Give what expressions see when they are computed for `document`."""
        return Scope(document, self.properties, self.execution, parsed=self._parsed)

    @property
    def execution(self) -> Mapping[str, object]:
        """Give what expressions see as `execution`."""
        if self._values is None:
            self._values = self.facts.as_values()
        return self._values

    def writer(self) -> AbstractAsyncContextManager[BatchWriter]:
        """Give a writer for a batch of this execution."""
        return collecting(self._files, self.facts.id, self.limits.batch)

    async def pace(self) -> None:
        """Let others have a turn when this execution has computed for a while."""
        if time.perf_counter() - self._turn > PACE:
            await self.log.settle()
            await trio.lowlevel.checkpoint()
            self._turn = time.perf_counter()

    async def wait(self, at: Position, seconds: float) -> None:
        """Wait, durably where the execution is durable: a resumed execution waits for the rest only.

        Raises:
            Suspended: the rest is long, and nobody holds a request: the execution leaves memory until it is due.
            Abandoned: the caller has gone.
        """
        wait, now = self.log.waiting(at), self.clock.now()
        if wait is None:
            wait = WaitRecord(at, now + seconds, now)
            await self.log.note(wait)
        rest = wait.rest(self.clock.now())
        if rest > 0:
            end = trio.current_time() + rest
            async with self.slot.given_back(end):
                await self._until(end)

    async def _until(self, end: float) -> None:
        """Wait until trio's clock, which nobody sets, says `end`."""
        while (rest := end - trio.current_time()) > 0:
            if self.control.abandoned:
                raise Abandoned
            away = min(rest, self.deadline - trio.current_time())
            longest = self.limits.suspend_after
            if self.control.handed_over and self.log.durable and away > longest and self.slot.may_leave(longest):
                raise Suspended(self.clock.now() + away)
            with trio.move_on_after(rest):
                await self.control.changed()
