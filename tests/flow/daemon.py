"""The daemon under test: a real process on a free port, with a state folder of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import trio

from tests.flow.peers import NoAnswerError, call
from tests.flow.replay import Message
from tests.patience import PATIENCE, START
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
READY_WITHIN = START
STOP_WITHIN = PATIENCE  # beyond it the daemon is killed, which is a failure
COMMAND = "from runtime.cli.main import main; main()"  # what the installed command does
POLL = 0.1  # seconds between two questions whether it is ready

Settings = Mapping[str, Mapping[str, object]]


class NotReadyError(Exception):
    """Raised when the daemon did not come up; the message ends with what it logged last."""


@asynccontextmanager
async def running_daemon(folder: Path, settings: Settings) -> AsyncIterator[int]:
    """Run the daemon with these settings until the block ends; gives its port. `folder` takes its files.

    Raises:
        NotReadyError: it ended, or was not ready in time.
    """
    port = free_port()
    config, log = folder / "nuclide.toml", folder / "daemon.log"
    defaults: Settings = {"server": {"host": "127.0.0.1", "port": port}, "state": {"folder": str(folder / "state")}}
    config.write_text(_toml(_merged(defaults, settings)), encoding="utf-8")
    command = [sys.executable, "-c", COMMAND, "run", "--config", str(config)]
    with log.open("wb") as output:
        process = await trio.lowlevel.open_process(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            await _ready(process, port, log)
            yield port
        finally:
            with trio.CancelScope(shield=True):
                await _stop(process)


async def _ready(process: trio.Process, port: int, log: Path) -> None:
    question = Message(method="GET", path="/readyz", headers={}, body=b"")
    with trio.move_on_after(READY_WITHIN):
        while process.poll() is None:
            try:
                if (await call(port, "", question)).status == 200:
                    return
            except NoAnswerError:
                pass  # it does not listen yet
            await trio.sleep(POLL)
    tail = (await trio.Path(log).read_text(encoding="utf-8", errors="replace"))[-3_000:]
    raise NotReadyError(f"the daemon is not ready (exit code {process.poll()}); its log ends:\n{tail}")


async def _stop(process: trio.Process) -> None:
    if process.poll() is None:
        process.terminate()
    with trio.move_on_after(STOP_WITHIN) as stopping:
        await process.wait()
    if stopping.cancelled_caught:
        process.kill()
        await process.wait()


def _merged(first: Settings, second: Settings) -> Settings:
    return {section: {**first.get(section, {}), **second.get(section, {})} for section in {**first, **second}}


def _toml(settings: Settings) -> str:
    lines: list[str] = []
    for section, values in settings.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in values.items()]
    return "\n".join([*lines, ""])
