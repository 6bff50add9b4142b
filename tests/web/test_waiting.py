"""The race of a waiting caller: answer, WAIT, limit and leaving in every order."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock

from runtime.flow.handover import Event, SyncTimeout
from runtime.web.waiting import Waited, wait_for_decision

SOON = {0: 1.0, 1: 2.0, 2: 3.0}  # seconds until the first, the second and the third that happens
ORDERS = [dict(zip(order, SOON.values(), strict=True)) for order in permutations(("decided", "gone", "limit"))]


class World:
    """A hold and an exchange, of which the times of what happens are known."""

    def __init__(self, when: dict[str, float]) -> None:
        self.when = when
        self.decided = trio.Event()
        self.left = 0
        self.posted: list[Event] = []

    def leave(self) -> None:
        """Count a caller that has gone."""
        self.left += 1

    def post(self, event: Event) -> None:
        """Note an event."""
        self.posted.append(event)

    async def wait_gone(self) -> None:
        """Return when the caller leaves."""
        await trio.sleep_until(self.when["gone"])

    async def decide(self) -> None:
        """Decide when it is time."""
        await trio.sleep_until(self.when["decided"])
        self.decided.set()

    async def waited(self, *, may_wait: bool) -> Waited:
        """Wait as a door does."""
        exchange, hold = SimpleNamespace(wait_gone=self.wait_gone), cast("Any", self)
        return await wait_for_decision(cast("Any", exchange), hold, self.when["limit"], may_wait=may_wait)


@pytest.mark.parametrize("when", ORDERS, ids=lambda when: "-".join(sorted(when, key=when.__getitem__)))
@pytest.mark.parametrize("may_wait", [True, False])
async def test_what_comes_first_counts(
    when: dict[str, float],
    may_wait: bool,  # noqa: FBT001 - a parameter of the test
    autojump_clock: MockClock,
) -> None:
    """The first of decision, leaving and limit says what became of the caller, who has left the hold unless decided.

    At the limit a call that may wait is handed over, once: from then on decision and leaving alone count.
    """
    world = World({name: trio.current_time() + seconds for name, seconds in when.items()})
    handed_over = may_wait and when["limit"] == min(when.values())
    counting = {name: seconds for name, seconds in when.items() if name != "limit" or not may_wait}
    first = min(counting, key=counting.__getitem__)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(world.decide)
        waited = await world.waited(may_wait=may_wait)
        nursery.cancel_scope.cancel()
    assert waited == {"decided": "decided", "gone": "gone", "limit": "late"}[first]
    assert world.left == (waited != "decided")
    assert [type(event) for event in world.posted] == [SyncTimeout] * handed_over


async def test_a_door_that_closes_leaves_the_hold(autojump_clock: MockClock) -> None:
    """Whoever is cancelled while it waits has left the hold, too."""
    world = World({"decided": 50.0, "gone": 60.0, "limit": 70.0})
    with trio.move_on_after(1):
        await world.waited(may_wait=True)
    assert (world.left, world.posted) == (1, [])
