"""The greeting on every server, interleaved: rates as ratios, times, processor time and memory.

``python -m tests.bench.rates [--rounds N] [--seconds S] [--connections 16,64,256] [--to FOLDER] [SERVER …]`` writes
``rates.json`` and ``rates.svg`` into the folder, and prints a table. Rounds of all servers alternate, so that a busy
machine slows them alike, and ratios are taken within a round: the median of these is what to trust.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.bench.generator import Round
from tests.bench.plot import bars
from tests.bench.servers import CHECKOUT, DURABLE, OURS, Server, generator, names, running

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
    """Medians over the rounds of one server; `ratio` is our rate by its own."""

    server: str
    connections: int
    rate: float
    ratio: float
    p50: float
    p99: float
    cpu: float
    memory: float
    errors: int


def measure(servers: Sequence[str], connections: Sequence[int], rounds: int, seconds: float) -> list[Sample]:
    """Run every server under load, in turn."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        up = [stack.enter_context(running(name, Path(folder) / str(number))) for number, name in enumerate(servers)]
        for server in up:
            _round(server, 16, 1.0, durable=server.name == DURABLE)  # what is made or compiled at first is there
        for count in connections:
            for number in range(rounds):
                samples += [_sample(server, count, number, seconds) for server in up]
    return samples


def _sample(server: Server, connections: int, number: int, seconds: float) -> Sample:
    before = server.cpu()
    found = _round(server, connections, seconds, durable=server.name == DURABLE)
    return Sample(
        server=server.name,
        connections=connections,
        number=number,
        rate=found.requests / found.seconds,
        cpu=(server.cpu() - before) / max(1, found.requests) * 1e6,
        memory=server.memory(),
        round=found,
    )


def _round(server: Server, connections: int, seconds: float, *, durable: bool) -> Round:
    command = generator(server, connections, seconds, durable=durable)
    done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    return msgspec.json.decode(done.stdout, type=Round)


def figures(samples: Sequence[Sample], server: str, connections: int) -> Figures:
    """Give the medians of one server."""
    ours = {each.number: each.rate for each in samples if (each.server, each.connections) == (OURS, connections)}
    its = [each for each in samples if (each.server, each.connections) == (server, connections)]
    return Figures(
        server=server,
        connections=connections,
        rate=statistics.median(each.rate for each in its),
        ratio=statistics.median(ours[each.number] / each.rate for each in its),
        p50=statistics.median(each.round.p50 for each in its),
        p99=statistics.median(each.round.p99 for each in its),
        cpu=statistics.median(each.cpu for each in its),
        memory=max(each.memory for each in its),
        errors=sum(each.round.errors for each in its),
    )


def report(samples: Sequence[Sample], folder: Path) -> None:
    """Print a table, and write what it was made of."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rates.json").write_bytes(msgspec.json.format(msgspec.json.encode(list(samples))))
    every: list[Figures] = []
    for connections in dict.fromkeys(each.connections for each in samples):
        print(f"greeting, {connections} connections")
        print(f"  {'server':22}{'requests/s':>11}{'ours is':>9}{'p50 ms':>9}{'p99 ms':>9}{'us/request':>12}{'MiB':>6}")
        for server in dict.fromkeys(each.server for each in samples):
            found = figures(samples, server, connections)
            every.append(found)
            print(
                f"  {server:22}{found.rate:11.0f}{found.ratio:8.2f}x{found.p50:9.2f}{found.p99:9.2f}{found.cpu:12.1f}"
                f"{found.memory:6.0f}" + (f"  {found.errors} errors" if found.errors else "")
            )
    busy = max(each.round.busy for each in samples)
    if busy > SATURATED:
        print(f"the load generator used {busy:.0%} of its core: the highest rates are its own")
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
