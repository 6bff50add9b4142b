"""The part of the admin API that is about schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from runtime.clock import Clock
from runtime.schedule.decide import upcoming
from runtime.schedule.run import Planned, Scheduler, key_of
from runtime.web.admin_answers import Begun, Schedules, ScheduleSummary
from runtime.web.api import Endpoint, Parameters

SHOWN = 3  # next times of a schedule


class Order(Parameters, frozen=True, kw_only=True):
    """Orders something of a schedule, which is named ``bundle/schedule``."""

    schedule: str


class Switch(Order, frozen=True, kw_only=True):
    """Stops a schedule, or lets it go on."""

    state: Literal["paused", "active"]


def schedule_rows(scheduler: Scheduler, clock: Clock) -> tuple[Endpoint, ...]:
    """Give the endpoints."""

    async def listed(_: Parameters) -> Schedules:
        now = clock.now()
        return Schedules(schedules=tuple(_summary(planned, now) for planned in scheduler.planned()))

    async def switch(order: Switch) -> Schedules:
        await scheduler.pause(order.schedule, paused=order.state == "paused")
        return await listed(order)

    async def begin(order: Order) -> Begun:
        return Begun(execution=await scheduler.begin(order.schedule))

    return (
        Endpoint(path="/api/schedules", summary="Schedules and their next times", answer=Schedules, handle=listed),
        Endpoint(
            path="/api/schedules/state",
            summary="Pause a schedule, or let it go on from now",
            method="POST",
            parameters=Switch,
            answer=Schedules,
            handle=switch,
        ),
        Endpoint(
            path="/api/schedules/run",
            summary="Run what a schedule runs, now",
            method="POST",
            parameters=Order,
            answer=Begun,
            handle=begin,
        ),
    )


def _summary(planned: Planned, now: float) -> ScheduleSummary:
    schedule, noted = planned.schedule, planned.noted
    times = () if noted.paused else upcoming(schedule, now, SHOWN)
    return ScheduleSummary(
        schedule=key_of(planned.bundle, schedule.name),
        process=schedule.process,
        cron=schedule.cron,
        zone=schedule.zone,
        overlap=schedule.overlap,
        missed=schedule.missed,
        paused=noted.paused,
        next=tuple(datetime.fromtimestamp(time, UTC) for time in times),
        last=None if noted.began is None else datetime.fromtimestamp(noted.began, UTC),
        execution=noted.execution,
    )
