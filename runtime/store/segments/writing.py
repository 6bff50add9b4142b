"""The writer of segments: executions that come together become durable by one write, and their callers are told.

While a group is on its way the next one gathers, as in the journal's writer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import trio
from msgspec import Struct

from runtime.errors import StoreError
from runtime.store.segments.ahead import standing
from runtime.store.segments.blocks import PAGE, Head, joined, length_of, sealed
from runtime.store.segments.segment import Segment, made

if TYPE_CHECKING:
    from runtime.model.journal import Brief
    from runtime.store.cipher import Cipher
    from runtime.store.protocols import Done
    from runtime.store.segments.ahead import Ahead
    from runtime.store.segments.pool import Pool
    from runtime.store.trouble import Trouble

LARGE: Final = 256 * 1024  # bytes of an execution that is too much for a segment: it would fill one by itself
_GROUP: Final = 4 * 1024 * 1024  # bytes of a block, which is sealed at one go: a millisecond; four fill a segment


class _Submitted(Struct, frozen=True):
    brief: Brief
    data: bytes
    done: Done


class _NoRoomError(StoreError):
    """There is no room for another segment; nothing was written."""


class SegmentWriter:
    """Makes executions durable in groups of at most `group`; `queue` bounds those that wait.

    Where there is no room for another segment they go `elsewhere`, one after the other.
    """

    def __init__(
        self,
        pool: Pool,
        ahead: Ahead,
        cipher: Cipher,
        *,
        serial: int,
        group: int,
        queue: int,
        trouble: Trouble,
        elsewhere: Callable[[Brief, Done], None],
    ) -> None:
        self._pool = pool
        self._ahead = ahead
        self._cipher = cipher
        self._serial = serial  # of the newest block
        self._group = group
        self._queue = queue
        self._trouble = trouble
        self._elsewhere = elsewhere
        self._waiting: list[_Submitted] = []
        self._arrival = trio.Event()
        self._closed = False
        self._limiter = trio.CapacityLimiter(1)
        self.is_writing = False
        self.last = 0.0  # when a block became durable; monotonic seconds
        self.written = 0  # blocks
        self.observe: Callable[[float, int], None] | None = None
        self.added = trio.Event()  # set by each block, and at the end

    @property
    def is_closed(self) -> bool:
        """Whether nothing will be written any more."""
        return self._closed and not self._waiting and not self.is_writing

    @property
    def queued(self) -> int:
        """How many executions wait for a block."""
        return len(self._waiting)

    def submit(self, brief: Brief, data: bytes, done: Done) -> None:
        """Have an execution, and what it is `encoded` to, written with those of its group; then call `done`.

        Raises:
            StoreError: too many wait, or the store is closed (codes ``store.queue-full``, ``store.closed``).
        """
        if self._closed:
            raise StoreError("store.closed", "the journal was closed")
        if len(self._waiting) >= self._queue:
            raise StoreError(
                "store.queue-full",
                f"{len(self._waiting)} operations wait for the journal's writer",
                hint="the disk is slower than the work; look at it, or raise store.queue",
            )
        self._ahead.begin(brief)
        self._waiting.append(_Submitted(brief, data, done))
        self._arrival.set()

    def close(self) -> None:
        """Let `run` end when everything that waits is written."""
        self._closed = True
        self._arrival.set()

    async def run(self) -> None:
        """Write groups until the writer is closed and nothing waits; outlives the cancellation of its nursery."""
        try:
            with trio.CancelScope(shield=True):
                while await self._something_waits():
                    await self._write(self._take())
        finally:
            self.close()
            left, self._waiting = self._waiting, []
            self._end(left, StoreError("store.closed", "the journal was closed"))
            self.added.set()

    async def _something_waits(self) -> bool:
        while not self._waiting and not self._closed:
            self._arrival = trio.Event()
            await self._arrival.wait()
        return bool(self._waiting)

    def _take(self) -> list[_Submitted]:
        group: list[_Submitted] = []
        size = 0
        for submitted in self._waiting[: self._group]:
            group.append(submitted)
            size += len(submitted.data)
            if size > _GROUP:
                break
        self._waiting = self._waiting[len(group) :]
        return group

    async def _write(self, group: Sequence[_Submitted]) -> None:
        started = time.perf_counter()
        error: StoreError | None = StoreError("store.closed", "the journal's writer has failed")
        self.is_writing = True
        try:
            with self._trouble.timed("journal"):
                await self._block(group)
            error = None
        except _NoRoomError:
            self._send_elsewhere(group)
            group, error = (), None
        except StoreError as refused:
            error = refused
            self._trouble.failed("journal", refused.message)  # until the tables are written: both are on one disk
        finally:
            self.is_writing = False
            self.written += 1
            self.last = time.perf_counter()
            if self.observe is not None:
                self.observe(self.last - started, len(group))
            self._end(group, error)
            self.added.set()

    async def _block(self, group: Sequence[_Submitted]) -> None:
        content, serial = joined([each.data for each in group]), self._serial + 1
        where, head, at = self._pool.choose(length_of(content))
        segment = where if isinstance(where, Segment) else await self._made(where)
        block = sealed(self._cipher, head, serial, content)
        try:
            await trio.to_thread.run_sync(_put, segment, head, at, block, limiter=self._limiter)
        except StoreError:
            self._pool.failed(segment, head)
            raise
        self._serial = serial
        place = self._pool.written(segment, head, at, len(block), serial)
        self._ahead.add(standing(place, [each.brief for each in group]))

    async def _made(self, path: Path) -> Segment:
        try:
            return await trio.to_thread.run_sync(made, path, limiter=self._limiter)
        except StoreError as error:
            raise _NoRoomError(error.code, error.message) from error

    def _send_elsewhere(self, group: Sequence[_Submitted]) -> None:
        self._ahead.failed(each.brief for each in group)
        for each in group:
            try:
                self._elsewhere(each.brief, each.done)
            except StoreError as error:
                each.done(error)

    def _end(self, group: Sequence[_Submitted], error: Exception | None) -> None:
        if error is not None:
            self._ahead.failed(each.brief for each in group)
        for each in group:
            each.done(error)


def _put(segment: Segment, head: Head, at: int, block: bytes) -> None:
    """Write a block, in front of which the head of its segment goes where it is the first."""
    if at == PAGE:
        segment.write(head.encode() + block, 0)
    else:
        segment.write(block, at)
