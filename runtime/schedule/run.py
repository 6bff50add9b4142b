"""The scheduler: looks once a second at the schedules of what is live, and begins what is due.

A run that begins has a token made of its schedule and due time, so that the journal takes it once, whatever happens
between its beginning and the note of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

import structlog
import trio
from msgspec import Struct
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.engine.deployment import Deployment
from runtime.engine.table import Table
from runtime.errors import RequestError, StoreError, TokenTaken, Unavailable
from runtime.model.schedule import Schedule
from runtime.schedule.decide import Begin, Noted, Nothing, Skip, decide
from runtime.store.note import Note
from runtime.store.protocols import Journal

TICK = 1.0  # seconds between two looks; the finest schedule is one minute

_log = structlog.get_logger("nuclide.schedule")

Book = dict[str, Noted]
Starter = Callable[[Deployment, Schedule, str], Awaitable[str]]
"""Begins a run, given the version, the schedule and the token; gives the execution's id."""


class Deployed(Protocol):
    """Who knows what is live."""

    @property
    def table(self) -> Table:
        """The live versions."""
        ...


class Planned(Struct, frozen=True):
    """A schedule of a live bundle, and what is noted of it."""

    bundle: str
    schedule: Schedule
    noted: Noted


class Scheduler:
    """The schedules of what is live. `count` counts what was begun and what was left out, by outcome."""

    def __init__(
        self,
        live: Deployed,
        journal: Journal,
        clock: Clock,
        *,
        note: Note[Book],
        start: Starter,
        count: Callable[[str], None],
    ) -> None:
        self._live = live
        self._journal = journal
        self._clock = clock
        self._note = note
        self._start = start
        self._count = count
        self._book: Book = {}

    async def run(self) -> None:
        """Begin what is due, for ever."""
        await self._recall()
        while True:
            await self.look()
            await trio.sleep(TICK)

    async def look(self) -> None:
        """Look at every schedule once."""
        before = dict(self._book)
        for deployment, schedule in list(self._schedules()):
            await self._consider(deployment, schedule)
        if self._book != before:
            await self._keep()

    def planned(self) -> tuple[Planned, ...]:
        """Give the schedules of what is live, by name."""
        found = [
            Planned(deployment.bundle.name, schedule, self._noted(key_of(deployment.bundle.name, schedule.name)))
            for deployment, schedule in self._schedules()
        ]
        return tuple(sorted(found, key=lambda planned: (planned.bundle, planned.schedule.name)))

    async def pause(self, key: str, *, paused: bool) -> None:
        """Stop a schedule, or let it go on from now; what passes meanwhile is not made up for.

        Raises:
            RequestError: there is no schedule of that key.
            StoreError: it cannot be kept.
        """
        self._find(key)
        self._book[key] = replace(self._noted(key), paused=paused)
        await trio.to_thread.run_sync(self._note.write, dict(self._book))

    async def begin(self, key: str) -> str:
        """Begin a run now, whatever the schedule says; give its execution.

        Raises:
            RequestError: there is no schedule of that key.
            Unavailable, StoreError: it cannot begin.
        """
        deployment, schedule = self._find(key)
        now = self._clock.now()
        execution = await self._start(
            deployment, schedule, token_of(deployment.bundle.name, schedule, f"by hand {now}")
        )
        self._book[key] = replace(self._noted(key), execution=execution, began=now)
        await self._keep()
        return execution

    def _find(self, key: str) -> tuple[Deployment, Schedule]:
        for deployment, schedule in self._schedules():
            if key_of(deployment.bundle.name, schedule.name) == key:
                return deployment, schedule
        raise RequestError("schedule.unknown", f"There is no schedule '{key}'", status=404)

    def _schedules(self) -> Iterator[tuple[Deployment, Schedule]]:
        for deployment in self._live.table.deployments.values():
            for schedule in deployment.bundle.schedules:
                yield deployment, schedule

    def _noted(self, key: str) -> Noted:
        return self._book.get(key) or Noted(since=self._clock.now())

    async def _consider(self, deployment: Deployment, schedule: Schedule) -> None:
        key = key_of(deployment.bundle.name, schedule.name)
        noted = self._book.setdefault(key, self._noted(key))
        decision = decide(schedule, noted, self._clock.now(), unfinished=False)
        if isinstance(decision, Begin) and await self._unfinished(noted):
            decision = decide(schedule, noted, self._clock.now(), unfinished=True)
        match decision:
            case Nothing():
                return
            case Skip(due, reason, missed):
                _log.warning("schedule left out", schedule=key, reason=reason, times=missed)
                self._count("left out")
                self._book[key] = replace(noted, since=due)
            case Begin(due, missed):
                execution = await self._begun(deployment, schedule, due)
                if execution is not None:
                    _log.info("schedule begun", schedule=key, execution=execution, missed=missed)
                    self._count("begun")
                    self._book[key] = replace(noted, since=due, began=due, execution=execution)

    async def _begun(self, deployment: Deployment, schedule: Schedule, due: float) -> str | None:
        token = token_of(deployment.bundle.name, schedule, str(due))
        try:
            return await self._start(deployment, schedule, token)
        except TokenTaken as taken:
            return taken.execution
        except (Unavailable, StoreError) as error:
            _log.warning("schedule cannot begin now; it is tried again", schedule=schedule.name, reason=str(error))
            return None

    async def _unfinished(self, noted: Noted) -> bool:
        if noted.execution is None:
            return False
        row = await self._journal.execution(noted.execution)
        return row is not None and not row.status.finished

    async def _recall(self) -> None:
        try:
            kept = await trio.to_thread.run_sync(self._note.read)
        except StoreError as error:
            _log.error("what was noted of schedules is lost; they go on from now", error=str(error))
        else:
            self._book.update(kept or {})

    async def _keep(self) -> None:
        try:
            await trio.to_thread.run_sync(self._note.write, dict(self._book))
        except StoreError as error:
            _log.warning("schedules cannot be noted now", error=str(error))


def key_of(bundle: str, schedule: str) -> str:
    """Give the name by which an operator and the notes know a schedule."""
    return f"{bundle}/{schedule}"


def token_of(bundle: str, schedule: Schedule, due: str) -> str:
    """Give the token of a run: the same for the same time of the same schedule."""
    parts = ["schedule", bundle, schedule.name, due]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
