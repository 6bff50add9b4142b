"""How long it takes from the last write of a new version to the first answer that comes from it.

    python -m tests.bench.copy_to_live --times 100 --bundles 1 50

The quiet time is the default, and part of the figures.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from tests.chaos.caller import Caller
from tests.chaos.operations import files
from tests.deploy.bundles import swap_in, write
from tests.e2e.daemon import installed

POLL = 0.002  # seconds between two questions
LIVE_WITHIN = 20.0  # seconds


async def measure(folder: Path, *, times: int, bundles: int) -> list[float]:
    """Deploy new versions of one bundle among many, one after the other; gives the seconds of each."""
    watched = folder / "bundles"
    for number in range(bundles):
        write(watched / f"B{number}", files(f"B{number}", "v"))
    measured: list[float] = []
    async with installed(folder, {"bundles": {"folder": str(watched)}, "log": {"format": "json"}}) as daemon:
        await daemon.start()
        async with await Caller.connect(daemon.port) as caller:
            for number in range(times):
                version = f"v{number}"
                swap_in(watched / "B0", files("B0", version))
                begun = time.perf_counter()
                with trio.fail_after(LIVE_WITHIN):
                    while (await caller.say("B0", "Say")).text != version:  # noqa: ASYNC110 - another process
                        await trio.sleep(POLL)
                measured.append(time.perf_counter() - begun)
    return measured


def told(bundles: int, measured: Sequence[float]) -> str:
    """Give the figures on one line."""
    ordered = sorted(measured)
    return (
        f"{bundles:3} bundles, {len(ordered)} times: "
        f"median {ordered[len(ordered) // 2] * 1000:.0f} ms, worst {ordered[-1] * 1000:.0f} ms"
    )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.copy_to_live")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--bundles", type=int, nargs="+", default=[1, 50])
    given = parser.parse_args()
    for bundles in given.bundles:
        with TemporaryDirectory() as folder:
            print(told(bundles, trio.run(_run, Path(folder), given.times, bundles)))


async def _run(folder: Path, times: int, bundles: int) -> list[float]:
    return await measure(folder, times=times, bundles=bundles)


if __name__ == "__main__":
    main()
