"""``python -m tests.bench.memory [documents]``: memory and latency while one execution floods the engine.

Prints the peak resident memory over idle of an execution of a million documents (the goal is 64 MB), and how long
executions of one document take meanwhile, beside how long they take alone.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import trio

from runtime.engine.context import EngineLimits
from tests.engine.floods import flood
from tests.store.examples import sqlite

DOCUMENTS = 1_000_000
ALONE = 50  # small executions without a flood
PAUSE = 0.05  # seconds between two small executions
MEGABYTE = 1024 * 1024


def resident(field: str = "VmRSS") -> float:
    """Give the resident memory of this process, now or at its highest (``VmHWM``), in megabytes."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field))


def forget_the_highest() -> None:
    """Let the highest resident memory count from here."""
    Path("/proc/self/clear_refs").write_text("5")


async def main(count: int) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        async with sqlite(Path(folder)) as store:
            limits = EngineLimits(documents=10 * count + 1_000)
            alone: list[float] = []
            beside: list[float] = []

            async def small(times: list[float]) -> None:
                begun = time.perf_counter()
                await flood(store, 1, limits, identity=f"small-{len(alone)}-{len(beside)}")
                times.append(time.perf_counter() - begun)

            async def keep_asking() -> None:
                while True:
                    await small(beside)
                    await trio.sleep(PAUSE)

            for _ in range(ALONE):
                await small(alone)
            forget_the_highest()
            idle, begun = resident(), time.perf_counter()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(keep_asking, name="small executions")
                assert await flood(store, count, limits) == [count, count]
                nursery.cancel_scope.cancel()
            seconds = time.perf_counter() - begun
    print(f"{count:,} documents in {seconds:.1f} s")
    print(f"memory: {idle:.0f} MB idle, {resident('VmHWM') - idle:.0f} MB over it at the highest")
    print(f"a small execution alone: {_told(alone)}")
    print(f"a small execution beside: {_told(beside)}")


def _told(times: list[float]) -> str:
    ordered = sorted(times)
    late = ordered[int(0.99 * (len(ordered) - 1))]
    return f"{statistics.median(ordered) * 1000:.1f} ms, p99 {late * 1000:.1f} ms, of {len(ordered)}"


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS)
