"""Several workers as a test meets them: their processes, and the workers that a token does and does not belong to."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import trio

from runtime.host.crowd import Crowd
from tests.e2e.daemon import POLL, Daemon
from tests.flow.daemon import READY_WITHIN
from tests.flow.peers import NoAnswerError


def tokens_of(worker: int, workers: int) -> Iterator[str]:
    """Give tokens that belong to a worker, for ever."""
    crowd = Crowd(state=Path(), workers=workers)
    while True:
        token = str(uuid4())
        if crowd.owner_of(token) == worker:
            yield token


def logged(daemon: Daemon, event: str) -> list[dict[str, Any]]:
    """Give what has been logged under a name, the oldest first."""
    lines = (line for line in daemon.logged().splitlines() if f'"event":"{event}"' in line)
    return [msgspec.json.decode(line) for line in lines]


async def wait_logged(daemon: Daemon, event: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until something has been logged so often."""
    with trio.fail_after(READY_WITHIN):
        while len(found := logged(daemon, event)) < count:  # noqa: ASYNC110 - another process: there is no event
            await trio.sleep(POLL)
    return found


def process_of(daemon: Daemon, worker: int) -> int:
    """Give the process that is a worker now: the last one that said so."""
    said = [line for line in logged(daemon, "ready") if line.get("worker") == worker]
    process: int = said[-1]["process"]
    return process


async def started(daemon: Daemon) -> None:
    """Start a daemon for the first time, and wait until all of its workers serve."""
    await daemon.start()
    await wait_logged(daemon, "all workers are ready")


async def status(daemon: Daemon) -> Any:  # noqa: ANN401 - JSON
    """Ask the console how all workers are; it may be replaced, too."""
    ran = await cli(daemon, "ps")
    return ran["daemon"]


async def cli(daemon: Daemon, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    """Run a command of the operator that gives JSON."""
    socket = str(daemon.state / "admin.sock")
    ran = await trio.run_process(
        [*daemon.program, *arguments, "--json", "--socket", socket],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )
    if ran.returncode != 0:
        raise NoAnswerError(ran.stderr.decode())
    return msgspec.json.decode(ran.stdout)


def children(process: int) -> list[int]:
    """Give the processes that one has started."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in listed.split()]


def workers_of(daemon: Daemon) -> list[int]:
    """Give the processes of its workers; a daemon of one process has none."""
    return sorted(children(daemon.pid)) if daemon.is_running and daemon.has_workers else []


def kill_one(daemon: Daemon, chance: random.Random) -> None:
    """End one worker as a power cut would."""
    found = workers_of(daemon)
    if found:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(found), signal.SIGKILL)


async def gone(processes: list[int]) -> None:
    """Wait until processes have ended; nobody may be there to bury them."""
    with trio.fail_after(READY_WITHIN):
        while any(map(_is_alive, processes)):  # noqa: ASYNC110 - another process: there is no event
            await trio.sleep(POLL / 5)


def _is_alive(process: int) -> bool:
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return told.rpartition(")")[2].split()[0] not in {"Z", "X"}
