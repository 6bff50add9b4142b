"""Restarts under load: ``python -m tests.chaos.restarts --restarts 100 --connections 64 --seed 1``.

A small holder of the listening socket, as systemd is, stops the daemon and starts it again, while callers on kept
connections call what is answered at once and what is told to wait. Nobody may be refused, no result may be lost, and no
request may fail, but for one on an idle connection that is closed before a byte of an answer: that one is made again.

Prints ``restarts, requests, forwarded, waited, repeated, refused, failed, lost`` and exits with 1 unless the last three
are 0.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import trio
from msgspec import Struct

from tests.chaos.telling import progress
from tests.e2e.daemon import Daemon
from tests.e2e.flow import Flow, token_of
from tests.flow.daemon import COMMAND, ROOT, Settings
from tests.flow.replay import Message

BASE = "/fs/Trial"
SLOW = 0.05  # of the calls take longer than their Sync Timeout
SLOW_SECONDS = 1.2  # how long those take; their Sync Timeout is one second
BETWEEN = (0.2, 0.6)  # seconds between two restarts
PAUSE = 0.01  # seconds between two requests of a connection: the daemon has to have time to restart
ANSWER_WITHIN = 30.0  # seconds: a request that waits in the kernel's queue while the daemon restarts, and its answer
PATIENCE = 60.0  # seconds for the last callbacks
MOST_TOLD = 20  # failures that are printed
TOLD_EVERY = 10  # restarts between two lines of progress

# Becomes the daemon with the socket as its third descriptor, under its own number, as `sd_listen_fds` wants it.
_BECOME = (
    "import os, sys; fd = int(sys.argv[1]); os.dup2(fd, 3); "
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
    "os.execv(sys.executable, [sys.executable, '-c', sys.argv[2], *sys.argv[3:]])"
)


class Result(Struct, frozen=True, kw_only=True):
    """What a run has come to. `wrong` says what failed."""

    restarts: int
    requests: int
    forwarded: int
    waited: int
    repeated: int
    refused: int
    failed: int
    lost: int
    wrong: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nobody noticed."""
        return not (self.refused or self.failed or self.lost)

    def __str__(self) -> str:
        """Give one line."""
        names = ("restarts", "requests", "forwarded", "waited", "repeated", "refused", "failed", "lost")
        return ", ".join(f"{name} {getattr(self, name)}" for name in names)


