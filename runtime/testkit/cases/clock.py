"""Virtual time: it passes only while every execution waits for it, so a retry after ten minutes costs nothing.

Trio's own jumping clock also jumps while a thread computes; here time stands still while an execution has work to do.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import trio
import trio.testing

EPOCH = 1_767_225_600.0  # seconds: 2026-01-01T00:00:00Z, when every case begins


class VirtualClock:
    """Wall time that follows trio's clock."""

    def now(self) -> float:
        """Give the time in seconds since the epoch."""
        return EPOCH + trio.current_time()


class Stuck(Exception):
    """Raised when nothing will ever happen any more."""


async def pass_time(clock: trio.testing.MockClock, waits: Callable[[], bool]) -> None:
    """Move the clock to whatever is due next, whenever every task is blocked and `waits` says that time may pass.

    Raises:
        Stuck: nothing is due.
    """
    while True:
        await trio.testing.wait_all_tasks_blocked()
        if not waits():
            with trio.CancelScope() as scope:  # a thread or another process works: look again when it has reported
                await trio.testing.wait_all_tasks_blocked(cushion=0.001)
                scope.cancel()
            continue
        rest = trio.lowlevel.current_statistics().seconds_to_next_deadline
        if math.isinf(rest):
            raise Stuck
        clock.jump(max(0.0, rest))
