"""The detector of a stalled event loop: everything waits when one task computes or blocks for too long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.observe.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.observe.metrics import Metrics

TICK: Final = 0.05 * SECONDS  # twenty wake-ups a second cost a thousandth of a core and miss no stall twice as long
THRESHOLD: Final = 0.1 * SECONDS  # a caller begins to notice; a full garbage collection stays below it
QUIET: Final = 10 * SECONDS  # between two warnings: a daemon in trouble must not be busy telling so

_log = logger(__name__)


class Stalls(Struct):
    """What happened since the last warning: how many stalls, the worst in seconds, and when the next may be told."""

    count: int = 0
    worst: float = 0.0
    tell_after: float = float("-inf")

    def note(self, lag: float, now: float) -> bool:
        """Take one measurement, both in seconds; say whether it is time for a warning."""
        if lag >= THRESHOLD:
            self.count += 1
            self.worst = max(self.worst, lag)
        return self.count > 0 and now >= self.tell_after

    def told(self, now: float) -> None:
        """Begin anew after a warning at `now`."""
        self.count, self.worst, self.tell_after = 0, 0.0, now + QUIET


async def watch_loop(
    metrics: Metrics,
    *,
    monotonic: Callable[[], float] = time.perf_counter,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Measure how late the loop comes back, for ever; count each stall and warn of it.

    `monotonic` gives real seconds: trio's clock may be a virtual one that knows no stalls.
    """
    stalls = Stalls()
    task_status.started()
    while True:
        before = monotonic()
        await trio.sleep(TICK)
        now = monotonic()
        lag = max(0.0, now - before - TICK)
        metrics.loop_lag_seconds.observe(lag)
        if lag >= THRESHOLD:
            metrics.stalls.inc()
        if stalls.note(lag, now):
            _log.warning(
                "event loop stalled",
                stalls=stalls.count,
                worst_ms=round(stalls.worst * 1000),
                hint="a task computed or blocked for this long; nothing else ran meanwhile",
            )
            stalls.told(now)
