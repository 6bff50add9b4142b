"""What a schedule asks for now: (the schedule, what is noted of it, the time) -> one decision. Nothing is done here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim
from msgspec import Struct

from runtime.model.schedule import Schedule

LATE = 60.0  # seconds: what begins later than this was missed, since the finest schedule is one minute
MOST_MISSED = 10_000  # times looked at when many were missed: a week of minutes; the rest is not worth counting


class Noted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a schedule. `since`: times up to this one are settled, in seconds since the epoch.

    `execution` is the last run that began, `began` its due time; `paused` says that a person has stopped it.
    """

    since: float
    began: float | None = None
    execution: str | None = None
    paused: bool = False


class Nothing(Struct, frozen=True):
    """It is not time, or a run of before has to end first."""


class Begin(Struct, frozen=True):
    """Begin a run for this due time; `missed` counts the times that it stands for besides."""

    due: float
    missed: int = 0


class Skip(Struct, frozen=True):
    """Settle the times up to `due` without a run, and say why."""

    due: float
    reason: str
    missed: int = 1


Decision = Nothing | Begin | Skip


def decide(schedule: Schedule, noted: Noted, now: float, *, unfinished: bool) -> Decision:
    """Say what is to be done now. `unfinished`: the last run has not ended."""
    passed = list(_passed(schedule, noted.since, now))
    if not passed:
        return Nothing()
    due, missed = passed[-1], len(passed) - 1
    if noted.paused:
        return Skip(due, "paused", len(passed))
    if unfinished and schedule.overlap == "skip":
        return Skip(due, "the last run is unfinished", len(passed))
    if unfinished and schedule.overlap == "queue":
        return Nothing()
    late = schedule.overlap != "queue" and now - due > LATE
    if late and schedule.missed == "skip":
        return Skip(due, "missed", len(passed))
    return Begin(due, missed)


def upcoming(schedule: Schedule, after: float, count: int) -> tuple[float, ...]:
    """Give the next times after `after`, in seconds since the epoch; fewer where it ends."""
    times = _times(schedule, after)
    return tuple(time for time, _ in zip(times, range(count), strict=False))


def _passed(schedule: Schedule, since: float, now: float) -> Iterator[float]:
    for number, time in enumerate(_times(schedule, since)):
        if time > now or number >= MOST_MISSED:
            return
        yield time


def _times(schedule: Schedule, after: float) -> Iterator[float]:
    """Give the times of a schedule; where clocks are set, the rules of Debian's cron hold (cronsim)."""
    start = datetime.fromtimestamp(after, UTC).astimezone(ZoneInfo(schedule.zone))
    for time in CronSim(schedule.cron, start):
        yield time.timestamp()
