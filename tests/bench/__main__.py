"""``python -m tests.bench``: what Nuclide costs, as ratios against baselines measured in the same run.

Rounds of all servers are interleaved, so that a busy machine slows them alike; figures are medians of the rounds.
"""

from __future__ import annotations

import signal
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

from tests.bench import callbacks, engine, waiting
from tests.bench.generator import BODY, TOKEN
from tests.bench.load import answered, request_bytes
from tests.bench.ports import wait_for_port
from tests.bench.rates import measure, report
from tests.bench.servers import CHECKOUT, names, rss
from tests.ports import free_port

ROUNDS = 5
WAITING = 1_000  # executions
SECONDS = 2.0  # of load in each round
WAITING_ROUNDS = 3  # with a hundred thousand that wait
CALLBACK_ROUNDS = 2  # some clients take a while
RESULTS = CHECKOUT / ".bench"


def main() -> None:
    """Run every part and print its ratios."""
    engine.report(engine.measure(), RESULTS)
    with tempfile.TemporaryDirectory() as folder:
        print(f"start to ready: {_start_time(Path(folder)):.2f} s (a bare 'import trio': {_import_time():.2f} s)")
        _waiting(Path(folder))
    waiting.report(waiting.measure(waiting.COUNT, WAITING_ROUNDS), RESULTS)
    callbacks.report(callbacks.measure(callbacks.clients(), callbacks.OUTSTANDING, CALLBACK_ROUNDS), RESULTS)
    report(measure(names(), (16, 64, 256), ROUNDS, SECONDS), RESULTS)


def _waiting(folder: Path) -> None:
    """Hand a thousand slow calls over, and see what they cost while they wait as rows."""
    home = folder / "waiting"
    home.mkdir()
    with _nuclide(home, CHECKOUT / "tests" / "flow" / "bundles") as (port, process):
        trio.run(_hand_over, port, WAITING)  # so that what calls need for a moment is there
        time.sleep(3)
        before = rss(process.pid)
        trio.run(_hand_over, port, WAITING)
        time.sleep(3)  # the last of them leave memory
        after = rss(process.pid)
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


if __name__ == "__main__":
    main()
