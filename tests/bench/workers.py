"""What several workers cost and give: the greeting on one process and on several, interleaved in one run.

``python -m tests.bench.workers [--workers N] [--rounds N] [--seconds S] [--connections N]``. Nothing is bound to a
core: what makes the load takes its share of the same ones, so the ratio of rates is a lower bound. Processor time for a
request, over all processes of a daemon, says what sharing costs whatever else the machine does.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from tests.bench import generator
from tests.bench.generator import Round
from tests.bench.greeting import make_sure
from tests.bench.pinning import CHECKOUT
from tests.bench.ports import wait_for_port
from tests.bench.servers import OURS, Server, command, environment
from tests.e2e.workers import children
from tests.ports import free_port


class Sample(Struct, frozen=True):
    """One round: requests a second, microseconds of processor time for one, milliseconds at the 99th percentile."""

    rate: float
    cpu: float
    p99: float
    errors: int


class Daemon:
    """A daemon that runs, with all its processes."""

    def __init__(self, workers: int, port: int, process: subprocess.Popen[bytes]) -> None:
        self.workers = workers
        self.port = port
        self._process = process

    def cpu(self) -> float:
        """Give the seconds of processor time that its processes have used."""
        pids = [self._process.pid, *children(self._process.pid)]
        return sum(Server(OURS, self.port, pid).cpu() for pid in pids)


@contextmanager
def running(workers: int, folder: Path) -> Iterator[Daemon]:
    """Run a daemon of so many workers while the block runs."""
    folder.mkdir()
    port = free_port()
    process = subprocess.Popen(
        command(OURS, port, folder),
        cwd=CHECKOUT,
        env=environment() | {"NUCLIDE_SERVER_WORKERS": str(workers)},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, process)
        yield Daemon(workers, port, process)
    finally:
        process.terminate()
        process.wait()


def sample(daemon: Daemon, connections: int, seconds: float, folder: Path) -> Sample:
    """Send greetings to a daemon."""
    before = daemon.cpu()
    found: Round = generator.run(daemon.port, connections, seconds, folder, durable=False, bound=False)
    used = daemon.cpu() - before
    return Sample(found.requests / found.seconds, used / found.requests * 1e6, found.p99, found.errors)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=64)
    asked = parser.parse_args()
    samples: dict[int, list[Sample]] = {1: [], asked.workers: []}
    with tempfile.TemporaryDirectory(prefix="nuclide-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        daemons = [stack.enter_context(running(workers, folder / f"{workers}")) for workers in samples]
        for daemon in daemons:
            make_sure(daemon.port, f"{daemon.workers} workers")
            sample(daemon, asked.connections, 1.0, folder)
        for _ in range(asked.rounds):
            for daemon in daemons:
                samples[daemon.workers].append(sample(daemon, asked.connections, asked.seconds, folder))
    for workers, found in samples.items():
        rate, cpu, p99 = (statistics.median(getattr(each, part) for each in found) for part in ("rate", "cpu", "p99"))
        errors = sum(each.errors for each in found)
        print(
            f"{workers} workers: {rate:8.0f} requests/s, {cpu:6.1f} us of CPU each, p99 {p99:6.2f} ms, {errors} errors"
        )
    pairs = list(zip(samples[1], samples[asked.workers], strict=True))
    for part in ("rate", "cpu"):
        ratios = [getattr(many, part) / getattr(one, part) for one, many in pairs]
        print(f"{part}: {statistics.median(ratios):.2f}x ({min(ratios):.2f}..{max(ratios):.2f})")


if __name__ == "__main__":
    main()
