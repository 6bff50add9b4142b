"""The one writer: whoever waits shares a transaction, and each stands or falls alone inside it.

While one group is on its way to the disk the next one gathers; a single caller is never held back for company. Jobs run
in a worker thread. Where one is refused, the group is undone and run again with a savepoint around each job, so that it
falls alone: savepoints cost as much as the work itself, and refusals are rare. The disk's refusal fails all of it,
after which the writer goes on with the next.

What a failed disk leaves behind: when a commit fails while it is being synchronised, SQLite undoes it, but its pages
may still lie in the WAL until the next commit overwrites them. A power cut in that moment may bring the failed
transaction back, which no caller can tell from a commit whose acknowledgement was lost.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import apsw
import trio

from runtime.errors import StoreError
from runtime.store.protocols import StoreStatistics
from runtime.store.sqlite.border import DAMAGE, DISK, translated
from runtime.store.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.store.protocols import Done

T = TypeVar("T")

_CALLERS_OWN = (StoreError, ValueError, TypeError, OverflowError)  # ours, or a value that no column can hold
_REFUSALS = (apsw.ConstraintError, apsw.TooBigError)


Item = TypeVar("Item")
Together = Callable[["apsw.Connection", "Sequence[Item]"], None]
"""Writes several things of a kind, table by table."""


class _Work(ABC):
    """What one caller has written, and what became of it."""

    __slots__ = ("error", "weight")

    def __init__(self, weight: int) -> None:
        self.weight = weight
        self.error: Exception | None = None

    @abstractmethod
    def run(self, connection: apsw.Connection) -> None:
        """Do the work; it may be done again, after everything has been undone."""

    @abstractmethod
    def end(self) -> None:
        """Tell the caller, on the event loop."""

    def run_alone(self, connection: apsw.Connection) -> None:
        """Do the work under a savepoint; an error that is the caller's own undoes this work alone."""
        connection.execute("SAVEPOINT job")
        try:
            self.run(connection)
        except _CALLERS_OWN as error:
            self._undo(connection, error)
        except _REFUSALS as error:
            self._undo(connection, StoreError("store.refused", f"the journal refuses this: {error}"))
        connection.execute("RELEASE job")

    def _undo(self, connection: apsw.Connection, error: Exception) -> None:
        connection.execute("ROLLBACK TO job")
        self.error = error


class _Job(_Work, Generic[T]):
    """The work of a task that waits for it."""

    __slots__ = ("_task", "_work", "result")

    def __init__(self, work: Callable[[apsw.Connection], T], weight: int, task: trio.lowlevel.Task) -> None:
        super().__init__(weight)
        self._work = work
        self._task = task
        self.result: T | None = None

    def run(self, connection: apsw.Connection) -> None:
        """Do the work."""
        self.result = self._work(connection)

    def end(self) -> None:
        """Wake the task."""
        trio.lowlevel.reschedule(self._task)


class _Submitted(_Work, Generic[Item]):
    """An item for which nobody waits, written together with others of its kind."""

    __slots__ = ("_done", "item", "together")

    def __init__(self, together: Together[Item], item: Item, done: Done) -> None:
        super().__init__(1)
        self.together = together
        self.item = item
        self._done = done

    def run(self, connection: apsw.Connection) -> None:
        """Write the item by itself."""
        self.together(connection, (self.item,))

    def end(self) -> None:
        """Tell that it is written, or has failed."""
        self._done(self.error)


