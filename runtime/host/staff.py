"""The rules of the supervisor, without I/O: which workers there are, when one is started again, and when no more."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from msgspec import Struct

from runtime.clock import MINUTES, SECONDS

FIRST_PAUSE: Final = 0.1 * SECONDS  # before a worker is started again; callers wait meanwhile
LONGEST_PAUSE: Final = 30 * SECONDS  # between two starts of one that dies again and again
SETTLED: Final = 1 * MINUTES  # a worker that has lived this long has no bad record any more
STARTS: Final = 5  # that fail one after the other, before another worker takes the journal over: some seconds
MARGIN: Final = 5 * SECONDS  # beyond the drain time: to close the journal, on a slow disk


class State(Enum):
    """What a worker does."""

    GONE = auto()
    STARTING = auto()
    READY = auto()
    CLOSED = auto()
    GIVEN_UP = auto()


class Worker(Struct, kw_only=True):
    """One worker. `deaths` counts those in a row, `unready` those of them before it was ready; times are monotonic."""

    number: int
    state: State = State.GONE
    pid: int = 0
    starts: int = 0
    deaths: int = 0
    unready: int = 0
    since: float = 0.0
    heard_at: float = 0.0
    next_at: float = 0.0
    heir: int | None = None


class Staff:
    """The workers. `failed` is the exit code of one that could not even start the first time: the daemon cannot."""

    def __init__(self, workers: int) -> None:
        self._workers = {number: Worker(number=number) for number in range(1, workers + 1)}
        self._was_ready = False
        self._bad_end = False
        self.failed: int | None = None

    @property
    def workers(self) -> tuple[Worker, ...]:
        """All of them."""
        return tuple(self._workers.values())

    @property
    def present(self) -> bool:
        """Whether a process of any worker is there."""
        return any(_is_there(worker) for worker in self.workers)

    @property
    def all_ready(self) -> bool:
        """Whether callers of all workers can connect."""
        return all(worker.state in {State.READY, State.GIVEN_UP} for worker in self.workers)

    @property
    def all_closed(self) -> bool:
        """Whether no worker has callers any more."""
        return not any(worker.state in {State.STARTING, State.READY} for worker in self.workers)

    @property
    def exit_code(self) -> int:
        """The exit code of the daemon."""
        return self.failed if self.failed is not None else int(self._bad_end)

    @property
    def heir(self) -> int | None:
        """The worker that takes over what another cannot finish: the first that serves."""
        return next((worker.number for worker in self.workers if worker.state is State.READY), None)

    def without_heir(self, heir: int) -> Iterator[int]:
        """Give the workers that were given up and have no heir, or one that died; from now on it is this one."""
        for worker in self.workers:
            if worker.state is State.GIVEN_UP and worker.heir is None:
                worker.heir = heir
                yield worker.number

    def pid(self, number: int) -> int:
        """Give the process of a worker."""
        return self._workers[number].pid

    def due(self, now: float) -> list[Worker]:
        """Give the workers that are to be started now."""
        return [worker for worker in self.workers if worker.state is State.GONE and worker.next_at <= now]

    def deadlines(self, patience: float | None) -> list[float]:
        """Give when something is to be done next; `patience` is how long a worker may be silent."""
        starts = [worker.next_at for worker in self.workers if worker.state is State.GONE]
        if patience is None:
            return starts
        return starts + [worker.heard_at + patience for worker in self.workers if worker.state is State.READY]

    def started(self, number: int, pid: int, now: float) -> None:
        """Note a new process."""
        worker = self._workers[number]
        worker.state, worker.pid, worker.since = State.STARTING, pid, now
        worker.starts += 1

    def not_started(self, number: int, now: float) -> None:
        """Note that the machine had no room for a process."""
        worker = self._workers[number]
        worker.deaths += 1
        worker.next_at = now + _pause(worker.deaths)

    def ready(self, number: int, now: float) -> None:
        """Note that callers of a worker can connect."""
        worker = self._workers[number]
        worker.state, worker.heard_at, worker.unready = State.READY, now, 0
        self._was_ready = self._was_ready or self.all_ready

    def alive(self, number: int, now: float) -> None:
        """Note that a worker's loop has come round."""
        self._workers[number].heard_at = now

    def closed(self, number: int) -> None:
        """Note that a worker has no callers any more."""
        self._workers[number].state = State.CLOSED

    def hanging(self, now: float, patience: float) -> list[Worker]:
        """Give the workers that have been silent for too long."""
        return [worker for worker in self.workers if worker.state is State.READY and now - worker.heard_at > patience]

    def died(self, number: int, exit_code: int, now: float, *, stopping: bool) -> float | None:
        """Note a death; give the seconds to the next start, None where there is none."""
        worker = self._workers[number]
        was = worker.state
        worker.state, worker.pid = State.GONE, 0
        for other in self.workers:
            other.heir = None if other.heir == number else other.heir
        if stopping:
            self._bad_end = self._bad_end or exit_code != 0
            return None
        if was is State.STARTING:
            worker.unready += 1
            if not self._was_ready and exit_code > 0:
                self.failed = exit_code
                return None
        worker.deaths = 1 if now - worker.since >= SETTLED else worker.deaths + 1
        if worker.unready >= STARTS and any(other.state is State.READY for other in self.workers):
            worker.state = State.GIVEN_UP
            return None
        pause = _pause(worker.deaths)
        worker.next_at = now + pause
        return pause


def _is_there(worker: Worker) -> bool:
    return worker.state in {State.STARTING, State.READY, State.CLOSED}


def _pause(deaths: int) -> float:
    return min(FIRST_PAUSE * 2.0 ** (deaths - 1), LONGEST_PAUSE)
