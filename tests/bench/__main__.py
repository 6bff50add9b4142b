"""``python -m tests.bench``: what Nuclide costs, as ratios against baselines measured in the same run.

Rounds of all servers are interleaved, so that a busy machine slows them alike; figures are medians of the rounds, and
ratios are taken within a round. ``--quick`` makes fewer and shorter rounds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec import Struct

from tests.bench import callbacks, engine, orders, rates, start, waiting
from tests.bench.pinning import CHECKOUT
from tests.bench.servers import names

CONNECTIONS = (16, 64, 256)


class Effort(Struct, frozen=True, kw_only=True):
    """How long is measured: rounds of each part, seconds of load in one, executions that wait, callbacks at once."""

    rounds: int
    seconds: float
    starts: int
    waiting: int
    waiting_rounds: int
    outstanding: tuple[int, ...]
    callback_rounds: int


FULL = Effort(
    rounds=5,
    seconds=2.0,
    starts=start.ROUNDS,
    waiting=waiting.COUNT,
    waiting_rounds=3,
    outstanding=callbacks.OUTSTANDING,
    callback_rounds=2,  # some clients take a while
)
QUICK = Effort(
    rounds=2,
    seconds=1.0,
    starts=2,
    waiting=waiting.COUNT // 5,
    waiting_rounds=1,
    outstanding=(100, 2_000),
    callback_rounds=1,
)


def main() -> None:
    """Run every part and print its ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--to", type=Path, default=CHECKOUT / ".bench", help="the folder for raw results and plots")
    chosen = parser.parse_args()
    effort, to = QUICK if chosen.quick else FULL, chosen.to
    engine.report(engine.measure(), to)
    orders.report(orders.measure(), to)
    start.report(start.measure(start.startable(), effort.starts), to)
    waiting.report(waiting.measure(effort.waiting, effort.waiting_rounds), to)
    sent = callbacks.measure(callbacks.clients(), effort.outstanding, effort.callback_rounds)
    callbacks.report(sent, to)
    rates.report(rates.measure(names(), CONNECTIONS, effort.rounds, effort.seconds), to)


if __name__ == "__main__":
    main()
