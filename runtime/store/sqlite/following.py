"""The tables follow the segments: what stands in these is brought home, a piece at a time, behind those who are served.

It happens when the event loop has time to spare, when somebody is to forget what is ahead, and when half of
what may be ahead is: in a burst it is the callers who are served. The serial of the last block that came home is
written by the transaction that brought it, so that no crash brings one home twice.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import trio

from runtime.errors import StoreError
from runtime.model.journal import Brief
from runtime.observe.log import logger
from runtime.store.segments.reading import block_at
from runtime.store.sqlite.births import insert_briefs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from runtime.store.cipher import Cipher
    from runtime.store.segments.ahead import Ahead, Standing
    from runtime.store.segments.pool import Pool
    from runtime.store.segments.segment import Segment
    from runtime.store.segments.writing import SegmentWriter
    from runtime.store.sqlite.writer import Writer

PIECE = 256  # executions of one transaction: some ten milliseconds, for which other commits wait
LOOK = 0.05  # seconds between two looks at whether the event loop has time to spare
BUSY = 0.5  # of the time that the loop computes, from which on it has none to spare
AGAIN = 1.0  # seconds before a disk that refused is asked again
CLOSING = 20.0  # seconds after which a store that closes leaves the rest to the next start, on a disk that is slow
UNTOUCHED = 1.0  # seconds after which a segment in which nothing is needed is wiped, though it is not full
_REFUSALS = {"store.refused", "store.known", "store.token-taken"}  # what the tables hold forbids it

_log = logger(__name__)


class Following:
    """Brings home what is ahead of the tables, in its order. `bound` is how many bytes may be ahead in a burst."""

    def __init__(
        self, ahead: Ahead, pool: Pool, segments: SegmentWriter, writer: Writer, cipher: Cipher, *, bound: int
    ) -> None:
        self._ahead = ahead
        self._pool = pool
        self._segments = segments
        self._writer = writer
        self._cipher = cipher
        self._bound = bound
        self._load = _Load()
        self._wanted = 0  # the serial up to which somebody waits
        self._hurry = trio.Event()
        self._done = trio.Event()  # something has come home, or could not
        self._error: StoreError | None = None
        self._late_at = math.inf  # when a store that closes waits no longer
        self._has_ended = False

    async def home(self) -> None:
        """Wait until all that is ahead now stands in the tables.

        Raises:
            StoreError: the disk refuses, or the store is closed (codes ``store.disk``, ``store.closed``).
        """
        wanted = self._ahead.last()
        while self._ahead and self._ahead.first(1)[0].place.serial <= wanted:
            if self._has_ended:
                raise StoreError("store.closed", "the journal was closed")
            self._wanted = max(self._wanted, wanted)
            self._hurry.set()
            await self._done.wait()
            if self._error is not None:
                raise StoreError(self._error.code, self._error.message, hint=self._error.hint)

    async def run(self) -> None:
        """Bring home what comes until the segments are closed and nothing is ahead, or the disk is no help then."""
        try:
            with trio.CancelScope(shield=True):
                while await self._something_is_ahead():
                    await self._step()
                await self._wipe(whole=True)
        finally:
            self._has_ended = True
            self._done.set()
            self._writer.close()

    async def _something_is_ahead(self) -> bool:
        while not self._ahead and not self._segments.is_closed:
            self._segments.added = trio.Event()
            with trio.move_on_after(UNTOUCHED) as patience:
                await self._segments.added.wait()
            if patience.cancelled_caught:
                await self._wipe(whole=True)
                if not self._pool.has_spent:  # what a disk refused to wipe is tried again
                    await self._segments.added.wait()
        return bool(self._ahead) and not (self._segments.is_closed and self._gives_up())

    def _gives_up(self) -> bool:
        """Whether a store that closes leaves what is ahead to the next start."""
        now = trio.current_time()
        self._late_at = min(self._late_at, now + CLOSING)
        if self._error is None and now < self._late_at:
            return False
        _log.warning("what is ahead of the journal's tables is left to the next start", executions=len(self._ahead))
        return True

    async def _step(self) -> None:
        """Bring a piece home, and rest."""
        blocks = self._ahead.first(PIECE)
        try:
            await self._bring(blocks)
            self._error = None
        except StoreError as error:
            if self._error is None:
                _log.error("executions cannot be brought into the journal's tables yet", error=str(error))
            self._error = error
        else:
            for place in self._ahead.came_home(len(blocks)):
                self._pool.let_go(place)
            await self._wipe()
        done, self._done = self._done, trio.Event()
        done.set()
        await self._rest()

    async def _rest(self) -> None:
        """Wait until it is time for the next piece, which may be at once."""
        self._hurry = trio.Event()
        if self._error is not None and not self._segments.is_closed:
            with trio.move_on_after(AGAIN):
                await self._hurry.wait()
        while not self._is_time():
            with trio.move_on_after(LOOK):
                await self._hurry.wait()

    def _is_time(self) -> bool:
        asked = bool(self._ahead) and self._ahead.first(1)[0].place.serial <= self._wanted
        return asked or self._segments.is_closed or self._ahead.size > self._bound // 2 or self._load.has_time()

    async def _bring(self, blocks: Sequence[Standing]) -> None:
        briefs = sum(len(block.executions) for block in blocks)
        try:
            await self._writer.do(partial(_bring_home, cipher=self._cipher, blocks=blocks), weight=briefs)
        except StoreError as error:
            if error.code not in _REFUSALS:
                raise
            await self._writer.do(partial(_bring_what_can_be, cipher=self._cipher, blocks=blocks), weight=briefs)

    async def _wipe(self, *, whole: bool = False) -> None:
        """Make unreadable what segments hold that is in the tables now, so that they may be used again.

        The `whole` of it: that which is written to, too.
        """
        if whole and not self._ahead and not self._segments.is_writing:
            self._pool.leave()
        for segment in self._pool.take_spent():
            wiped = await trio.to_thread.run_sync(_wiped, segment)
            if not self._pool.give_back(segment, wiped=wiped):
                await trio.to_thread.run_sync(_removed, segment)


class _Load:
    """How busy the thread is in which this is asked: that of the event loop."""

    def __init__(self) -> None:
        self._asked = time.perf_counter()
        self._computed = time.thread_time()
        self._busy = 0.0

    def has_time(self) -> bool:
        """Whether it had time to spare since it was asked the last time."""
        asked, computed = time.perf_counter(), time.thread_time()
        if asked - self._asked >= LOOK / 2:
            self._busy = (computed - self._computed) / (asked - self._asked)
            self._asked, self._computed = asked, computed
        return self._busy < BUSY


def _bring_home(connection: apsw.Connection, *, cipher: Cipher, blocks: Sequence[Standing]) -> None:
    for block in blocks:
        insert_briefs(connection, cipher, _briefs(cipher, block))
    _note(connection, blocks)


def _bring_what_can_be(connection: apsw.Connection, *, cipher: Cipher, blocks: Sequence[Standing]) -> None:
    """Bring home one execution after the other: those that the tables refuse are told of, and left out."""
    for block in blocks:
        for brief in _briefs(cipher, block):
            connection.execute("SAVEPOINT brief")
            try:
                insert_briefs(connection, cipher, (brief,))
            except StoreError as error:
                connection.execute("ROLLBACK TO brief")
                _log.error("an execution cannot be brought home", execution=brief.execution.id, error=str(error))
            connection.execute("RELEASE brief")
    _note(connection, blocks)


def _note(connection: apsw.Connection, blocks: Sequence[Standing]) -> None:
    connection.execute("UPDATE segments SET home = ?", (blocks[-1].place.serial,))


def _briefs(cipher: Cipher, block: Standing) -> tuple[Brief, ...]:
    """Give the executions of a block; none of one that is damaged: it is told of, and the others go on."""
    try:
        return block_at(cipher, block.place).briefs
    except StoreError as error:
        if error.code != "store.damaged":
            raise
        _log.error("executions are lost", count=len(block.executions), error=str(error))
        return ()


def _removed(segment: Segment) -> None:
    with suppress(StoreError):  # a start takes up the file that is left
        segment.remove()


def _wiped(segment: Segment) -> bool:
    try:
        segment.wipe()
    except StoreError:
        return False  # it is tried again with the next
    return True
