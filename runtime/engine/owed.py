"""A call whose execution has ended and is on its way to the disk: a hold is made of it only where somebody joins."""

from __future__ import annotations

import trio

from runtime.engine.ending import Ending
from runtime.engine.hold import Hold, Writes
from runtime.flow.handover import DurableFailed, Finished


class Owed:
    """What binds the callers of a token until its only commit is made: nothing can be handed over any more."""

    __slots__ = ("_execution", "_hold", "_nursery", "_written")

    def __init__(self, execution: str, nursery: trio.Nursery) -> None:
        self._execution = execution
        self._nursery = nursery
        self._hold: Hold | None = None
        self._written: trio.Event | None = None

    def hold(self) -> Hold:
        """Give the hold that others join; the first caller is counted in it, who waits for the commit itself."""
        if self._hold is None:
            self._written = trio.Event()
            writes = Writes(self._hand_over, _nothing_left, _nothing_left, _nothing_left, _go_on, _go_on)
            self._hold = Hold(self._execution, writes, self._nursery)
            self._hold.join()
        return self._hold

    def settle(self, ending: Ending | None) -> None:
        """Tell those who have joined: the ending that is on the disk, or None where nothing could be kept."""
        if self._hold is not None and self._written is not None:
            self._hold.ending = ending
            self._hold.post(DurableFailed() if ending is None else Finished())
            self._written.set()

    async def _hand_over(self) -> bool:
        if self._written is not None:
            await self._written.wait()
        return False  # it has ended, so that there is nothing to promise


async def _nothing_left(*_: object) -> None:
    """Write nothing: all is on its way to the disk."""


def _go_on() -> None:
    """Stop nothing: it has run."""
