"""The scheduler over a store in memory and a clock of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from runtime.engine.deployment import Deployment, prepare
from runtime.engine.executions import begin_process, open_executions
from runtime.engine.house import House
from runtime.engine.table import table_of
from runtime.errors import RequestError
from runtime.model.journal import Status
from runtime.model.schedule import Schedule
from runtime.model.shapes import AnyShape, StopStep, WaitStep
from runtime.model.values import Template
from runtime.schedule.run import Book, Scheduler
from runtime.store.memory import MemoryStore
from runtime.store.note import Note
from tests.engine.houses import SETTINGS
from tests.engine.runs import bundle_of
from tests.engine.worlds import TrioClock, World

EVERY_MINUTE = Schedule(name="each minute", process="p", cron="* * * * *")
KEY = "b/each minute"


class Place:
    """A daemon's worth of state that outlives a scheduler: the store, the notes, what is live."""

    def __init__(self, folder: Path, *schedules: Schedule, wait: str | None = None) -> None:
        stop = StopStep(id="stop")
        shapes: list[AnyShape] = [stop]
        if wait is not None:
            shapes.insert(0, WaitStep(id="wait", duration=Template((wait,)), to="stop"))
        bundle = replace(bundle_of(shapes, shapes[0].id), name="b", schedules=schedules)
        deployment = Deployment(prepare(bundle, World().catalogue()), {})
        self.table = table_of([deployment])
        self.store = MemoryStore()
        self.note = Note(folder / "schedules.json", Book)
        self.counted: Counter[str] = Counter()

    def scheduler(self, house: House) -> Scheduler:
        """Give a scheduler, as a start of the daemon does."""

        async def start(deployment: Deployment, schedule: Schedule, token: str) -> str:
            return await begin_process(house, deployment, schedule.process, (), schedule.properties, token=token)

        def count(outcome: str) -> None:
            self.counted[outcome] += 1

        return Scheduler(self, self.store.journal, TrioClock(), note=self.note, start=start, count=count)

    async def statuses(self) -> Counter[Status]:
        """Count the executions by status."""
        return Counter(row.status for row in await self.store.journal.executions())


async def looks(place: Place, scheduler: Scheduler, clock: trio.testing.MockClock, seconds: int) -> None:
    """Look once a second for some time, letting what has begun come to its end or to a wait."""
    for _ in range(seconds):
        clock.jump(1)
        await scheduler.look()
        await trio.testing.wait_all_tasks_blocked()


async def test_what_is_due_runs_once(tmp_path: Path, mock_clock: trio.testing.MockClock) -> None:
    """Each minute has one run, and a scheduler that starts anew does not repeat it, even when its notes are lost."""
    place = Place(tmp_path, EVERY_MINUTE)
    async with open_executions(place.store, TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None) as house:
        first = place.scheduler(house)
        await looks(place, first, mock_clock, 130)
        begun = place.counted["begun"]
        assert await place.statuses() == {Status.COMPLETE: begun}
        assert begun in {2, 3}
        second = place.scheduler(house)
        await second._recall()
        second._book[KEY] = replace(second._book[KEY], since=second._book[KEY].since - 60)
        await second.look()
        assert await place.statuses() == {Status.COMPLETE: begun}


async def test_a_paused_schedule_rests_through_a_restart(tmp_path: Path, mock_clock: trio.testing.MockClock) -> None:
    """Nothing begins while it is paused, and a new scheduler knows that it is."""
    place = Place(tmp_path, EVERY_MINUTE)
    async with open_executions(place.store, TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None) as house:
        scheduler = place.scheduler(house)
        await scheduler.look()
        await scheduler.pause(KEY, paused=True)
        other = place.scheduler(house)
        await other._recall()
        await looks(place, other, mock_clock, 130)
        assert await place.statuses() == {}
        await other.pause(KEY, paused=False)
        await looks(place, other, mock_clock, 61)
        assert await place.statuses() == {Status.COMPLETE: 1}


async def test_an_unfinished_run_is_not_overtaken(tmp_path: Path, mock_clock: trio.testing.MockClock) -> None:
    """A run that waits for an hour keeps the next ones from beginning, and each is counted as left out."""
    place = Place(tmp_path, EVERY_MINUTE, wait="1 h")
    async with open_executions(place.store, TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None) as house:
        await looks(place, place.scheduler(house), mock_clock, 190)
        assert place.counted["begun"] == 1
        assert place.counted["left out"] >= 2


async def test_a_run_by_hand(tmp_path: Path, mock_clock: trio.testing.MockClock) -> None:
    """It begins at once; what is not there is told."""
    place = Place(tmp_path, EVERY_MINUTE)
    async with open_executions(place.store, TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None) as house:
        scheduler = place.scheduler(house)
        identity = await scheduler.begin(KEY)
        row = await place.store.journal.execution(identity)
        assert row is not None
        with pytest.raises(RequestError):
            await scheduler.begin("b/other")
