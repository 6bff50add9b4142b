"""The detector of a stalled event loop: everything waits when one task computes or blocks for too long.

A task of the loop measures how late it comes back. Meanwhile a thread looks at the clock, and when the loop is late it
reads from the stack of the loop's thread who is at work: afterwards nobody could tell any more.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Final

import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.observe.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from runtime.observe.metrics import Metrics

    Blame = Callable[[FrameType | None], "Culprit"]

TICK: Final = 0.05 * SECONDS  # twenty wake-ups a second cost a thousandth of a core and miss no stall twice as long
THRESHOLD: Final = 0.1 * SECONDS  # a caller begins to notice; a full garbage collection stays below it
QUIET: Final = 10 * SECONDS  # between two warnings: a daemon in trouble must not be busy telling so
NOBODY: Final = "none"  # in the place of a connector's name

_log = logger(__name__)


class Culprit(Struct, frozen=True, kw_only=True):
    """Who was at work while the loop was late; empty is what the stack does not tell. `where` is a line of code."""

    connector: str = NOBODY
    step: str = ""
    bundle: str = ""
    process: str = ""
    execution: str = ""
    where: str = ""


UNKNOWN: Final = Culprit()


class Stalls(Struct):
    """What happened since the last warning: how many stalls, the worst in seconds with its culprit.

    `threshold` is in seconds; `tell_after` is when the next warning may be given.
    """

    threshold: float = THRESHOLD
    count: int = 0
    worst: float = 0.0
    culprit: Culprit = UNKNOWN
    tell_after: float = float("-inf")

    def note(self, lag: float, now: float, culprit: Culprit = UNKNOWN) -> bool:
        """Take one measurement, both in seconds; say whether it is time for a warning."""
        if lag >= self.threshold:
            self.count += 1
            if lag > self.worst:
                self.worst, self.culprit = lag, culprit
        return self.count > 0 and now >= self.tell_after

    def told(self, now: float) -> None:
        """Begin anew after a warning at `now`."""
        self.count, self.worst, self.culprit, self.tell_after = 0, 0.0, UNKNOWN, now + QUIET


class Witness:
    """Looks at the loop's thread from another one; `blame` reads a stack, from its innermost frame."""

    def __init__(self, blame: Blame, *, threshold: float, monotonic: Callable[[], float] = time.perf_counter) -> None:
        self._blame = blame
        self._late = TICK + threshold / 2  # before the stall is one: it may end as soon as it is
        self._monotonic = monotonic
        self._thread = threading.get_ident()
        self._beat = monotonic()
        self._seen: Culprit | None = None
        self._over = threading.Event()

    def beat(self) -> Culprit:
        """Say that the loop has come back; give who was seen while it had not."""
        seen, self._seen, self._beat = self._seen, None, self._monotonic()
        return seen or UNKNOWN

    def look(self) -> None:
        """See who is at work, if the loop is late and nobody was seen yet."""
        if self._seen is None and self._monotonic() - self._beat >= self._late:
            frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - documented, under this name
            self._seen = self._blame(frame)

    def watch(self) -> None:
        """Look again and again, in a thread, until it is over."""
        while not self._over.wait(TICK):
            self.look()

    def end(self) -> None:
        """Let the thread end."""
        self._over.set()


async def watch_loop(
    metrics: Metrics,
    *,
    threshold: float = THRESHOLD,
    witness: Witness | None = None,
    monotonic: Callable[[], float] = time.perf_counter,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Measure how late the loop comes back, for ever; count each stall and warn of it with who was `witness`-ed.

    `threshold` is in seconds. `monotonic` gives real seconds: trio's clock may be a virtual one that knows no stalls.
    """
    stalls = Stalls(threshold)
    task_status.started()
    while True:
        before = monotonic()
        await trio.sleep(TICK)
        now = monotonic()
        lag = max(0.0, now - before - TICK)
        culprit = UNKNOWN if witness is None else witness.beat()
        metrics.loop_lag_seconds.observe(lag)
        if lag >= threshold:
            metrics.stalls.of(culprit.connector).inc()
        if stalls.note(lag, now, culprit):
            _tell(stalls)
            stalls.told(now)


async def watch_loop_closely(
    metrics: Metrics,
    blame: Blame,
    threshold: float,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Watch the loop as `watch_loop` does, with a thread that sees who blocks it."""
    witness = Witness(blame, threshold=threshold)
    async with trio.open_nursery() as nursery:
        try:
            nursery.start_soon(_in_a_thread, witness, name="witness of stalls")
            await watch_loop(metrics, threshold=threshold, witness=witness, task_status=task_status)
        finally:
            witness.end()


async def _in_a_thread(witness: Witness) -> None:
    await trio.to_thread.run_sync(witness.watch, abandon_on_cancel=True, limiter=trio.CapacityLimiter(1))


def _tell(stalls: Stalls) -> None:
    culprit = stalls.culprit
    told = {
        name: value
        for name in ("connector", "step", "bundle", "process", "execution", "where")
        if (value := getattr(culprit, name)) and value != NOBODY
    }
    _log.warning(
        "event loop stalled",
        stalls=stalls.count,
        worst_ms=round(stalls.worst * 1000),
        **told,
        hint="a task computed or blocked for this long; nothing else ran meanwhile",
    )
