"""The processes of one bundle in which its scripts run. They are started when they are needed, and end with the bundle.

A call waits in a thread and its time is measured there, by the machine's clock: a script takes real time, whatever time
the daemon lives in. A process whose call took too long, or is not wanted any more, is killed: nothing else ends it.
"""

from __future__ import annotations

import select
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import IO, TypeVar

import structlog
import trio
from msgspec import Struct

from runtime.engine.scripts.messages import Answer, Failed, Job, answers, receive, send

START = "import sys; sys.path[:] = {path!r}; from runtime.engine.scripts.worker import main; main({memory})"

Result = TypeVar("Result")

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


def _ended(worker: Worker, job: Job, limits: ScriptLimits) -> Failed:
    """Say why a process has given no answer."""
    if worker.was_late:
        message = f"{job.file} has run longer than {limits.time:g} s and was stopped (setting scripts.time)"
        return Failed("script.time", message, of_process=False, lines=())
    _log.warning("the process of a script has ended by itself", file=job.file)
    message = f"the process of {job.file} ended before the script did; it may have taken too much memory"
    return Failed("script.ended", message, of_process=False, lines=())


def _unwanted(job: Job) -> Failed:
    """Say that nobody waits for a call any more; nobody reads it either."""
    return Failed("script.ended", f"{job.file} is not wanted any more", of_process=False, lines=())


class Borrowed:
    """A process for several calls from one thread; one that ends is replaced at the next call."""

    def __init__(self, worker: Worker | None, limits: ScriptLimits) -> None:
        self.worker = worker
        self.over = threading.Event()
        self._limits = limits
        self._is_busy = False

    def call(self, job: Job) -> Answer:
        """Make a call, and wait for its answer; once it is over none is made."""
        self._is_busy = True  # before the look: who ends it looks at the two in the other order
        if self.over.is_set():
            return _unwanted(job)
        worker = self.worker if self.worker is not None else Worker(self._limits.memory)
        self.worker = worker
        if self.over.is_set():
            worker.kill()
        answer = worker.call(job, self._limits.time)
        self._is_busy = False
        if answer is not None:
            return answer
        self.worker = None
        worker.close()
        return _unwanted(job) if self.over.is_set() else _ended(worker, job, self._limits)

    def end(self) -> None:
        """Let no call begin any more, and end the process if it is in one."""
        self.over.set()
        worker = self.worker
        if worker is not None and self._is_busy:
            worker.kill()


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
        return _ended(worker, job, self._limits)

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

    async def lend(self, work: Callable[[Borrowed], Result], threads: trio.CapacityLimiter) -> Result:
        """Run `work` in a thread, with a process for the calls that it makes; where it is cancelled, the process ends.

        `work` raises nothing: what has failed it gives back.
        """
        async with self._limiter:
            borrowed = Borrowed(self._idle.pop() if self._idle else None, self._limits)
            done = False

            async def kill_if_cancelled() -> None:
                try:
                    await trio.sleep_forever()
                finally:
                    if not done:
                        borrowed.end()

            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(kill_if_cancelled, name="watch the scripts of a map")
                    await trio.lowlevel.checkpoint()
                    result = await trio.to_thread.run_sync(work, borrowed, limiter=threads)
                    done = True
                    nursery.cancel_scope.cancel()
            finally:
                worker = borrowed.worker
                if worker is not None and borrowed.over.is_set():  # it may have been killed just when it had answered
                    with trio.CancelScope(shield=True):
                        await trio.to_thread.run_sync(worker.close)
                elif worker is not None:
                    self._idle.append(worker)
        return result

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
