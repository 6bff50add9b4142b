"""What a step may use while it runs: the execution's properties, its documents' contents, time, connections."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import structlog
import trio
from msgspec import Struct
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.engine.batch import BatchLimits, BatchWriter, collecting
from runtime.engine.caches import Caches
from runtime.engine.contents import Contents, TrackedFiles
from runtime.engine.gates import Ticket
from runtime.engine.interruption import Abandoned, Suspended
from runtime.engine.log import ExecutionLog
from runtime.engine.observer import Level, Observer
from runtime.engine.persisting import Keeping, Kept, Numbers
from runtime.engine.positions import Position, root_scope
from runtime.engine.positions import Scope as PositionScope
from runtime.engine.records import WaitRecord
from runtime.engine.scripts.workers import Workers
from runtime.engine.secrets import Secrets
from runtime.engine.trace import Trace
from runtime.expressions import Scope
from runtime.expressions.parsed import Parsed
from runtime.model.bundle import Limits
from runtime.model.document import Document
from runtime.sdk.connector import Connection
from runtime.store.protocols import Documents

if TYPE_CHECKING:
    from runtime.engine.generated.flight import Flights

_log = structlog.get_logger("nuclide.process")

MOST_EVENTS = 1_000  # of one execution, as on the platform (reference 1.6): an alert that comes oftener is none
_METHODS: Mapping[Level, str] = {"info": "info", "warning": "warning", "severe": "error"}

TURN = 16  # documents between two looks at the clock: a look costs less than a hundredth of their work
PACE = 0.002  # seconds a step may compute before others get a turn


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
    suspend_after: float = 5.0  # seconds: a longer wait leaves memory


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


class Control:
    """What the outside tells a running execution.

    `abandon` stops it at the next step boundary, `cancel` wherever it is; `hand_over` says that nobody holds a request
    for it any more, so that long waits may leave memory. `scope` is what its work runs in, where it has a task of its
    own; `queued` says that it has not begun.
    """

    def __init__(self, *, handed_over: bool = False) -> None:
        self.abandoned = False
        self.cancelled: str | None = None
        self.handed_over = handed_over
        self.scope: trio.CancelScope | None = None
        self.queued = False
        self._changed = trio.Event()

    def abandon(self) -> None:
        """Stop the execution at its next step boundary; one that has not begun does not begin."""
        self.abandoned = True
        self._changed.set()
        if self.queued and self.scope is not None:
            self.scope.cancel()

    def cancel(self, reason: str) -> None:
        """Stop the execution where it is, at the order of a person; `reason` is told to whoever waits for it."""
        self.cancelled = reason
        if self.scope is not None:
            self.scope.cancel()

    def revive(self) -> None:
        """Let an execution that was to stop go on, if it has not stopped yet."""
        self.abandoned = False
        self._changed = trio.Event()

    def hand_over(self) -> None:
        """Let the execution go on by itself."""
        self.handed_over = True
        self._changed.set()
        self._changed = trio.Event()

    async def changed(self) -> None:
        """Return when something was told."""
        await self._changed.wait()


class Slot:
    """The place of one execution among those that may run at once; none is needed where `limiter` is None."""

    def __init__(self, limiter: trio.CapacityLimiter | None = None, ticket: Ticket | None = None) -> None:
        self._limiter = limiter
        self._ticket = ticket
        self._held = False

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None]:
        """Run the block while holding a place, waiting for one if need be: first at the gates of its process."""
        if self._ticket is not None:
            await self._ticket.passed()
        await self._take()
        try:
            yield
        finally:
            self._give()

    @asynccontextmanager
    async def given_back(self) -> AsyncGenerator[None]:
        """Run the block, which only waits, without holding the place."""
        self._give()
        yield
        await self._take()

    async def _take(self) -> None:
        if self._limiter is not None:
            await self._limiter.acquire_on_behalf_of(self)
            self._held = True

    def _give(self) -> None:
        if self._limiter is not None and self._held:
            self._held = False
            self._limiter.release_on_behalf_of(self)


class Context:
    """One execution, as its steps see it.

    `at` and `step` are the position and the label of the step that runs, `documents` how many reached it; `record` is
    the execution record that it counts on: the execution's own, or that of a process which it has called. `caches` are
    shared with called processes. `flights` is told of runs of generated functions; it is
    None where nothing may run so. `fetched` holds what values of the document at hand had to be waited for, by value.
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
        slot: Slot,
        deadline: float = math.inf,
        observer: Observer | None = None,
        progress: Progress | None = None,
        trace: Trace | None = None,
        kept: Kept | None = None,
        secrets: Secrets | None = None,
        workers: Workers | None = None,
        flights: Flights | None = None,
    ) -> None:
        self.facts = facts
        self.flights = flights
        self.secrets = secrets
        self.workers = workers
        self.log = log
        self.clock = clock
        self.connections = connections
        self.limits = limits
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
        self._events = 0
        self.fetched: dict[object, str | None] = {}
        self.record = facts.id
        self.at = Position(b"", "", 0)
        self.step = ""
        self.documents = 0
        self._position_scope = root_scope("")
        self._parsed = Parsed()
        self._files = TrackedFiles(files)
        self.contents = Contents(self._files, facts.id, limits.content_in_memory)
        self._changes: dict[str, str] = {}
        self._values = facts.as_values()
        self._turn = time.perf_counter()

    def enter(self, at: Position, scope: PositionScope, step: str) -> None:
        """Note which step runs now."""
        self.at, self.step, self._position_scope = at, step, scope

    @property
    def name(self) -> bytes:
        """The stable name of the step that runs: what identities and idempotency keys are made of."""
        return self._position_scope.stable_name(self.at)

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
        self._events += 1
        if self._events <= MOST_EVENTS:
            getattr(_log, _METHODS[level])("user notification", title=title, text=text, step=self.step)

    def take_changes(self) -> dict[str, str]:
        """Give the properties that were set since the last call."""
        changes, self._changes = self._changes, {}
        return changes

    def scope(self, document: Document) -> Scope:
        """Give what expressions see when they are computed for `document`."""
        return Scope(document, self.properties, self._values, parsed=self._parsed)

    def writer(self) -> AbstractAsyncContextManager[BatchWriter]:
        """Give a writer for a batch of this execution."""
        return collecting(self._files, self.facts.id, self.limits.batch)

    async def pace(self) -> None:
        """Let others have a turn when this execution has computed for a while."""
        if time.perf_counter() - self._turn > PACE:
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
            async with self.slot.given_back():
                await self._until(trio.current_time() + rest)

    async def _until(self, end: float) -> None:
        """Wait until trio's clock, which nobody sets, says `end`."""
        while (rest := end - trio.current_time()) > 0:
            if self.control.abandoned:
                raise Abandoned
            away = min(rest, self.deadline - trio.current_time())
            if self.control.handed_over and self.log.durable and away > self.limits.suspend_after:
                raise Suspended(self.clock.now() + away)
            with trio.move_on_after(rest):
                await self.control.changed()
