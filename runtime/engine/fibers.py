"""Fibers: parts of one execution that run side by side (reference 1.22, platform behaviour 22).

A fiber begins with the properties and caches as they were at its fork and sees nothing of its siblings. When all have
ended, what they did is taken over in their order, whichever was the first to end: so the same comes out however their
steps interleave, and of an execution that goes on after a crash. A fiber that cannot go on does not stop its siblings
in the middle of a call: they run to their end, or to their next step where the disk refuses.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from runtime.engine.interruption import Abandoned, Cancelled, Interruption, Parked, Suspended
from runtime.errors import StoreError
from runtime.observe.log import running

if TYPE_CHECKING:
    from runtime.engine.context import Context
    from runtime.engine.places import Control, Slot

THREADS = 2  # large contents at once: they share one interpreter lock with the loop, which more would only slow
MOST = 1_000  # fibers that fibers within each other come to: each is a task with a batch, some 10 kB

_GRAVITY: tuple[type[Exception], ...] = (StoreError, Cancelled, Parked, Abandoned)


class Load:
    """What all executions share of the machine's time.

    How many fibers run, and how many wait for a place; `met` is told when one has to. `threads` are those in which
    large contents are computed beside the event loop.
    """

    def __init__(self, met: Callable[[], None] = lambda: None) -> None:
        self.threads = trio.CapacityLimiter(THREADS)
        self.running = 0
        self.waiting = 0
        self.met = met


class Crew:
    """The fibers of one execution: at most `most` compute at once, and those that only wait are known.

    While all that are left wait, the execution gives its place back; it leaves memory when all of them wait for long.
    """

    def __init__(self, most: int, slot: Slot, control: Control, load: Load) -> None:
        self.broken = False
        self._limiter = trio.CapacityLimiter(most)
        self._slot = slot
        self._control = control
        self._load = load
        self._busy = 1  # fibers that do not wait; the first is the execution itself
        self._waiting: dict[FiberSlot, float] = {}
        self._lock = trio.Lock()

    def forked(self, count: int) -> list[FiberSlot]:
        """Give the places of `count` fibers, whose parent only waits for them."""
        self._busy += count - 1
        family = _Family(count)
        return [FiberSlot(self, family) for _ in range(count)]

    async def take(self, slot: FiberSlot) -> None:
        """Take a place among those that compute, waiting for one if need be."""
        if self._limiter.available_tokens < 1:
            self._load.met()
        self._load.waiting += 1
        try:
            await self._limiter.acquire_on_behalf_of(slot)
        finally:
            self._load.waiting -= 1
        self._load.running += 1

    def give(self, slot: FiberSlot) -> None:
        """Give the place back."""
        self._limiter.release_on_behalf_of(slot)
        self._load.running -= 1

    def rest(self, slot: FiberSlot, until: float) -> None:
        """Note that a fiber only waits until a time of trio's clock."""
        self._waiting[slot] = until
        self.less()

    def less(self) -> None:
        """Note that one fiber fewer is busy; where all that are left wait, each may leave memory now."""
        self._busy -= 1
        if self._busy == 0 and self._waiting:
            self._slot.give()
            self._control.stir()

    async def rise(self, slot: FiberSlot) -> None:
        """Note that a fiber goes on after its wait, with the execution's place held again."""
        del self._waiting[slot]
        self._busy += 1
        async with self._lock:
            await self._slot.take()

    def leave(self, slot: FiberSlot) -> None:
        """Note that a fiber has ended while it waited."""
        self._waiting.pop(slot, None)

    def may_leave(self, seconds: float) -> bool:
        """Whether every fiber waits, for longer than so many seconds."""
        return self._busy == 0 and min(self._waiting.values()) - trio.current_time() > seconds


class _Family:
    """Siblings: how many of them have not ended, and whether the last one that has was busy."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.was_busy = True


class FiberSlot:
    """The place of one fiber, as `Slot` is that of an execution."""

    def __init__(self, crew: Crew, family: _Family) -> None:
        self._crew = crew
        self._family = family
        self._held = False
        self._busy = True

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None]:
        """Run the block, the whole of the fiber, while holding a place."""
        try:
            await self._take()
            yield
        finally:
            self._give()
            self._end()

    def _end(self) -> None:
        """The last sibling hands on to their parent whether it is busy."""
        self._crew.leave(self)
        self._family.left -= 1
        if not self._family.left:
            self._family.was_busy = self._busy
        elif self._busy:
            self._crew.less()

    @asynccontextmanager
    async def given_back(self, until: float) -> AsyncGenerator[None]:
        """Run the block, which only waits until a time of trio's clock, without holding the place."""
        self._give()
        self._busy = False
        self._crew.rest(self, until)
        yield
        await self._crew.rise(self)
        self._busy = True
        await self._take()

    @asynccontextmanager
    async def forking(self, family: FiberSlot) -> AsyncGenerator[None]:
        """Run the block, in which nothing but the fibers of `family` and its siblings compute."""
        self._give()
        yield
        self._busy = family.was_busy
        await self._take()

    @property
    def was_busy(self) -> bool:
        """Whether the last of the siblings to end was not waiting."""
        return self._family.was_busy

    def may_leave(self, seconds: float) -> bool:
        """Whether the execution may leave memory while this fiber waits, as others do."""
        return self._crew.may_leave(seconds)

    async def _take(self) -> None:
        await self._crew.take(self)
        self._held = True

    def _give(self) -> None:
        if self._held:
            self._held = False
            self._crew.give(self)


async def side_by_side(context: Context, fibers: Sequence[Callable[[Context], Awaitable[None]]]) -> list[Context]:
    """Run fibers, each in a context of its own, until all have ended; give their contexts.

    Raises:
        Interruption: at least one does not end now; the gravest of their reasons.
        StoreError: what one did cannot be made durable.
    """
    crew = context.crew
    slots = crew.forked(len(fibers))
    contexts = [context.fiber(slot) for slot in slots]
    turns: list[Exception] = []

    async def fiber(number: int) -> None:
        own = contexts[number]
        around = running.get(dict)
        running.set(lambda: {**around(), "step": own.step})
        try:
            async with slots[number].taken():
                await fibers[number](own)
        except (Interruption, StoreError) as turn:
            crew.broken = crew.broken or isinstance(turn, StoreError)
            turns.append(turn)

    async with context.slot.forking(slots[0]), trio.open_nursery() as nursery:
        for number in range(len(fibers)):
            nursery.start_soon(fiber, number, name=f"{context.step} {number + 1} of {context.facts.id}")
    if turns:
        raise _gravest(turns)
    return contexts


def _gravest(turns: list[Exception]) -> Exception:
    for kind in _GRAVITY:
        for turn in turns:
            if isinstance(turn, kind):
                return turn
    return Suspended(min(turn.due for turn in turns if isinstance(turn, Suspended)))
