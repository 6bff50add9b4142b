"""``python -m tests.bench``: what Nuclide costs, as ratios against baselines measured in the same run.

Rounds of all servers are interleaved, so that a busy machine slows them alike; figures are medians of the rounds.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import trio

from tests.bench.baselines import PATH
from tests.bench.engine import measure as measure_engine
from tests.bench.load import Load, measure, request_bytes

ROUNDS = 5
SECONDS = 2.0  # of load in each round
CHECKOUT = Path(__file__).parents[2]
BODY = msgspec.json.encode(
    {
        "token": "5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11",
        "tenantId": "0c7b7f1e-5b7b-4b7e-8a39-3a6b1f1f7d10",
        "stateId": "b1f0a8d2-7c0b-49a7-9d0c-21f1f3b9c001",
        "callbackUri": "https://flow.manywho.com/api/run/1/response",
        "configurationValues": [],
        "inputs": [{"developerName": "Name", "contentValue": "Ada", "contentType": "ContentString"}],
        "outcomes": [],
    }
)
TOKEN = b"5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11"


def main() -> None:
    """Run every part and print its ratios."""
    engine, by_hand = measure_engine()
    print(f"engine: five steps on one document {engine:.1f} us, by hand {by_hand:.2f} us: x{engine / by_hand:.0f}")
    with tempfile.TemporaryDirectory() as folder:
        print(f"start to ready: {_start_time(Path(folder)):.2f} s (a bare 'import trio': {_import_time():.2f} s)")
        _rates(Path(folder))


def _rates(folder: Path) -> None:
    with _nuclide(folder) as (daemon, process), _baseline("asgi") as bare, _baseline("quart") as quart:
        print(f"memory: {_rss(process.pid):.0f} MiB idle")
        for connections in (16, 64):
            rounds: dict[str, list[Load]] = {"nuclide": [], "bare": [], "quart": []}
            for _ in range(ROUNDS):
                for name, port in (("nuclide", daemon), ("bare", bare), ("quart", quart)):
                    rounds[name].append(trio.run(_round, name, port, connections))
            rate = {name: statistics.median(load.rate for load in loads) for name, loads in rounds.items()}
            p99 = {name: statistics.median(load.p99 for load in loads) for name, loads in rounds.items()}
            errors = sum(load.errors for loads in rounds.values() for load in loads)
            print(
                f"greeting, {connections} connections: {rate['nuclide']:.0f}/s; bare ASGI by hand x"
                f"{rate['nuclide'] / rate['bare']:.2f} ({rate['bare']:.0f}/s); quart-trio by hand x"
                f"{rate['nuclide'] / rate['quart']:.2f} ({rate['quart']:.0f}/s); p99 {p99['nuclide']:.1f} ms"
                f" (bare {p99['bare']:.1f}, quart {p99['quart']:.1f}); errors {errors}"
            )
        print(f"memory: {_rss(process.pid):.0f} MiB after the load")


async def _round(name: str, port: int, connections: int) -> Load:
    # A token is one call: the daemon would answer a repeated one from memory, so each request has its own.
    return await measure(port, request_bytes(PATH, BODY), connections=connections, seconds=SECONDS, token=TOKEN)


@contextmanager
def _nuclide(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    config = folder / "nuclide.toml"
    config.write_text(
        f'[server]\nport = {port}\n[state]\nfolder = "{folder / "state"}"\n'
        f'[bundles]\nfolder = "{CHECKOUT / "processes"}"\n[log]\nlevel = "warning"\n'
    )
    command = [sys.executable, "-c", "from runtime.cli.main import main; main()", "run", "--config", str(config)]
    with _running(command, port) as process:
        yield port, process


@contextmanager
def _baseline(kind: str) -> Iterator[int]:
    port = free_port()
    with _running([sys.executable, "-m", "tests.bench.baselines", kind, str(port)], port):
        yield port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=CHECKOUT)
    try:
        wait_for_port(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when `port` takes connections.

    Raises:
        ConnectionError: the process ended, or half a minute passed.
    """
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise ConnectionError(f"nothing listens on port {port}")


def free_port() -> int:
    """Give a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _start_time(folder: Path) -> float:
    times: list[float] = []
    for attempt in range(5):
        begun = time.perf_counter()
        with _nuclide_started(folder / f"start{attempt}"):
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


@contextmanager
def _nuclide_started(folder: Path) -> Iterator[None]:
    folder.mkdir()
    with _nuclide(folder):
        yield


def _import_time() -> float:
    times: list[float] = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import trio"], check=True, cwd=CHECKOUT)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _rss(pid: int) -> float:
    """Give the memory of a process, in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
