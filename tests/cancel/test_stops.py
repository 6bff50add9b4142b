"""A daemon that stops at any checkpoint of any step leaves everything whole, and another goes on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
import trio

from runtime.engine import context
from runtime.engine.executions import begin_process
from runtime.model.journal import Status
from runtime.model.process import Options
from runtime.store.memory import MemoryStore
from tests.cancel.checkpoints import at_checkpoint
from tests.cancel.steps import CONTENTS, STEPS, of_step, seen
from tests.engine.houses import Daemon, daemon
from tests.engine.slow import whole
from tests.engine.worlds import World

MOST = 60  # checkpoints tried of one process: the first ones, then evenly spread
FEW = {"groovy script": 4}  # of those whose every life starts a process of the machine


@pytest.fixture(autouse=True)
def every_pace_is_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every place a checkpoint where others get a turn after a while."""
    monkeypatch.setattr(context, "PACE", -1.0)
    monkeypatch.setattr(context, "TURN", 2)


class Life:
    """One execution, over daemons that come and go."""

    def __init__(self, step: str, options: Options) -> None:
        self.world, self.store = World(), MemoryStore()
        self.bundle = of_step(STEPS[step], options)
        self.steps = 0

    async def begin(self, at: int | None, act: Callable[[Daemon], object]) -> None:
        """Begin it in a daemon, and let `act` happen at a checkpoint; return when nothing of it is in memory."""
        async with self._daemon("one") as one:
            with at_checkpoint(one.house.nursery, at, lambda: act(one)) as count:
                try:
                    await begin_process(one.house, one.deployment, "p", CONTENTS, {})
                    await one.house.drained()
                finally:
                    self.steps = count()
        for row in await self.store.journal.executions():
            assert row.status.finished or row.owner is None, "a claim was kept"

    async def go_on(self) -> Status:
        """Let another daemon take it over, until it has ended or is parked."""
        async with self._daemon("two") as two:
            two.upkeep()
            while await self._unfinished():  # noqa: ASYNC110 - a row has no event
                await trio.sleep(1)
            await two.house.drained()
            return (await two.row()).status

    async def _unfinished(self) -> bool:
        """Whether anything is left to do, in the execution and in what it has begun."""
        return any(row.status in {Status.RUNNING, Status.WAITING} for row in await self.store.journal.executions())

    @asynccontextmanager
    async def _daemon(self, owner: str) -> AsyncGenerator[Daemon]:
        async with daemon(self.bundle, self.world, self.store, owner=owner) as one:
            yield one
        await whole(one)
        assert one.deployment._users == set()


def stop(one: Daemon) -> None:
    """Stop the daemon, as its end does."""
    one.house.nursery.cancel_scope.cancel()


@pytest.mark.parametrize("step", STEPS)
async def test_stopped_anywhere_and_gone_on_with(step: str, autojump_clock: object) -> None:
    """Places, tokens and connections are given back at once; what the world feels is what it feels undisturbed.

    Afterwards no file is left. A `once` call that was under way is parked, and was not made twice.
    """
    undisturbed = Life(step, Options(mode="general"))
    await undisturbed.begin(None, stop)
    expected = await undisturbed.go_on()
    assert undisturbed.steps > 3
    for at in chosen(undisturbed.steps, FEW.get(step, MOST)):
        life = Life(step, Options(mode="general"))
        await life.begin(at, stop)
        ended = await life.go_on()
        once = [key for operation, key, _ in life.world.calls if operation == "once"]
        assert len(once) == len(set(once)), f"a once call was made twice when stopped at {at}"
        if ended is Status.PARKED:
            assert once or step == "once call"
            continue
        assert ended is expected, f"stopped at {at}"
        assert seen(life.world) == seen(undisturbed.world), f"stopped at {at}"
        assert files(life.store) == [], f"stopped at {at}"


@pytest.mark.parametrize("step", STEPS)
async def test_deadline_anywhere(step: str, autojump_clock: trio.testing.MockClock) -> None:
    """A deadline that passes at any checkpoint ends the execution, or comes too late; either way all of it is gone."""
    options = Options(mode="general", deadline=100_000.0)
    undisturbed = Life(step, options)
    await undisturbed.begin(None, stop)
    late: set[str | None] = set()
    for at in chosen(undisturbed.steps, FEW.get(step, MOST)):
        life = Life(step, options)
        await life.begin(at, lambda _: autojump_clock.jump(200_000.0))
        ended = await life.go_on()
        assert ended.finished or (step == "once call" and ended is Status.PARKED)
        late |= {row.message for row in await life.store.journal.executions()}
        if ended.finished:
            assert files(life.store) == [], f"the deadline passed at {at}"
    assert any("longer than its deadline" in (message or "") for message in late)


def chosen(steps: int, most: int) -> list[int]:
    """Give the checkpoints to try."""
    if steps <= most:
        return list(range(steps))
    first = most // 2
    return sorted({*range(first), *range(first, steps, max(1, (steps - first) // (most - first)))})


def files(store: MemoryStore) -> list[str]:
    """Give the executions that still have files."""
    return [execution for execution, held in store.documents._files.items() if held]
