"""``python -m tests.bench.durable``: what durability costs, beside a bare journal and a bare HTTP client, in one run.

    cycles      durable WAIT -> callback cycles a second at 1, 16, 128 and 512 at once
    modes       what `general` costs over `low latency`
    waiting     executions that wait: time from start to ready, memory, and the time until all that are due have ended
    finished    executions that have ended: size on disk, and the time of `nuclide executions` with a filter

Rounds of what is compared are interleaved; figures are medians. ``--waiting`` and ``--finished`` say how many.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import msgspec
import trio

from runtime.bundle.read import read_bundle
from runtime.clock import SystemClock
from runtime.engine.ending import new_callback
from runtime.engine.start import Start, encode_start, start_documents
from runtime.flow.callbacks import CallbackRequest
from runtime.ids import execution_id
from runtime.model.journal import (
    Accept,
    Acknowledged,
    Append,
    ExecutionRow,
    Finish,
    Operation,
    Release,
    Status,
    Suspend,
)
from runtime.outbox.client import open_client
from runtime.plugins import installed_connectors
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import open_sqlite
from runtime.store.sqlite.opening import SqliteStore
from tests.bench.load import answered, measure, request_bytes
from tests.bench.servers import rss
from tests.e2e.daemon import Daemon, installed

ROUNDS = 3
SECONDS = 3.0  # of each round
AT_ONCE = (1, 16, 128, 512)
CHUNK = 500  # executions of one commit while a journal is filled
HOUR = 3_600.0
ACKNOWLEDGED = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"SUCCESS"'
TOKEN = b"5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11"

PROCESS = """\
name: {name}
start: {{ listen: flow, request profile: work, response profile: work, sync timeout: {timeout} }}
options: {{ mode: {mode} }}
steps:
  - set properties: {{ a: '1' }}
{wait}  - message: '{{"Text": "done"}}'
  - return documents
