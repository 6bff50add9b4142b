"""What the front door is to reach, and what of it a run has reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from tests.bench.servers import DURABLE, OURS

LEADS = {"uvicorn": 1.1, "node-red": 9.0, "quart route": 15.0}  # how many times its rate, at 16 and 64 connections
SLOWEST = {(OURS, 16): 2.0, (OURS, 64): 5.0, (DURABLE, 64): 8.0}  # p99 in ms at so many connections
DURABLE_SHARE = 0.45  # of the rate of what is not durable, at 64 connections: group commit is for many


class Reached(Protocol):
    """What is looked at of a server at a number of connections."""

    @property
    def ratio(self) -> float:
        """Our rate by its own."""
        ...

    @property
    def spared(self) -> float:
        """Its processor time for a request by ours."""
        ...

    @property
    def p99(self) -> float:
        """Milliseconds."""
        ...


def told(found: Mapping[tuple[str, int], Reached]) -> Iterator[str]:
    """Give a line for each goal that the run says something about; `found` is by server and connections."""
    for (server, connections), figures in found.items():
        if connections not in (16, 64):
            continue
        if server in LEADS:
            yield _line(f"{server}, {connections}", figures.ratio, LEADS[server], _times(figures), least=True)
        if server == DURABLE and connections == 64:
            yield _line(f"{server}, {connections}", 1 / figures.ratio, DURABLE_SHARE, _share(figures), least=True)
        if (server, connections) in SLOWEST:
            slowest = SLOWEST[server, connections]
            yield _line(f"{server}, {connections}", figures.p99, slowest, "ms p99", least=False)


def _times(figures: Reached) -> str:
    return f"times its rate ({figures.spared:.2f} by CPU)"


def _share(figures: Reached) -> str:
    return f"of the plain rate ({1 / figures.spared:.2f} by CPU)"


def _line(what: str, value: float, goal: float, unit: str, *, least: bool) -> str:
    reached = value >= goal if least else value <= goal
    wanted = f"at {'least' if least else 'most'} {goal:g}"
    return f"  goal {'reached' if reached else 'MISSED ':7} {what:24}{value:8.2f} {unit}, {wanted}"
