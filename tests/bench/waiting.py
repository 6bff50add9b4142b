"""Executions that wait: how many fit into a GiB of memory, and the longest pause that they cause.

``python -m tests.bench.waiting [--count N] [--rounds N] [--to FOLDER]`` starts two daemons, one with so many executions
in its journal that wait for hours, each with a document of 1.5 KB and the token of its caller, one with none. Both are
asked for a greeting every few milliseconds, in turn: what the slowest answers take longer is the pause.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import msgspec
import trio
from msgspec import Struct

from runtime.engine.start import Start, encode_start, start_documents
from runtime.model.journal import Accept, Operation, Suspend
from tests.bench.durable import HOUR, digest_of, fill, row_of
from tests.bench.greeting import AUTHORIZATION, BODY, PATH, TOKEN
from tests.bench.pinning import CHECKOUT
from tests.bench.servers import OURS, Server, running

COUNT = 100_000
DOCUMENT = 1_500  # bytes, as the goal has it
ROUNDS = 5
SECONDS = 3.0  # of asking in each round
EVERY = 0.002  # seconds from one greeting to the next
SETTLED = 3.0  # seconds after the start until what it needed is given back
GIB = 2**30


class Pause(Struct, frozen=True, kw_only=True):
    """How long greetings took in one round, in milliseconds."""

    waiting: int
    number: int
    p50: float
    p999: float
    longest: float


class Held(Struct, frozen=True, kw_only=True):
    """What was measured: memory of the daemons in MiB with nothing and with all that wait, and the pauses of both."""

    count: int
    memory_without: float
    memory_with: float
    pauses: tuple[Pause, ...]

    @property
    def each(self) -> float:
        """Give the bytes that one costs."""
        return max(1.0, (self.memory_with - self.memory_without) * 2**20 / self.count)


def measure(count: int, rounds: int) -> Held:
    """Fill a journal, and compare the daemon that takes it over with one that has nothing."""
    with tempfile.TemporaryDirectory(prefix="nuclide-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        digest = digest_of(CHECKOUT / "processes" / "greeting")
        start = encode_start(Start(start_documents([b'{"Text":"' + b"x" * DOCUMENT + b'"}'])))

        def operations(now: float) -> list[Operation]:
            row = row_of(digest, now, process="Greet", token=str(uuid4()))
            return [Accept(row, start), Suspend(row.id, 1, now + 24 * HOUR, now)]

        trio.run(partial(fill, folder / "with" / "state", count, operations))
        up = {
            waiting: stack.enter_context(running(OURS, folder / home))
            for waiting, home in ((0, "without"), (count, "with"))
        }
        for server in up.values():
            _asked(server, SECONDS)
        time.sleep(SETTLED)
        memory = {waiting: server.memory() for waiting, server in up.items()}
        pauses = [
            _pause(waiting, number, _asked(server, SECONDS))
            for number in range(rounds)
            for waiting, server in up.items()
        ]
    return Held(count=count, memory_without=memory[0], memory_with=memory[count], pauses=tuple(pauses))


def _asked(server: Server, seconds: float) -> list[float]:
    """Ask for greetings over one connection; give how long each took, in seconds."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    times: list[float] = []
    until = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        body = BODY.replace(TOKEN, str(uuid4()).encode())
        connection.request("POST", PATH, body, {"Content-Type": "application/json", "Authorization": AUTHORIZATION})
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise ConnectionError(f"a greeting was answered with {answer.status}")
        time.sleep(EVERY)
    connection.close()
    return times


def _pause(waiting: int, number: int, times: Sequence[float]) -> Pause:
    ordered = sorted(each * 1_000 for each in times)
    return Pause(
        waiting=waiting,
        number=number,
        p50=ordered[len(ordered) // 2],
        p999=ordered[int(len(ordered) * 0.999)],
        longest=ordered[-1],
    )


def report(held: Held, folder: Path) -> None:
    """Print what was found, and write what it was made of."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "waiting.json").write_bytes(msgspec.json.format(msgspec.json.encode(held)))
    print(
        f"{held.count:,} executions that wait: {held.memory_with:.0f} MiB, {held.memory_without:.0f} MiB without them:"
        f" {held.each:.0f} bytes each, {GIB / held.each:,.0f} in a GiB"
    )
    for waiting in (0, held.count):
        mine = [each for each in held.pauses if each.waiting == waiting]
        told = {name: statistics.median(getattr(each, name) for each in mine) for name in ("p50", "p999", "longest")}
        longest = max(each.longest for each in mine)
        print(
            f"  greetings beside {waiting:,}: p50 {told['p50']:.2f} ms, p99.9 {told['p999']:.1f} ms, longest of a round"
            f" {told['longest']:.1f} ms, of all {longest:.1f} ms"
        )


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--to", type=Path, default=CHECKOUT / ".bench")
    chosen = parser.parse_args()
    report(measure(chosen.count, chosen.rounds), chosen.to)


if __name__ == "__main__":
    main()