"""
FILES: Mapping[str, str] = {
    "bundle.yaml": "name: bench\nversion: 1.0\n",
    "profiles/work.json": '{"type": "object", "properties": {"Text": {"type": "string"}}}',
    "flow-services/bench.yaml": "external name: Bench\nactions: { Cycle: Cycle, General: General, Light: Light }\n",
    "processes/cycle.yaml": PROCESS.format(name="Cycle", timeout="1 ms", mode="general", wait="  - wait: 2 ms\n"),
    "processes/general.yaml": PROCESS.format(name="General", timeout="20 s", mode="general", wait=""),
    "processes/light.yaml": PROCESS.format(name="Light", timeout="20 s", mode="low latency", wait=""),
    "processes/run.yaml": "name: Run\nstart: no data\nsteps: [ message: done ]\n",
}


class Flow:
    """Takes callbacks as fast as it can, and lets whoever waits for one know."""

    def __init__(self) -> None:
        self.port = 0
        self._waiting: dict[bytes, trio.Event] = {}

    def expect(self, token: bytes) -> trio.Event:
        """Give what is set when the callback of a token has come."""
        return self._waiting.setdefault(token, trio.Event())

    async def serve(self, stream: trio.SocketStream) -> None:
        """Take the callbacks of one connection."""
        data = b""
        async with stream:
            while chunk := await stream.receive_some(65_536):
                data += chunk
                while (end := data.find(b"\r\n\r\n")) >= 0:
                    head = data[:end].lower()
                    at = head.index(b"content-length:") + 15
                    length = int(head[at:].split(b"\r\n", 1)[0])
                    if len(data) < end + 4 + length:
                        break
                    body, data = data[end + 4 : end + 4 + length], data[end + 4 + length :]
                    await stream.send_all(ACKNOWLEDGED)
                    token = body.partition(b'"token":"')[2][:36]
                    if token in self._waiting:
                        self._waiting.pop(token).set()


@asynccontextmanager
async def flow_up() -> AsyncGenerator[Flow]:
    """Let Flow listen while the block runs."""
    async with trio.open_nursery() as nursery:
        flow = Flow()
        (listener,) = await nursery.start(partial(trio.serve_tcp, flow.serve, 0, host="127.0.0.1"))
        flow.port = listener.socket.getsockname()[1]
        yield flow
        nursery.cancel_scope.cancel()


async def rate(work: Callable[[], Awaitable[None]], at_once: int, seconds: float) -> float:
    """Do something over and over, so many at once; gives how often a second."""
    done, until = 0, time.perf_counter() + seconds

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await work()
            done += 1

    began = time.perf_counter()
    async with trio.open_nursery() as nursery:
        for _ in range(at_once):
            nursery.start_soon(one)
    return done / (time.perf_counter() - began)


# --- cycles and modes ---------------------------------------------------------------------------------------------


async def cycles(folder: Path, seconds: float) -> None:
    """Measure cycles beside their parts, and the modes beside each other."""
    async with flow_up() as flow, daemon_of(folder / "daemon", flow) as daemon, open_client(64) as send:
        await daemon.start()
        cipher = open_cipher(folder / "journal", {})
        async with open_sqlite(
            folder / "journal", cipher=cipher, clock=SystemClock(), group=512, queue=100_000
        ) as store:
            address = f"http://127.0.0.1:{flow.port}/api"
            request = CallbackRequest(url=address, headers=(), body=b'{"token":"none"}')

            async def post() -> None:
                await send(request)

            parts: dict[str, Callable[[], Awaitable[None]]] = {
                "cycle": partial(cycle, daemon.port, flow),
                "journal": partial(journal_cycle, store, request),
                "client": post,
            }
            for at_once in AT_ONCE:
                found: dict[str, list[float]] = {name: [] for name in parts}
                for _ in range(ROUNDS):
                    for name, work in parts.items():
                        found[name].append(await rate(work, at_once, seconds))
                told = {name: statistics.median(rates) for name, rates in found.items()}
                print(
                    f"{at_once} at once: {told['cycle']:.0f} durable WAIT -> callback cycles/s;"
                    f" bare journal x{told['cycle'] / told['journal']:.2f} ({told['journal']:.0f}/s),"
                    f" bare HTTP client x{told['cycle'] / told['client']:.2f} ({told['client']:.0f}/s)"
                )
        await modes(daemon.port, flow, seconds)
        await daemon.stop()


async def cycle(port: int, flow: Flow) -> None:
    """Call, be told WAIT, and wait for the callback."""
    token = str(uuid4()).encode()
    came = flow.expect(token)
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(call_of("Cycle", flow.port).replace(TOKEN, token))
        if not await answered(stream):
            raise ConnectionError("a call was refused")
    await came.wait()


async def journal_cycle(store: SqliteStore, request: CallbackRequest) -> None:
    """Commit what one cycle commits, and nothing else."""
    now = time.time()
    row = row_of("d", now, token=uuid4().hex)
    await store.journal.commit([Accept(row, b"s" * 600)])
    await store.journal.commit([Append(row.id, 1, (b"r" * 200, b"r" * 60))])
    await store.journal.commit([Release(row.id)])
    callback = new_callback(request, row.id, 1, now, HOUR)
    finish = Finish(execution=row.id, epoch=1, status=Status.COMPLETE, finished_at=now, answer=b"a" * 300)
    await store.journal.commit([callback, finish])
    await store.journal.commit([Acknowledged(1)])


async def modes(port: int, flow: Flow, seconds: float) -> None:
    """Compare a process that is durable from its start with one that keeps nothing before its answer."""
    rates: dict[str, list[float]] = {"Light": [], "General": []}
    for _ in range(ROUNDS):
        for name, found in rates.items():
            request = call_of(name, flow.port)
            load = await measure(port, request, connections=16, seconds=seconds, token=TOKEN)
            found.append(load.rate)
    light, general = (statistics.median(rates[name]) for name in ("Light", "General"))
    print(f"modes, 16 connections: low latency {light:.0f}/s, general {general:.0f}/s: x{general / light:.2f}")


def call_of(action: str, flow_port: int) -> bytes:
    """Give a call of an action as bytes, with `TOKEN` in it."""
    body = {
        "token": TOKEN.decode(),
        "tenantId": "0c7b7f1e-5b7b-4b7e-8a39-3a6b1f1f7d10",
        "callbackUri": f"http://127.0.0.1:{flow_port}/api/run/1/response",
        "configurationValues": [],
        "inputs": [{"developerName": "Text", "contentValue": "x" * 100, "contentType": "ContentString"}],
    }
    return request_bytes(f"/fs/Bench/actions/{action}", msgspec.json.encode(body))


# --- many ---------------------------------------------------------------------------------------------------------


async def waiting(folder: Path, count: int) -> None:
    """Start with many that wait for an hour; then with as many that are due."""
    for what, due in (("that wait", HOUR), ("that are due", -1.0)):
        home = folder / what.replace(" ", "-")
        async with flow_up() as flow, daemon_of(home, flow) as daemon:
            digest = digest_of(home / "bundles" / "bench")
            start = encode_start(Start(start_documents([b'{"Text":"' + b"x" * 200 + b'"}'])))

            def operations(now: float, due: float = due, digest: str = digest, start: bytes = start) -> list[Operation]:
                row = row_of(digest, now, process="Run")
                return [Accept(row, start), Suspend(row.id, 1, now + due, now)]

            await fill(daemon.state, count, operations)
            began = time.perf_counter()
            await daemon.start()
            ready = time.perf_counter() - began
            if due < 0:
                while await daemon.gauge("nuclide_executions", "complete") < count:  # noqa: ASYNC110 - another process
                    await trio.sleep(0.5)
            seconds = time.perf_counter() - began
            ended = f", all ended after {seconds:.1f} s ({count / seconds:.0f}/s)" if due < 0 else ""
            print(f"{count} executions {what}: ready after {ready:.2f} s, {rss(daemon.pid):.0f} MiB{ended}")
            await daemon.stop()


async def finished(folder: Path, count: int) -> None:
    """Fill the history, and search it."""
    home = folder / "finished"
    async with flow_up() as flow, daemon_of(home, flow) as daemon:
        numbers = iter(range(count))
        start = encode_start(Start(start_documents([b'{"Text":"' + b"x" * 200 + b'"}'])))

        def operations(now: float) -> list[Operation]:
            number = next(numbers)
            row = row_of("d", now, process=f"Process {number % 50}")
            status, message = (Status.ERROR, "No route to host") if number % 1_000 == 0 else (Status.COMPLETE, None)
            tracked = (("order", str(number)),)
            finish = Finish(
                execution=row.id, epoch=1, status=status, finished_at=now, message=message, keep=start, tracked=tracked
            )
            return [Accept(row, start), finish]

        await fill(daemon.state, count, operations)
        size = (daemon.state / "journal.db").stat().st_size
        print(
            f"{count} finished executions, kept for replay: {size / 2**20:.0f} MiB on disk, {size / count:.0f} B each"
        )
        await daemon.start()
        for options in (
            ["--limit", "20"],
            ["--process", "Process 7"],
            ["--status", "error"],
            ["--text", "no route"],
            ["--text", "nowhere"],
            ["--tracked", f"order={count // 2}"],
        ):
            print(
                f"  nuclide executions {' '.join(options)}: {await asked(daemon, options):.0f} ms more than `version`"
            )
        await daemon.stop()


async def asked(daemon: Daemon, options: list[str]) -> float:
    """Give how many milliseconds longer the command takes than one that asks nothing; the median of some tries."""
    command = [sys.executable, "-c", "from runtime.cli.main import main; main()"]
    asking = [*command, "executions", "--json", "--socket", str(daemon.state / "admin.sock"), *options]
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(5):
        for asks in (True, False):
            began = time.perf_counter()
            await trio.run_process(asking if asks else [*command, "version"], capture_stdout=True)
            times[asks].append(time.perf_counter() - began)
    return (statistics.median(times[True]) - statistics.median(times[False])) * 1_000


async def fill(state: Path, count: int, operations: Callable[[float], list[Operation]]) -> None:
    """Write so many executions into the journal of a state folder."""
    cipher = open_cipher(state, {})  # makes the folder
    async with open_sqlite(state, cipher=cipher, clock=SystemClock(), group=10_000, queue=1_000_000) as store:
        for first in range(0, count, CHUNK):
            many = range(min(CHUNK, count - first))
            await store.journal.commit([each for _ in many for each in operations(time.time())])


def row_of(digest: str, now: float, *, process: str = "Cycle", token: str | None = None) -> ExecutionRow:
    """Give an execution that has begun."""
    return ExecutionRow(
        id=execution_id(now), bundle="bench", version="1.0", digest=digest, process=process, mode="general",
        status=Status.RUNNING, started_at=now, owner="bench", epoch=1, lease_until=now + HOUR, token=token,
    )  # fmt: skip


def digest_of(bundle: Path) -> str:
    """Give the digest of a bundle."""
    return read_bundle(bundle, installed_connectors()).digest


@asynccontextmanager
async def daemon_of(home: Path, flow: Flow) -> AsyncGenerator[Daemon]:
    """Give an installation with the bundle of this bench, not yet started."""
    bundles = home / "bundles"
    for name, text in FILES.items():
        file = bundles / "bench" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    settings: dict[str, Mapping[str, object]] = {
        "log": {"level": "error"},
        "bundles": {"folder": str(bundles)},
        "executions": {"at_once": 1_000, "queued": 10_000},
        "callbacks": {"allow": [f"127.0.0.1:{flow.port}"], "per_host": 64, "at_once": 64},
    }
    async with installed(home, settings) as daemon:
        yield daemon


def main() -> None:
    """Run the parts and print their figures."""
    parser = argparse.ArgumentParser(description="What durability costs.")
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--finished", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round")
    parser.add_argument("--only", choices=["cycles", "waiting", "finished"])
    arguments = parser.parse_args()
    parts: dict[str, Callable[[Path], Awaitable[None]]] = {
        "cycles": partial(cycles, seconds=arguments.seconds),
        "waiting": partial(waiting, count=arguments.waiting),
        "finished": partial(finished, count=arguments.finished),
    }
    print(subprocess.run(["uname", "-sr"], capture_output=True, text=True, check=True).stdout.strip())
    for name, part in parts.items():
        if arguments.only in {None, name}:
            with tempfile.TemporaryDirectory(prefix="nuclide-bench-") as folder:
                trio.run(part, Path(folder))


if __name__ == "__main__":
    main()
