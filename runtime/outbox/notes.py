"""What came of callbacks, written down in groups: while one is on its way to the disk, the next one gathers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.errors import StoreError
from runtime.model.journal import Acknowledged, CallbackRow, Dead, Postpone
from runtime.observe.log import logger

if TYPE_CHECKING:
    from runtime.store.protocols import Journal

GATHER = 0.005  # seconds that an outcome waits for others: one commit costs as much as sending a callback
STORE_RETRY = 1 * SECONDS  # a disk that has refused gets this long before it is asked again

Outcome = Acknowledged | Postpone | Dead

_log = logger(__name__)


class Note(Struct, frozen=True):
    """What came of one attempt."""

    row: CallbackRow
    outcome: Outcome


class Notes:
    """Writes outcomes down; `noted` is told of each once it is on the disk. `enough` of them wait for no more."""

    def __init__(self, journal: Journal, noted: Callable[[Note], None], enough: int) -> None:
        self._journal = journal
        self._noted = noted
        self._many = enough
        self._waiting: list[Note] = []
        self._come = trio.Event()
        self._enough = trio.Event()
        self._closed = False

    def add(self, note: Note) -> None:
        """Have an outcome written down."""
        self._waiting.append(note)
        self._come.set()
        if len(self._waiting) >= self._many:
            self._enough.set()

    def close(self) -> None:
        """Let `run` end once everything is written."""
        self._closed = True
        self._come.set()
        self._enough.set()

    async def run(self) -> None:
        """Write until closed.

        What the other side has accepted is written even while we are cancelled, or it would get it twice; but a disk
        that refuses then is not waited for.
        """
        with trio.CancelScope(shield=True) as scope:
            while await self._something():
                group, self._waiting = self._waiting, []
                while not await self._written(group):
                    scope.shield = False
                    await trio.sleep(STORE_RETRY)
                    scope.shield = True
                for note in group:
                    self._noted(note)

    async def _something(self) -> bool:
        while not self._waiting and not self._closed:
            self._come = trio.Event()
            await self._come.wait()
        if len(self._waiting) < self._many and not self._closed:
            self._enough = trio.Event()
            with trio.move_on_after(GATHER):
                await self._enough.wait()
        return bool(self._waiting)

    async def _written(self, group: list[Note]) -> bool:
        try:
            await self._journal.commit([note.outcome for note in group])
        except StoreError as error:
            _log.warning("outcomes of callbacks cannot be written yet", callbacks=len(group), error=str(error))
            return False
        return True
