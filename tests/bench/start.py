"""From the start of a process to its first answer, and its memory at rest, beside the other servers.

``python -m tests.bench.start [--rounds N] [--to FOLDER] [SERVER …]`` writes ``start.json``. Starts alternate; ratios
are to uvicorn's, the barest of them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.bench.greeting import AUTHORIZATION, BODY, ask, make_sure
from tests.bench.pinning import CHECKOUT, SERVER_CORE, pinned
from tests.bench.servers import OURS, command, environment, names, pss
from tests.ports import free_port

BAREST = "uvicorn"
ROUNDS = 5
PAUSE = 0.002  # seconds between two looks whether it answers
PATIENCE = 60  # seconds
AT_REST = 3.0  # seconds after the first answer, when what the start needed is given back


class Started(Struct, frozen=True, kw_only=True):
    """One start: seconds to the first answer, seconds of processor time until then, MiB at rest."""

    server: str
    number: int
    seconds: float
    cpu: float
    memory: float


def measure(servers: Sequence[str], rounds: int) -> list[Started]:
    """Start every server, in turn."""
    with tempfile.TemporaryDirectory(prefix="nuclide-bench-") as folder:
        return [
            _start(server, number, Path(folder) / f"{place}")  # the same folder each time: a start is no installation
            for number in range(rounds)
            for place, server in enumerate(servers)
        ]


def _start(server: str, number: int, folder: Path) -> Started:
    port = free_port()
    folder.mkdir(exist_ok=True)
    arguments = [*pinned(SERVER_CORE), *command(server, port, folder)]
    begun = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=CHECKOUT, env=environment(), stdout=subprocess.DEVNULL)
    try:
        _wait_for_answer(port, server, begun + PATIENCE)
        seconds = time.perf_counter() - begun
        cpu = _cpu(process.pid)
        make_sure(port, server)
        time.sleep(AT_REST)
        return Started(server=server, number=number, seconds=seconds, cpu=cpu, memory=pss(process.pid))
    finally:
        process.terminate()
        process.wait()


def _wait_for_answer(port: int, server: str, until: float) -> None:
    while True:
        try:
            status, answer = ask(port, BODY, AUTHORIZATION)
        except OSError:
            if time.perf_counter() > until:
                raise
            time.sleep(PAUSE)
        else:
            if status == 200:
                return
            raise ValueError(f"{server} answers its first call with {status}: {answer.decode()}")


def _cpu(pid: int) -> float:
    """Give the seconds of processor time of a process with all its threads, also those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100  # ticks of utime and stime


def report(starts: Sequence[Started], folder: Path) -> None:
    """Print a table, and write what it was made of."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "start.json").write_bytes(msgspec.json.format(msgspec.json.encode(list(starts))))
    barest = {each.number: each.seconds for each in starts if each.server == BAREST}
    print(f"start to the first answer\n  {'server':20}{'seconds':>9}{'by uvicorn':>12}{'cpu s':>8}{'MiB at rest':>13}")
    for server in dict.fromkeys(each.server for each in starts):
        its = [each for each in starts if each.server == server]
        seconds, cpu, memory = (
            statistics.median(getattr(each, name) for each in its) for name in ("seconds", "cpu", "memory")
        )
        ratio = statistics.median(each.seconds / barest[each.number] for each in its) if barest else 0.0
        print(f"  {server:20}{seconds:9.2f}{ratio:11.1f}x{cpu:8.2f}{memory:13.1f}")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("servers", nargs="*", help=", ".join(names()))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--to", type=Path, default=CHECKOUT / ".bench")
    chosen = parser.parse_args()
    report(measure(chosen.servers or startable(), chosen.rounds), chosen.to)


def startable() -> list[str]:
    """Give the servers whose starts are compared."""
    return [name for name in names() if name in {OURS, BAREST, "quart by hand", "fastify", "node-red"}]


if __name__ == "__main__":
    main()
