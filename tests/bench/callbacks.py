"""Callbacks a second: the outbox's client beside others, with 1 to 10,000 that wait, and the outbox as a whole.

``python -m tests.bench.callbacks [--rounds N] [--outstanding 1,10,…] [--to FOLDER]`` prints a table, and writes
``callbacks.json`` and ``callbacks.svg``. Rounds of all clients alternate, and ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.bench.pinning import CHECKOUT, LOAD_CORE, SERVER_CORE, pinned
from tests.bench.plot import bars
from tests.bench.ports import wait_for_port
from tests.bench.posting import Posted
from tests.bench.servers import has_module
from tests.ports import free_port

OURS = "ours"
OUTBOX = "outbox"
OUTSTANDING = (1, 10, 100, 1_000, 10_000)
SECONDS = 5.0  # of a round at most: some clients would take minutes


class Sample(Struct, frozen=True, kw_only=True):
    """One round of one client."""

    client: str
    outstanding: int
    number: int
    posted: Posted


def clients() -> list[str]:
    """Give the clients that are here; ``outbox`` is the whole way out of a journal."""
    kept = [name for name in ("httpx2", "httpcore2", "httpx", "httpcore") if has_module(name)]
    return [OURS, OUTBOX, *(each for name in kept for each in (f"{name} behind-admission", name))]


def measure(chosen: Sequence[str], outstanding: Sequence[int], rounds: int) -> list[Sample]:
    """Let every client send, in turn."""
    with _sink() as port:
        return [
            Sample(client=client, outstanding=count, number=number, posted=_round(client, count, port))
            for count in outstanding
            for number in range(rounds)
            for client in chosen
            if client != OUTBOX or count >= max(outstanding)
        ]


def _round(client: str, outstanding: int, port: int) -> Posted:
    command = [sys.executable, "-m", "tests.bench.posting", client, str(outstanding), str(port), str(SECONDS)]
    done = subprocess.run(
        [*pinned(SERVER_CORE), *command], cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return msgspec.json.decode(done.stdout, type=Posted)


@contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    command = [*pinned(LOAD_CORE), sys.executable, "-m", "tests.bench.sink", str(port)]
    process = subprocess.Popen(command, cwd=CHECKOUT)
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


def report(samples: Sequence[Sample], folder: Path) -> None:
    """Print a table, and write what it was made of."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "callbacks.json").write_bytes(msgspec.json.format(msgspec.json.encode(list(samples))))
    every: list[tuple[str, float]] = []
    for outstanding in dict.fromkeys(each.outstanding for each in samples):
        ours = _rates(samples, OURS, outstanding)
        print(f"callbacks, {outstanding} at once")
        print(f"  {'client':26}{'callbacks/s':>12}{'ours is':>10}{'us/callback':>13}")
        for client in dict.fromkeys(each.client for each in samples if each.outstanding == outstanding):
            rates = _rates(samples, client, outstanding)
            ratio = statistics.median(ours[number] / rate for number, rate in rates.items()) if ours else 0.0
            cpu = statistics.median(
                each.posted.cpu for each in samples if (each.client, each.outstanding) == (client, outstanding)
            )
            rate = statistics.median(rates.values())
            print(f"  {client:26}{rate:12.0f}{ratio:9.1f}x{cpu:13.0f}")
            every.append((f"{client}, {outstanding}", rate))
    (folder / "callbacks.svg").write_text(bars(every))


def _rates(samples: Sequence[Sample], client: str, outstanding: int) -> dict[int, float]:
    return {
        each.number: max(each.posted.rate, 0.1)  # of a client that has sent nothing at all
        for each in samples
        if (each.client, each.outstanding) == (client, outstanding)
    }


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clients", nargs="*", help=", ".join(clients()))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--outstanding", default=",".join(map(str, OUTSTANDING)))
    parser.add_argument("--to", type=Path, default=CHECKOUT / ".bench")
    chosen = parser.parse_args()
    outstanding = [int(count) for count in chosen.outstanding.split(",")]
    report(measure(chosen.clients or clients(), outstanding, chosen.rounds), chosen.to)


if __name__ == "__main__":
    main()
