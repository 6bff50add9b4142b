"""One HTTP client that sends callbacks: ``python -m tests.bench.posting CLIENT OUTSTANDING PORT SECONDS`` prints JSON.

So many tasks wait for an answer at once, over at most ten connections. Where a client stands *behind admission*, ten
tasks at most are let to it, as its pool looks at every request that waits in it.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import trio
from msgspec import Struct

from runtime.clock import SystemClock
from runtime.flow.callbacks import CallbackRequest
from runtime.observe.log import configure
from runtime.outbox.client import open_client
from runtime.outbox.sending import open_outbox
from runtime.settings import Callbacks
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import open_sqlite
from tests.outbox.examples import accept

CONNECTIONS = 10
LEAST = 2_000  # callbacks of a round
WARM = 20  # callbacks before the clock starts
BODY = msgspec.json.encode({"token": "5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11", "outputs": "x" * 750})
HEADERS = (("Content-Type", "application/json"), ("ManyWhoTenant", "t" * 36), ("Authorization", "a" * 400))

Post = Callable[[], Awaitable[None]]


class Posted(Struct, frozen=True, kw_only=True):
    """What a round brought: callbacks a second, microseconds of processor time for each, and how many were sent."""

    rate: float
    cpu: float
    done: int


@asynccontextmanager
async def ours(url: str) -> AsyncGenerator[Post]:
    """Give what sends a callback as the daemon does."""
    request = CallbackRequest(url=url, headers=HEADERS, body=BODY)
    async with open_client(CONNECTIONS, CONNECTIONS) as send:

        async def post() -> None:
            if (await send(request)).body != b'"SUCCESS"':
                raise ValueError(request.url)

        yield post


@asynccontextmanager
async def httpx_like(module: str, url: str) -> AsyncGenerator[Post]:
    """Give what sends a callback by a client that is called as httpx is."""
    httpx: Any = importlib.import_module(module)
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, timeout=None, trust_env=False) as client:

        async def post() -> None:
            if (await client.post(url, headers=HEADERS, content=BODY)).content != b'"SUCCESS"':
                raise ValueError(url)

        yield post


@asynccontextmanager
async def httpcore_like(module: str, url: str) -> AsyncGenerator[Post]:
    """Give what sends a callback by a pool that is called as httpcore's is."""
    httpcore: Any = importlib.import_module(module)
    headers = [("Host", "127.0.0.1"), ("Content-Length", str(len(BODY))), *HEADERS]
    limits = {"max_connections": CONNECTIONS, "max_keepalive_connections": CONNECTIONS}
    async with httpcore.AsyncConnectionPool(**limits) as pool:

        async def post() -> None:
            if (await pool.request("POST", url, headers=headers, content=BODY)).content != b'"SUCCESS"':
                raise ValueError(url)

        yield post


@asynccontextmanager
async def opened(client: str, url: str) -> AsyncGenerator[Post]:
    """Give what sends a callback."""
    module, _, behind = client.partition(" ")
    if module == "ours":
        async with ours(url) as post:
            yield post
        return
    like = httpcore_like if module.startswith("httpcore") else httpx_like
    async with like(module, url) as send:
        limiter = trio.CapacityLimiter(CONNECTIONS if behind else 1_000_000)

        async def post() -> None:
            async with limiter:
                await send()

        yield post


async def client_round(client: str, outstanding: int, port: int, seconds: float) -> Posted:
    """Let so many tasks send callbacks, one after the other, for so long at most."""
    left, done = max(LEAST, outstanding), 0
    async with opened(client, f"http://127.0.0.1:{port}/api/run/1/response") as post:
        for _ in range(WARM):
            await post()

        async def work() -> None:
            nonlocal left, done
            while left > 0:
                left -= 1
                await post()
                done += 1

        began, used = time.perf_counter(), time.process_time()

        def give_up() -> None:
            print(msgspec.json.encode(_posted(done, began, used)).decode(), flush=True)
            os._exit(0)

        # A thread, as some clients keep the loop for minutes with what waits in them, and as long again to give it up.
        timer = threading.Timer(seconds, give_up)
        timer.start()
        async with trio.open_nursery() as nursery:
            for _ in range(outstanding):
                nursery.start_soon(work)
        timer.cancel()
        return _posted(done, began, used)


async def outbox_round(due: int, port: int, seconds: float) -> Posted:
    """Deliver so many callbacks out of a journal, everything on: sealed, logged, each acknowledgement durable."""
    host, clock = f"127.0.0.1:{port}", SystemClock()
    settings = Callbacks(allow=(host,), per_host=CONNECTIONS)
    with TemporaryDirectory(prefix="nuclide-bench-") as name:
        folder = Path(name)
        cipher = open_cipher(folder, {})
        async with open_sqlite(folder, cipher=cipher, clock=clock, group=10_000, queue=1_000_000) as store:
            many = [each for n in range(due) for each in accept(f"ex-{n}", BODY, host=host, scheme="http")]
            await store.journal.commit(many)
            began, used = time.perf_counter(), time.process_time()
            async with (
                open_client(settings.at_once, settings.per_host) as send,
                open_outbox(store.journal, send, settings, clock) as outbox,
            ):
                while outbox.statistics().accepted < due and time.perf_counter() < began + seconds:  # noqa: ASYNC110
                    await trio.sleep(0.005)
                return _posted(outbox.statistics().accepted, began, used)


def _posted(done: int, began: float, used: float) -> Posted:
    spent = time.perf_counter() - began
    return Posted(rate=done / spent, cpu=(time.process_time() - used) / max(1, done) * 1e6, done=done)


def main() -> None:
    """Run one round and print it."""
    client, outstanding, port, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    configure("info", "json", stream=sys.stderr)
    if client == "outbox":
        posted = trio.run(outbox_round, outstanding, port, seconds)
    else:
        posted = trio.run(client_round, client, outstanding, port, seconds)
    print(msgspec.json.encode(posted).decode())


if __name__ == "__main__":
    main()
