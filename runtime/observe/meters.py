"""What ends oftenest, requests and executions: counted where it ends, and told when metrics are asked for.

A counter of prometheus_client takes a lock for every value and a histogram two more: for each of tens of thousands of
requests a second that is more than the counting. All of it ends in one thread, so plain numbers do; the thread that
asks for metrics only reads them.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client import Metric


class Meter:
    """What ended under the same labels: how many by outcome, and how long they took."""

    __slots__ = ("_bounds", "buckets", "outcomes", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.outcomes: dict[str | int, int] = {}
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def note(self, outcome: str | int, seconds: float) -> None:
        """Count something that has ended, and took so long."""
        outcomes = self.outcomes
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        self.buckets[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Give for each bound how many took at most so long, as Prometheus writes it."""
        told: list[tuple[str, float]] = []
        count = 0
        for bound, more in zip((*self._bounds, float("inf")), tuple(self.buckets), strict=True):
            count += more
            told.append(("+Inf" if bound == float("inf") else str(bound), count))
        return told


class Meters(Collector):
    """All meters of one kind, as two metrics, each given by its name and its description.

    `count` has the labels and the one that is called `outcome`, `seconds` is a histogram with these bounds.
    """

    def __init__(
        self,
        count: tuple[str, str],
        seconds: tuple[str, str],
        *,
        labels: tuple[str, ...],
        outcome: str,
        bounds: Sequence[float],
    ) -> None:
        self._count = count
        self._seconds = seconds
        self._labels = labels
        self._outcome = outcome
        self._bounds = bounds
        self._meters: dict[tuple[str, ...], Meter] = {}

    def of(self, *labels: str) -> Meter:
        """Give the meter with these values of the labels; the same one every time."""
        meter = self._meters.get(labels)
        if meter is None:
            meter = self._meters[labels] = Meter(self._bounds)
        return meter

    def collect(self) -> Iterator[Metric]:
        """Give both metrics as they stand now."""
        count = CounterMetricFamily(*self._count, labels=(*self._labels, self._outcome))
        seconds = HistogramMetricFamily(*self._seconds, labels=self._labels)
        for labels, meter in tuple(self._meters.items()):
            for outcome, number in tuple(meter.outcomes.items()):
                count.add_metric((*labels, str(outcome)), number)
            seconds.add_metric(labels, meter.cumulative(), meter.total)
        yield count
        yield seconds
