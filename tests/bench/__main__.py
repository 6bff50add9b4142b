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
from uuid import uuid4

import msgspec
import trio

from tests.bench.baselines import PATH
from tests.bench.engine import measure as measure_engine
from tests.bench.load import Load, answered, measure, request_bytes

ROUNDS = 5
WAITING = 1_000  # executions
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
        _waiting(Path(folder))


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


def _waiting(folder: Path) -> None:
    """Hand a thousand slow calls over, and see what they cost while they wait as rows."""
    home = folder / "waiting"
    home.mkdir()
    with _nuclide(home, CHECKOUT / "tests" / "flow" / "bundles") as (port, process):
        trio.run(_hand_over, port, WAITING)  # so that what calls need for a moment is there
        time.sleep(3)
        before = _rss(process.pid)
        trio.run(_hand_over, port, WAITING)
        time.sleep(3)  # the last of them leave memory
        after = _rss(process.pid)
        print(f"waiting: {WAITING} executions that wait cost {(after - before) * 1024 / WAITING:.1f} KiB each")


async def _hand_over(port: int, calls: int) -> None:
    inputs = [{"developerName": "Seconds", "contentValue": "3600", "contentType": "ContentNumber"}]
    configuration = [{"developerName": "region", "contentValue": "EU"}]
    body = msgspec.json.decode(BODY) | {"inputs": inputs, "configurationValues": configuration}
    parts = request_bytes("/fs/Conformance/actions/Slow", msgspec.json.encode(body)).split(TOKEN)
    limit = trio.CapacityLimiter(200)
    async with trio.open_nursery() as nursery:
        for _ in range(calls):
            nursery.start_soon(_call, port, parts, limit)


async def _call(port: int, parts: list[bytes], limit: trio.CapacityLimiter) -> None:
    async with limit, await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(str(uuid4()).encode().join(parts))
        if not await answered(stream):
            raise ConnectionError("a slow call was refused")


@contextmanager
def _nuclide(folder: Path, bundles: Path = CHECKOUT / "processes") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    config = folder / "nuclide.toml"
    config.write_text(
        f'[server]\nport = {port}\n[state]\nfolder = "{folder / "state"}"\n'
        f'[bundles]\nfolder = "{bundles}"\n[log]\nlevel = "warning"\n'
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