class Holder(Daemon):
    """A daemon whose listening socket is held by this process, and handed to each of its lives."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        super().__init__(folder, settings, {})
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._socket.getsockname()[1]

    async def close(self) -> None:
        """Leave no process behind, and no socket."""
        await super().close()
        self._socket.close()

    async def _open(self, *options: str) -> trio.Process:
        self._write_config()
        descriptor = self._socket.fileno()
        become = [
            sys.executable,
            "-c",
            _BECOME,
            str(descriptor),
            COMMAND,
            "run",
            "--config",
            str(self._config),
            *options,
        ]
        with self.log.open("ab") as output:
            return await trio.lowlevel.open_process(
                become, cwd=ROOT, env=dict(os.environ), stdout=output, stderr=subprocess.STDOUT, pass_fds=(descriptor,)
            )


class ClosedError(Exception):
    """Raised when a kept connection was closed before a byte of the answer came."""


class Load:
    """Callers on kept connections, and what they were told."""

    def __init__(self, port: int, flow: Flow, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.waiting: list[str] = []
        self.over = False
        self._port = port
        self._flow = flow
        self._seed = seed

    async def call(self, number: int) -> None:
        """Call until it is over."""
        dice = random.Random(f"{self._seed} {number}")
        connection: _Kept | None = None
        while not self.over:
            if connection is None:
                connection = await self._connect()
            if connection is not None:
                connection = await self._one(connection, dice)
            await trio.sleep(PAUSE)
        if connection is not None:
            await connection.close()

    async def _connect(self) -> _Kept | None:
        try:
            return _Kept(await trio.open_tcp_stream("127.0.0.1", self._port))
        except OSError as error:
            self._note("refused", repr(error))
            return None

    async def _one(self, connection: _Kept, dice: random.Random) -> _Kept | None:
        slow = dice.random() < SLOW
        message = self._flow.request("Slow" if slow else "Quick", Seconds=SLOW_SECONDS if slow else 0, Text="x")
        self.counts["requests"] += 1
        try:
            with trio.fail_after(ANSWER_WITHIN):
                status, body, again = await connection.ask(message)
        except ClosedError:
            await connection.close()
            self.counts["repeated"] += 1
            return None
        except (OSError, trio.BrokenResourceError, trio.TooSlowError) as error:
            await connection.close()
            self._note("failed", repr(error))
            return None
        self._judge(message, status, body)
        if again:
            return connection
        await connection.close()
        return None

    def _judge(self, message: Message, status: int, body: bytes) -> None:
        if status != 200:
            self._note("failed", f"{status} {body[:200]!r}")
        elif msgspec.json.decode(body)["invokeType"] == "WAIT":
            self.counts["waited"] += 1
            self.waiting.append(token_of(message))
        else:
            self.counts["forwarded"] += 1

    def _note(self, kind: str, told: str) -> None:
        self.counts[kind] += 1
        self.wrong.append(f"{kind}: {told}")


class _Kept:
    """A connection that is kept for the next request."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._used = False

    async def ask(self, message: Message) -> tuple[int, bytes, bool]:
        """Send a request; give status, body and whether the connection may be used again."""
        head = [f"{message.method} {BASE}{message.path} HTTP/1.1", "host: x", f"content-length: {len(message.body)}"]
        lines = [*head, *(f"{name}: {value}" for name, value in message.headers.items()), "", ""]
        data = b""
        try:
            await self._stream.send_all("\r\n".join(lines).encode() + message.body)
            while b"\r\n\r\n" not in data:
                data += await self._more()
        except (OSError, trio.BrokenResourceError) as error:
            if self._used and not data:
                raise ClosedError from error
            raise
        self._used = True
        top, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", top)
        while len(body) < (int(length[1]) if length else 0):
            body += await self._more()
        return int(top.split(b" ", 2)[1]), body, re.search(rb"(?i)\r\nconnection: *close", top) is None

    async def close(self) -> None:
        """Leave."""
        await trio.aclose_forcefully(self._stream)

    async def _more(self) -> bytes:
        data = await self._stream.receive_some(65_536)
        if not data:
            raise trio.BrokenResourceError("the connection was closed")
        return bytes(data)


async def run(
    restarts: int,
    connections: int,
    seed: int,
    folder: Path,
    told: Callable[[str], None] = lambda _: None,
    *,
    workers: int = 1,
) -> Result:
    """Restart so many times under the load of so many connections; `told` how it goes."""
    dice, flow = random.Random(seed), Flow()
    settings: Settings = {"callbacks": flow.settings, "log": {"level": "warning"}, "server": {"workers": workers}}
    daemon = Holder(folder, settings)
    try:
        async with flow.up():
            await daemon.start()
            load = Load(daemon.port, flow, seed)
            async with trio.open_nursery() as nursery:
                for number in range(connections):
                    nursery.start_soon(load.call, number)
                for number in range(1, restarts + 1):
                    await trio.sleep(dice.uniform(*BETWEEN))
                    await daemon.stop()
                    await daemon.start()
                    if number % TOLD_EVERY == 0:
                        counted = load.counts
                        told(f"{number} restarts, {counted['requests']} requests, {len(load.wrong)} wrong")
                await trio.sleep(BETWEEN[1])
                load.over = True
            lost = await _lost(flow, load.waiting)
    finally:
        with trio.CancelScope(shield=True):
            await daemon.close()
    kinds = ("requests", "forwarded", "waited", "repeated", "refused", "failed")
    counts = {kind: load.counts[kind] for kind in kinds}
    return Result(restarts=restarts, lost=lost, wrong=tuple(load.wrong[:MOST_TOLD]), **counts)


async def _lost(flow: Flow, tokens: list[str]) -> int:
    with trio.move_on_after(PATIENCE):
        for token in tokens:
            await flow.wait_arrived(token, 1)
    return sum(not flow.arrived(token) for token in tokens)


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description="Restart the daemon under load.")
    parser.add_argument("--restarts", type=int, default=100)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nuclide-restarts-") as folder:
        made = partial(run, workers=arguments.workers)
        result = trio.run(made, arguments.restarts, arguments.connections, arguments.seed, Path(folder), progress)
    print(*result.wrong, sep="\n")
    print(f"{result} (seed {arguments.seed})")
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
