"""The live part of the admin API: lines of process logs, deployments and the daemon's status, as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated, Protocol

import trio
from msgspec import Meta

from runtime.clock import SECONDS
from runtime.deploy.history import Event as Happened
from runtime.engine.recorders import TailLine
from runtime.errors import Unavailable
from runtime.observe.metrics import Metrics
from runtime.web.admin_answers import DaemonStatus
from runtime.web.admin_deployments import deployment_event
from runtime.web.admin_records import log_line
from runtime.web.api import Endpoint, Parameters
from runtime.web.events import MEDIA, Event, Events

LOOK = 1 * SECONDS  # between two looks at deployments, where no line comes before
STATUS = 5 * SECONDS  # between two statuses: half of a usual scrape interval, and one costs a query
MOST = 32  # streams at once, unless set: each costs a look a second

Status = Callable[[], Awaitable[DaemonStatus]]
History = Callable[[], tuple[Happened, ...]]


class Followed(Protocol):
    """Where lines of process logs come from."""

    async def tail(self, after: int | None, execution: str | None, patience: float) -> tuple[int, list[TailLine]]:
        """Give the lines after number `after` (see Recorders.tail)."""
        ...


class EventsQuery(Parameters, frozen=True, kw_only=True):
    """Asks for what comes after line number `after`, as Last-Event-ID does; without one, from now on."""

    after: Annotated[int, Meta(ge=0)] | None = None
    execution: str | None = None


class Sources:
    """Where events come from, and how many listen."""

    def __init__(
        self,
        status: Status,
        history: History,
        recorders: Followed,
        *,
        most: int = MOST,
        metrics: Metrics | None = None,
    ) -> None:
        self._most = most
        self._metrics = metrics
        self._status = status
        self._history = history
        self._recorders = recorders
        self._open = 0

    def events(self, query: EventsQuery) -> AsyncGenerator[Event | None]:
        """Give events, for ever: ``status`` first and every few seconds, ``line`` and ``deployment`` as they come.

        Raises:
            Unavailable: too many listen already.
        """
        if self._open >= self._most:
            if self._metrics is not None:
                self._metrics.limit_reached.of("admin.streams").inc()
            message = f"{self._most} callers look on already (setting admin.streams)"
            raise Unavailable("web.streams", message, retry_after=STATUS)
        return self._counted(query)

    async def _counted(self, query: EventsQuery) -> AsyncGenerator[Event | None]:
        self._count(1)
        try:
            async with aclosing(self._told(query)) as told:
                async for event in told:
                    yield event
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        self._open += more
        if self._metrics is not None:
            self._metrics.streams.set(self._open)

    async def _told(self, query: EventsQuery) -> AsyncGenerator[Event | None]:
        after, seen, due = query.after, self._history()[-1:], 0.0
        while True:
            quiet = True
            if trio.current_time() >= due:
                due = trio.current_time() + STATUS
                yield Event("status", await self._status())
            for happened in _newer(self._history(), seen):
                quiet = False
                yield Event("deployment", deployment_event(happened))
            seen = self._history()[-1:]
            after, lines = await self._recorders.tail(after, query.execution, LOOK)
            for each in lines:
                quiet = False
                yield Event("line", log_line(each.line, each.execution), each.number)
            if quiet:
                yield None
                if query.execution is not None:
                    await trio.sleep(LOOK)  # an execution that has ended is not waited for


def event_row(sources: Sources) -> Endpoint:
    """Give the endpoint."""

    async def events(query: EventsQuery) -> Events:
        return Events(sources.events(query))

    return Endpoint(
        path="/api/events",
        summary="Lines of process logs, deployments and the daemon's status as they come, as server-sent events",
        parameters=EventsQuery,
        answer=str,
        media=MEDIA,
        handle=events,
    )


def _newer(history: tuple[Happened, ...], seen: tuple[Happened, ...]) -> tuple[Happened, ...]:
    """Give what has happened since the last thing that was seen; all of it where that has been forgotten."""
    if not seen or seen[0] not in history:
        return history if not seen else ()
    return history[history.index(seen[0]) + 1 :]
