"""Answered requests, counted where they are answered and told when metrics are asked for.

A counter of prometheus_client takes a lock for every value and a histogram two more: for each of tens of thousands of
requests a second that is more than the counting. All requests are answered by one thread, so plain numbers do; the
thread that asks for metrics only reads them.
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
    """The answers of one route: how many by status, and how long their requests took."""

    __slots__ = ("_bounds", "buckets", "statuses", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.statuses: dict[int, int] = {}
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def note(self, status: int, seconds: float) -> None:
        """Count an answer; `seconds` is from the arrival of its request."""
        statuses = self.statuses
        statuses[status] = statuses.get(status, 0) + 1
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


class Answered(Collector):
    """The meters of all routes, as the metrics ``nuclide_requests`` and ``nuclide_request_seconds``.

    `bounds` are the histogram's, in seconds.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._meters: dict[str, Meter] = {}

    def of(self, route: str) -> Meter:
        """Give the meter of a route; the same one every time."""
        meter = self._meters.get(route)
        if meter is None:
            meter = self._meters[route] = Meter(self._bounds)
        return meter

    def collect(self) -> Iterator[Metric]:
        """Give both metrics as they stand now."""
        requests = CounterMetricFamily("nuclide_requests", "Answered requests", labels=("route", "status"))
        text = "From the arrival of a request to its answer"
        seconds = HistogramMetricFamily("nuclide_request_seconds", text, labels=("route",))
        for route, meter in tuple(self._meters.items()):
            for status, count in tuple(meter.statuses.items()):
                requests.add_metric((route, str(status)), count)
            seconds.add_metric((route,), meter.cumulative(), meter.total)
        yield requests
        yield seconds
