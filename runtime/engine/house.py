"""What all executions of a daemon share: the store, the clock, the bounds, and the table of those in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio
from msgspec import Struct

from runtime.clock import Clock
from runtime.engine.context import EngineLimits
from runtime.engine.fibers import Load
from runtime.engine.gates import Gates
from runtime.engine.listeners import Listeners
from runtime.engine.tokens import Tokens
from runtime.ids import ExecutionIds
from runtime.model.journal import Status
from runtime.observe.meters import Meter
from runtime.observe.metrics import Metrics
from runtime.store.protocols import Store

if TYPE_CHECKING:
    from runtime.engine.execution import Execution
    from runtime.engine.observer import Observer
    from runtime.engine.recorders import Recorders
    from runtime.model.journal import ExecutionRow

    Observe = Callable[[ExecutionRow], Observer | None]


_ERROR = Status.ERROR  # a member of an Enum is found by a search that is longer than the counting
# Executions in memory beside which everything is collected: each takes some 10 to 30 us, so that nobody waits long.
FEW = 500
MOST_VERSIONS = 1_000  # whose ends are counted: a version on trial, and the one before it, are among the last that ran


class ExecutionSettings(Struct, frozen=True, kw_only=True):
    """Bounds of all executions together; units and reasons stand in conf/nuclide.toml. Times are in seconds."""

    engine: EngineLimits = EngineLimits()
    at_once: int = 200
    queued: int = 1_000
    lease: float = 30.0
    recovery_interval: float = 1.0
    expire_after: float = 86_400.0
    park_answer_after: float = 600.0
    repeated_answers: int = 10_000
    repeated_answers_for: float = 300.0
    progress_pause: float = 1.0
    keep_work: bool = False  # whether what an execution began with is kept, so that it can be replayed


class ExecutionStatistics(Struct, frozen=True):
    """Executions in memory, those that run, those that wait for a place, and those that have ended, by status."""

    live: int
    running: int
    queued: int
    ended: dict[str, int]


class House:
    """The shared state of executions.

    `owner` names the daemon in claims, the machine first; `wake_outbox` tells the outbox that callbacks are due;
    `observe` gives who watches an execution, `recorders` note what people read of it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: ExecutionSettings,
        nursery: trio.Nursery,
        *,
        owner: str,
        wake_outbox: Callable[[], None],
        metrics: Metrics | None = None,
        observe: Observe | None = None,
        recorders: Recorders | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        self.nursery = nursery
        self.owner = owner
        self.wake_outbox = wake_outbox
        self.observe = observe
        self.recorders = recorders
        self._metrics = metrics
        self.gates = Gates()
        self.listeners = Listeners(clock.now)
        self.fibers = Load(lambda: self.met_limit("executions.parts_at_once"))
        self.places = trio.CapacityLimiter(settings.at_once)
        self.tokens = Tokens(
            store.journal,
            clock,
            nursery,
            most=settings.repeated_answers,
            seconds=settings.repeated_answers_for,
        )
        self.ids = ExecutionIds()
        self.live: dict[str, Execution] = {}
        self.ended: dict[str, int] = {}
        self.outcomes: dict[str, list[int]] = {}  # by version: executions that ended, and those with an error
        self._counted = ""  # the digest of the version that was counted last
        self._idle = trio.Event()
        self._unowned = trio.Event()

    @property
    def running(self) -> int:
        """How many executions hold a place."""
        return self.places.borrowed_tokens

    @property
    def is_quiet(self) -> bool:
        """Whether nobody would notice a full collection: nothing runs, and it need not go through many that wait."""
        return self.running == 0 and len(self.live) <= FEW

    @property
    def queued(self) -> int:
        """How many executions wait for a place."""
        return 0 if self.places.available_tokens > 0 else self.places.statistics().tasks_waiting

    @property
    def is_full(self) -> bool:
        """Whether work that would wait for a place is refused."""
        most = self.settings.queued
        return len(self.live) >= most and self.queued >= most  # whoever waits is in memory

    @property
    def free_places(self) -> int:
        """How many more executions may run now."""
        return max(0, int(self.places.available_tokens) - self.queued)

    def statistics(self) -> ExecutionStatistics:
        """Give figures for metrics and status."""
        places = self.places.statistics()
        return ExecutionStatistics(len(self.live), places.borrowed_tokens, places.tasks_waiting, dict(self.ended))

    def end(self, row: ExecutionRow, status: Status) -> None:
        """Count an execution that ends now, on its version."""
        self.count(row.bundle, row.digest, row.process, row.started_at, status)

    def count(self, bundle: str, digest: str, process: str, started_at: float, status: Status) -> None:
        """Count an execution that ends now, on the version with this digest."""
        self.count_on(self.meter(bundle, process), digest, self.clock.now() - started_at, status)

    def meter(self, bundle: str, process: str) -> Meter | None:
        """Give what counts the executions of a process that end; None where nothing is counted for metrics."""
        return None if self._metrics is None else self._metrics.executions_ended.of(bundle, process)

    def count_on(self, meter: Meter | None, digest: str, seconds: float, status: Status) -> None:
        """Count an execution of a version that took so long, for metrics on the meter of its process."""
        outcomes = self.outcomes
        if digest != self._counted:  # behind all others: the first is the one that has rested longest
            self._counted = digest
            outcomes[digest] = outcomes.pop(digest, [0, 0])
            if len(outcomes) > MOST_VERSIONS:
                del outcomes[next(iter(outcomes))]
        counts = outcomes[digest]
        counts[0] += 1
        counts[1] += status is _ERROR
        self.ended[status] = self.ended.get(status, 0) + 1
        if meter is not None:
            meter.note(status, max(0.0, seconds))

    def wake_recovery(self) -> None:
        """Tell recovery that there are executions which nobody owns."""
        self._unowned.set()

    async def unowned(self) -> None:
        """Return when there may be executions that nobody owns."""
        await self._unowned.wait()
        self._unowned = trio.Event()

    def met_limit(self, setting: str) -> None:
        """Count work that was refused because of a limit."""
        if self._metrics is not None:
            self._metrics.limit_reached.of(setting).inc()

    def drop(self, execution: Execution) -> None:
        """Let an execution leave memory."""
        if self.live.get(execution.id) is execution:
            del self.live[execution.id]
        if not self.live:
            self._idle.set()
        execution.give_back()
        execution.close_record()
        execution.deployment.let_go(execution)
        if execution.row.token is not None:
            self.tokens.end(execution.row.token, execution.hold)
        execution.part()

    async def drained(self) -> None:
        """Return when no execution is in memory any more."""
        while self.live:
            self._idle = trio.Event()
            await self._idle.wait()
