"""The greeting on every server, interleaved: rates as ratios, times, processor time and memory.

``python -m tests.bench.rates [--rounds N] [--seconds S] [--connections 16,64,256] [--to FOLDER] [SERVER …]`` writes
``rates.json`` and ``rates.svg`` into the folder, and prints a table. Rounds of all servers alternate, so that a busy
machine slows them alike, and ratios are taken within a round: the median of these is what to trust.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.bench import generator
from tests.bench.generator import Round
from tests.bench.goals import told
from tests.bench.greeting import make_sure
from tests.bench.pinning import CHECKOUT
from tests.bench.plot import bars
from tests.bench.servers import DURABLE, OURS, Server, absent, names, running

TRIES = 3  # of a round in which nothing was answered: a machine that does something else for so long measures nothing
SATURATED = 0.95  # of its core: a generator that is as busy as that may be what is measured


class Sample(Struct, frozen=True, kw_only=True):
    """One round of one server. `cpu` is microseconds of processor time for a request, `memory` MiB afterwards."""

    server: str
    connections: int
    number: int
    rate: float
    cpu: float
    memory: float
    round: Round


class Figures(Struct, frozen=True, kw_only=True):
    """Medians over the rounds of one server.

    `ratio` is our rate by its own in a round, `ratios` its least and most; `spared` is its processor time for a request
    by ours, which a busy machine changes least.
    """

    server: str
    connections: int
    rate: float
    ratio: float
    ratios: tuple[float, float]
    spared: float
    p50: float
    p99: float
    cpu: float
    memory: float
    errors: int


def measure(servers: Sequence[str], connections: Sequence[int], rounds: int, seconds: float) -> list[Sample]:
    """Run every server under load, in turn."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="nuclide-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        up = [stack.enter_context(running(server, folder / str(number))) for number, server in enumerate(servers)]
        for server in up:
            make_sure(server.port, server.name)
            generator.run(
                server.port, 16, 1.0, folder, durable=server.name == DURABLE
            )  # what is made at first is there
        for count in connections:
            for number in range(rounds):
                samples += [_sample(server, count, number, seconds, folder) for server in up]
    return samples


def _sample(server: Server, connections: int, number: int, seconds: float, folder: Path) -> Sample:
    for _ in range(TRIES):
        before = server.cpu()
        found = generator.run(server.port, connections, seconds, folder, durable=server.name == DURABLE)
        if found.requests:
            break
    else:
        raise ConnectionError(f"{server.name} has answered nothing over {connections} connections")
    return Sample(
        server=server.name,
        connections=connections,
        number=number,
        rate=found.requests / found.seconds,
        cpu=(server.cpu() - before) / found.requests * 1e6,
        memory=server.memory(),
        round=found,
    )


def figures(samples: Sequence[Sample], server: str, connections: int) -> Figures:
    """Give the medians of one server."""
    ours = {each.number: each for each in samples if (each.server, each.connections) == (OURS, connections)}
    its = [each for each in samples if (each.server, each.connections) == (server, connections)]
    ratios = [ours[each.number].rate / each.rate for each in its] if ours else [0.0]
    spared = [each.cpu / ours[each.number].cpu for each in its] if ours else [0.0]
    return Figures(
        server=server,
        connections=connections,
        rate=statistics.median(each.rate for each in its),
        ratio=statistics.median(ratios),
        ratios=(min(ratios), max(ratios)),
        spared=statistics.median(spared),
        p50=statistics.median(each.round.p50 for each in its),
        p99=statistics.median(each.round.p99 for each in its),
        cpu=statistics.median(each.cpu for each in its),
        memory=max(each.memory for each in its),
        errors=sum(each.round.errors for each in its),
    )


def report(samples: Sequence[Sample], folder: Path) -> None:
    """Print a table and what of the goals is reached, and write what they were made of."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rates.json").write_bytes(msgspec.json.format(msgspec.json.encode(list(samples))))
    every: list[Figures] = []
    for connections in dict.fromkeys(each.connections for each in samples):
        print(f"greeting, {connections} connections; load by {generator.name()}")
        print(f"  {'server':20}{'requests/s':>11}{'ours is':>9}{'least..most':>15}{'by CPU':>9}", end="")
        print(f"{'p50 ms':>9}{'p99 ms':>9}{'us/request':>12}{'MiB':>6}")
        for server in dict.fromkeys(each.server for each in samples):
            found = figures(samples, server, connections)
            every.append(found)
            span = f"{found.ratios[0]:.2f}..{found.ratios[1]:.2f}"
            print(f"  {server:20}{found.rate:11.0f}{found.ratio:8.2f}x{span:>15}{found.spared:8.2f}x", end="")
            print(f"{found.p50:9.2f}{found.p99:9.2f}{found.cpu:12.1f}{found.memory:6.0f}", end="")
            print(f"  {found.errors} errors" if found.errors else "")
    for server, reason in absent().items():
        print(f"  {server}: not measured, {reason}")
    busy = max(samples, key=lambda each: each.round.busy)
    if busy.round.busy > SATURATED:
        print(f"the load used {busy.round.busy:.0%} of its core beside {busy.server}: the highest rates are its own")
    for line in told({(each.server, each.connections): each for each in every}):
        print(line)
    (folder / "rates.svg").write_text(bars([(f"{each.server}, {each.connections}", each.rate) for each in every]))
    print(f"raw results and a plot: {folder}")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("servers", nargs="*", help=", ".join(names()))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", default="16,64,256")
    parser.add_argument("--to", type=Path, default=CHECKOUT / ".bench")
    chosen = parser.parse_args()
    connections = [int(count) for count in chosen.connections.split(",")]
    report(measure(chosen.servers or names(), connections, chosen.rounds, chosen.seconds), chosen.to)


if __name__ == "__main__":
    main()
