"""The laws of the stall detector."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import structlog
import trio
import trio.lowlevel

from runtime.observe.metrics import Metrics
from runtime.observe.stalls import (
    QUIET,
    THRESHOLD,
    TICK,
    UNKNOWN,
    Culprit,
    Stalls,
    Witness,
    watch_loop,
    watch_loop_closely,
)
from tests.observe.test_metrics import samples
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from types import FrameType

    from trio.testing import MockClock


class Machine:
    """Real time as the detector measures it: it goes with trio's clock, plus the stalls of the test."""

    def __init__(self) -> None:
        self.stalled = 0.0

    def __call__(self) -> float:
        """Give the seconds."""
        return trio.current_time() + self.stalled


async def run_with_stalls(metrics: Metrics, stalls: list[float], *, apart: float) -> list[dict[str, object]]:
    """Watch a loop that stalls for these seconds, `apart` seconds from each other; give the logged events."""
    machine = Machine()
    with structlog.testing.capture_logs() as events:
        async with trio.open_nursery() as nursery:
            await nursery.start(lambda task_status: watch_loop(metrics, monotonic=machine, task_status=task_status))
            for seconds in stalls:
                await trio.sleep(apart)
                machine.stalled += seconds
            await trio.sleep(apart)
            nursery.cancel_scope.cancel()
    return [dict(event) for event in events]


async def test_a_loop_that_keeps_up_is_silent(autojump_clock: MockClock) -> None:
    """Lag below the threshold is measured but neither counted as a stall nor logged."""
    metrics = Metrics("1")
    assert await run_with_stalls(metrics, [THRESHOLD / 2] * 3, apart=1) == []
    exposed = samples(metrics)
    assert not [name for name in exposed if name.startswith("nuclide_loop_stalls_total")]
    assert exposed["nuclide_loop_lag_seconds_count"] > 3


async def test_a_stall_is_counted_and_told(autojump_clock: MockClock) -> None:
    """A stall beyond the threshold is counted and logged with how long it was."""
    metrics = Metrics("1")
    (event,) = await run_with_stalls(metrics, [0.7], apart=1)
    assert event["log_level"] == "warning"
    assert event["worst_ms"] == pytest.approx(700, abs=TICK * 1000)
    assert samples(metrics)["nuclide_loop_stalls_total{'connector': 'none'}"] == 1


async def test_a_daemon_in_trouble_is_not_busy_telling_so(autojump_clock: MockClock) -> None:
    """Many stalls give one warning a period, which tells how many they were and the worst of them."""
    metrics = Metrics("1")
    events = await run_with_stalls(metrics, [0.2, 0.3, 0.9, 0.2], apart=QUIET / 4)
    assert samples(metrics)["nuclide_loop_stalls_total{'connector': 'none'}"] == 4
    assert [event["stalls"] for event in events] == [1, 3]
    assert events[1]["worst_ms"] == pytest.approx(900, abs=TICK * 1000)


def test_a_lag_at_the_threshold_is_a_stall() -> None:
    """The threshold itself is a stall; just below it is not."""
    assert Stalls().note(THRESHOLD, now=0.0)
    assert not Stalls().note(THRESHOLD - 0.001, now=0.0)


def nobody(frame: FrameType | None) -> Culprit:
    """Blame the connector of the test."""
    return Culprit(connector="world", step="ask", process="p")


def test_a_witness_looks_only_while_the_loop_is_late() -> None:
    """Who is at work is read once, half a threshold before a stall is one, and told with the next beat."""
    now = [0.0]
    witness = Witness(nobody, threshold=THRESHOLD, monotonic=lambda: now[0])
    now[0] = TICK
    witness.look()
    assert witness.beat() == UNKNOWN
    now[0] += TICK + THRESHOLD
    witness.look()
    assert witness.beat().connector == "world"
    witness.look()
    assert witness.beat() == UNKNOWN


async def test_who_blocks_is_counted_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a task blocks the loop, another thread sees it; the stall is counted for its connector."""
    monkeypatch.setattr("runtime.observe.stalls.QUIET", 0.0)  # a stall of the machine before it is told by itself
    metrics = Metrics("1")

    def stalls() -> float:
        return samples(metrics).get("nuclide_loop_stalls_total{'connector': 'world'}", 0.0)

    with structlog.testing.capture_logs() as events:
        async with trio.open_nursery() as nursery:
            await nursery.start(watch_loop_closely, metrics, nobody, THRESHOLD)
            with trio.fail_after(PATIENCE):
                while not stalls():
                    threading.Event().wait(3 * THRESHOLD)
                    await trio.sleep(2 * TICK)  # the loop comes back
            nursery.cancel_scope.cancel()
    told = next(event for event in events if "connector" in event)
    assert (told["connector"], told["step"], told["process"]) == ("world", "ask", "p")
