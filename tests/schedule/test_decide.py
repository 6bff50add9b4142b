"""What a schedule asks for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.model.schedule import Missed, Overlap, Schedule
from runtime.schedule.decide import Begin, Noted, Nothing, Skip, decide, upcoming

OSLO = ZoneInfo("Europe/Oslo")
HOURLY = Schedule(name="s", process="p", cron="0 * * * *", zone="Europe/Oslo")


def at(hour: int, minute: int = 0, second: int = 0) -> float:
    """Give a time of an ordinary day."""
    return datetime(2026, 5, 4, hour, minute, second, tzinfo=OSLO).timestamp()


def test_nothing_happens_before_its_time_and_once_at_it() -> None:
    """A time is due from its second on, and settled once it was noted."""
    noted = Noted(since=at(9, 30))
    assert decide(HOURLY, noted, at(9, 59, 59), unfinished=False) == Nothing()
    assert decide(HOURLY, noted, at(10), unfinished=False) == Begin(at(10))
    assert decide(HOURLY, replace(noted, since=at(10)), at(10, 30), unfinished=False) == Nothing()


MISSED: dict[Missed, object] = {"skip": Skip(at(12), "missed", 3), "once": Begin(at(12), missed=2)}


@pytest.mark.parametrize("missed", MISSED)
def test_times_that_passed_while_nothing_ran(missed: Missed) -> None:
    """They are left out, or made up for by one run for the last of them."""
    schedule = replace(HOURLY, missed=missed)
    assert decide(schedule, Noted(since=at(9, 30)), at(12, 30), unfinished=False) == MISSED[missed]


OVERLAP: dict[Overlap, object] = {
    "skip": Skip(at(10), "the last run is unfinished"),
    "queue": Nothing(),
    "allow": Begin(at(10)),
}


@pytest.mark.parametrize("overlap", OVERLAP)
def test_times_at_which_the_last_run_is_unfinished(overlap: Overlap) -> None:
    """They are left out, wait for its end, or begin beside it."""
    schedule = replace(HOURLY, overlap=overlap)
    assert decide(schedule, Noted(since=at(9, 30)), at(10, 0, 5), unfinished=True) == OVERLAP[overlap]


def test_what_waits_for_the_last_run_begins_once_however_long_that_took() -> None:
    """Queued times become one run when the last has ended."""
    schedule = replace(HOURLY, overlap="queue")
    assert decide(schedule, Noted(since=at(9, 30)), at(13, 30), unfinished=False) == Begin(at(13), missed=3)


def test_a_paused_schedule_settles_its_times() -> None:
    """What passes while it is paused is not made up for afterwards."""
    noted = Noted(since=at(9, 30), paused=True)
    assert decide(replace(HOURLY, missed="once"), noted, at(11, 1), unfinished=False) == Skip(at(11), "paused", 2)


def test_clocks_that_are_set() -> None:
    """A nightly run happens once in each night, also in those in which the hour is missing or comes twice."""
    nightly = replace(HOURLY, cron="30 2 * * *")
    spring = datetime(2026, 3, 27, 12, tzinfo=OSLO).timestamp()
    autumn = datetime(2026, 10, 23, 12, tzinfo=OSLO).timestamp()
    for start in (spring, autumn):
        days = [datetime.fromtimestamp(time, OSLO).day for time in upcoming(nightly, start, 4)]
        assert days == sorted(set(days))
        assert len(days) == 4


@given(st.floats(0, 10 * 86_400), st.lists(st.floats(0, 20_000), max_size=30))
def test_each_time_is_settled_once_and_in_order(begin: float, steps: list[float]) -> None:
    """However irregular the looks are, no time is begun or left out twice, and none is forgotten."""
    now = at(9) + begin
    noted, settled, counted = Noted(since=now), 0, 0
    first = now
    for step in steps:
        now += step
        decision = decide(HOURLY, noted, now, unfinished=False)
        if isinstance(decision, Nothing):
            continue
        assert decision.due > noted.since
        counted += decision.missed if isinstance(decision, Skip) else decision.missed + 1
        noted, settled = replace(noted, since=decision.due), settled + 1
    assert counted == noted.since // 3600 - first // 3600  # Oslo is whole hours from UTC
