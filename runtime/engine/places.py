"""What holds a running execution from outside: orders to it, and its place among those that run at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from runtime.engine.gates import Ticket

if TYPE_CHECKING:
    from runtime.engine.fibers import FiberSlot


class Control:
    """What the outside tells a running execution.

    `abandon` stops it at the next step boundary, `cancel` wherever it is; `hand_over` says that nobody holds a request
    for it any more, so that long waits may leave memory. `scope` is what its work runs in, where it has a task of its
    own; `queued` says that it has not begun.
    """

    def __init__(self, *, handed_over: bool = False) -> None:
        self.abandoned = False
        self.cancelled: str | None = None
        self.handed_over = handed_over
        self.scope: trio.CancelScope | None = None
        self.queued = False
        self._changed = trio.Event()

    def abandon(self) -> None:
        """Stop the execution at its next step boundary; one that has not begun does not begin."""
        self.abandoned = True
        self._changed.set()
        if self.queued and self.scope is not None:
            self.scope.cancel()

    def cancel(self, reason: str) -> None:
        """Stop the execution where it is, at the order of a person; `reason` is told to whoever waits for it."""
        self.cancelled = reason
        if self.scope is not None:
            self.scope.cancel()

    def revive(self) -> None:
        """Let an execution that was to stop go on, if it has not stopped yet."""
        self.abandoned = False
        self._changed = trio.Event()

    def hand_over(self) -> None:
        """Let the execution go on by itself."""
        self.handed_over = True
        self.stir()

    def stir(self) -> None:
        """Let whoever waits look again."""
        self._changed.set()
        self._changed = trio.Event()

    async def changed(self) -> None:
        """Return when something was told."""
        await self._changed.wait()


class Slot:
    """The place of one execution among those that may run at once; none is needed where `limiter` is None."""

    def __init__(self, limiter: trio.CapacityLimiter | None = None, ticket: Ticket | None = None) -> None:
        self._limiter = limiter
        self._ticket = ticket
        self._held = False

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None]:
        """Run the block while holding a place, waiting for one if need be: first at the gates of its process."""
        if self._ticket is not None:
            await self._ticket.passed()
        await self.take()
        try:
            yield
        finally:
            self.give()

    @asynccontextmanager
    async def given_back(self, until: float) -> AsyncGenerator[None]:
        """Run the block, which only waits until a time of trio's clock, without holding the place."""
        self.give()
        yield
        await self.take()

    @asynccontextmanager
    async def forking(self, family: FiberSlot) -> AsyncGenerator[None]:
        """Run the block, in which fibers compute on this place."""
        yield

    def may_leave(self, seconds: float) -> bool:
        """Whether the execution may leave memory while it waits for longer than so many seconds."""
        return True

    async def take(self) -> None:
        """Take the place, unless it is held."""
        if self._limiter is not None and not self._held:
            await self._limiter.acquire_on_behalf_of(self)
            self._held = True

    def give(self) -> None:
        """Give the place back, if it is held."""
        if self._limiter is not None and self._held:
            self._held = False
            self._limiter.release_on_behalf_of(self)
