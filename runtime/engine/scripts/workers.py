"""The processes of one bundle in which its scripts run. They are started when they are needed, and end with the bundle.

A call waits in a thread and its time is measured there, by the machine's clock: a script takes real time, whatever time
the daemon lives in. A process whose call took too long, or is not wanted any more, is killed: nothing else ends it.
"""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import IO

import structlog
import trio
from msgspec import Struct

from runtime.engine.scripts.messages import Answer, Failed, Job, answers, receive, send

START = "import sys; sys.path[:] = {path!r}; from runtime.engine.scripts.worker import main; main({memory})"

_log = structlog.get_logger("nuclide.scripts")


class ScriptLimits(Struct, frozen=True, kw_only=True):
    """Bounds of scripts: seconds of one call, bytes of one process, processes of one bundle."""

    time: float = 30.0
    memory: int = 512 * 1024 * 1024
    processes: int = 4


class Worker:
    """One process; one call at a time. Its methods wait: call them in a thread."""

    def __init__(self, memory: int) -> None:
        command = [sys.executable, "-c", START.format(path=sys.path, memory=memory)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={})  # noqa: S603 - ourselves
        self.was_late = False

    def call(self, job: Job, seconds: float) -> Answer | None:
        """Make a call; None where the process has ended, or was killed, before it had an answer."""
        calls, results = self._streams()
        try:
            send(calls, job)  # type: ignore[arg-type] # IO[bytes] is what a BinaryIO is
        except BrokenPipeError:
            return None
        if not select.select([results], [], [], seconds)[0]:
            self.was_late = True
            self.kill()
        data = receive(results)  # type: ignore[arg-type]
        return None if data is None else answers.decode(data)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def close(self) -> None:
        """End the process and let go of what it has."""
        self.kill()
        for stream in self._streams():
            with suppress(BrokenPipeError):
                stream.close()
        self._process.wait()

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a script's process has no pipes")
        return process.stdin, process.stdout


class Workers:
    """The processes of one bundle; at most as many as its limits say. A call waits for one that is free."""

    def __init__(self, limits: ScriptLimits) -> None:
        self._limits = limits
        self._limiter = trio.CapacityLimiter(limits.processes)
        self._idle: list[Worker] = []

    async def call(self, job: Job) -> Answer:
        """Make a call in a process; one that is cancelled, or takes too long, ends with its process.

        A process that has died alone, such as one that the system killed for its memory, is told as a failure.
        """
        async with self._limiter:
            worker = self._idle.pop() if self._idle else await trio.to_thread.run_sync(Worker, self._limits.memory)
            answer: Answer | None = None
            try:
                answer = await self._made(worker, job)
            finally:
                if answer is None:
                    with trio.CancelScope(shield=True):
                        await trio.to_thread.run_sync(worker.close)
                else:
                    self._idle.append(worker)
        if answer is not None:
            return answer
        if worker.was_late:
            message = f"{job.file} has run longer than {self._limits.time:g} s and was stopped (setting scripts.time)"
            return Failed("script.time", message, of_process=False, lines=())
        _log.warning("the process of a script has ended by itself", file=job.file)
        message = f"the process of {job.file} ended before the script did; it may have taken too much memory"
        return Failed("script.ended", message, of_process=False, lines=())

    async def _made(self, worker: Worker, job: Job) -> Answer | None:
        made: Answer | None = None
        over = False

        async def kill_if_cancelled() -> None:
            try:
                await trio.sleep_forever()
            finally:
                if not over:
                    worker.kill()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(kill_if_cancelled, name=f"watch {job.file}")
            await trio.lowlevel.checkpoint()
            made = await trio.to_thread.run_sync(worker.call, job, self._limits.time)
            over = True
            nursery.cancel_scope.cancel()
        return made

    def close(self) -> None:
        """End all processes that are not in a call; waits for them, so call it in a thread."""
        while self._idle:
            self._idle.pop().close()


@asynccontextmanager
async def open_workers(limits: ScriptLimits) -> AsyncGenerator[Workers]:
    """Give the processes of a bundle; they end when the block ends."""
    workers = Workers(limits)
    try:
        yield workers
    finally:
        if workers._idle:  # noqa: SLF001 - its own module
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(workers.close)