class Writer:
    """Runs jobs on the writing connection, in groups. `observe` is told the seconds and operations of each.

    `group` is the most that one transaction takes, `queue` the most that waits; both count operations (each record of
    an `Append` is one), and a single job may exceed them when it is alone.
    """

    def __init__(self, connection: apsw.Connection, *, group: int, queue: int, trouble: Trouble | None = None) -> None:
        self._connection = connection
        self._trouble = trouble or Trouble()
        self._group = group
        self._queue = queue
        self._jobs: dict[_Work, None] = {}  # in order of arrival; a dict, so that any one leaves at once
        self._queued = 0
        self._commits = 0
        self._last_commit_seconds = 0.0
        self._arrival = trio.Event()
        self._limiter = trio.CapacityLimiter(1)
        self._closed = False
        self._closing = trio.Event()
        self._committing = False
        self.observe: Callable[[float, int], None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the writer takes no more work."""
        return self._closed

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way to the disk, or waits for it."""
        return self._committing or bool(self._jobs)

    async def rest(self, seconds: float) -> None:
        """Wait some seconds, or until the writer is closed."""
        with trio.move_on_after(seconds):
            await self._closing.wait()

    async def do(self, work: Callable[[apsw.Connection], T], weight: int) -> T:
        """Run `work` in the next transaction and give its result once that is durable.

        Cancelled while it queues, the job is withdrawn; once it is taken, cancellation waits for its outcome.

        Raises:
            StoreError: the disk refused, the queue is full, or the store is closed; or what `work` raised.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        job = _Job(work, weight, trio.lowlevel.current_task())
        self._enqueue(job)

        def withdraw(_: object) -> trio.lowlevel.Abort:
            if job not in self._jobs:
                return trio.lowlevel.Abort.FAILED
            self._leave(job)
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(withdraw)
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]  # without an error, the work has given a T

    def submit(self, together: Together[Item], item: Item, done: Done) -> None:
        """Have an item written in the next transaction, by `together` with all others that are; then call `done`.

        Raises:
            StoreError: the queue is full, or the store is closed; `done` is not called.
        """
        self._enqueue(_Submitted(together, item, done))

    async def run(self) -> None:
        """Commit groups until the writer is closed and nothing waits; outlives the cancellation of its nursery."""
        try:
            with trio.CancelScope(shield=True):
                while await self._something_waits():
                    await self._commit(self._take())
        finally:
            self.close()
            self._reschedule(list(self._jobs), StoreError("store.closed", "the journal was closed"))

    def close(self) -> None:
        """Let `run` end when everything that waits is written."""
        self._closed = True
        self._arrival.set()
        self._closing.set()

    def statistics(self) -> StoreStatistics:
        """Give figures for metrics."""
        return StoreStatistics(self._queued, self._commits, self._last_commit_seconds)

    def _enqueue(self, job: _Work) -> None:
        if self._closed:
            raise StoreError("store.closed", "the journal was closed")
        if self._jobs and self._queued + job.weight > self._queue:
            raise StoreError(
                "store.queue-full",
                f"{self._queued} operations wait for the journal's writer",
                hint="the disk is slower than the work; look at it, or raise store.queue",
            )
        self._jobs[job] = None
        self._queued += job.weight
        self._arrival.set()

    def _leave(self, job: _Work) -> None:
        del self._jobs[job]
        self._queued -= job.weight

    async def _something_waits(self) -> bool:
        while not self._jobs and not self._closed:
            self._arrival = trio.Event()
            await self._arrival.wait()
        return bool(self._jobs)

    def _take(self) -> list[_Work]:
        group: list[_Work] = []
        weight = 0
        for job in self._jobs:
            weight += job.weight
            if group and weight > self._group:
                break
            group.append(job)
        for job in group:
            self._leave(job)
        return group

    async def _commit(self, group: list[_Work]) -> None:
        started = time.perf_counter()
        broken: Exception | None = StoreError("store.closed", "the journal's writer has failed")
        self._committing = True
        try:
            with self._trouble.timed("journal"):
                refused = await trio.to_thread.run_sync(_transaction, self._connection, group, limiter=self._limiter)
            self._note(refused)
            broken = None
        finally:
            self._committing = False
            self._commits += 1
            self._last_commit_seconds = time.perf_counter() - started
            if self.observe is not None:
                self.observe(self._last_commit_seconds, sum(job.weight for job in group))
            self._reschedule(group, broken)

    def _note(self, refused: StoreError | bool) -> None:  # noqa: FBT001 - what a transaction gives
        """Keep what a transaction tells of the disk; one that wrote nothing tells nothing."""
        if isinstance(refused, StoreError):
            self._trouble.failed("journal", refused.message)
        elif refused:
            self._trouble.well("journal")

    def _reschedule(self, jobs: Sequence[_Work], error: Exception | None) -> None:
        for job in jobs:
            job.error = error or job.error
            self._jobs.pop(job, None)
            job.end()


def _transaction(connection: apsw.Connection, group: Sequence[_Work]) -> StoreError | bool:
    """Run a group in one transaction; when the disk refuses, every job of it has failed.

    Gives what the disk said when it refused, else whether anything was written.
    """
    before = connection.total_changes()
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            _run_all(connection, group)
        except (*_CALLERS_OWN, *_REFUSALS):
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            for job in group:
                job.run_alone(connection)
        connection.execute("COMMIT")
        return connection.total_changes() != before
    except (*DISK, *DAMAGE) as error:
        for job in group:
            job.error = translated(error)  # one each: an exception that several tasks raise mixes their tracebacks
        return translated(error)
    finally:
        if connection.in_transaction:
            with suppress(apsw.Error):  # the transaction is lost either way; the next BEGIN would tell
                connection.execute("ROLLBACK")


def _run_all(connection: apsw.Connection, group: Sequence[_Work]) -> None:
    """Run a group: nothing in it has waited for anything else in it, so what is alike is written together."""
    alike: dict[Together[Any], list[Any]] = {}
    for job in group:
        if isinstance(job, _Submitted):
            alike.setdefault(job.together, []).append(job.item)
        else:
            job.run(connection)
    for together, items in alike.items():
        together(connection, items)
