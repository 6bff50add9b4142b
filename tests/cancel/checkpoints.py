"""Cancellation at any checkpoint of an execution: the n-th time that one of its tasks runs on, something happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import trio


class _AtStep(trio.abc.Instrument):
    """Counts how often tasks below a nursery run on; at the `at`-th time it calls `act`."""

    def __init__(self, nursery: trio.Nursery, at: int | None, act: Callable[[], object]) -> None:
        self.count = 0
        self._nursery = nursery
        self._at = at
        self._act = act

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Act when the time has come: what the task waited for has happened, its next checkpoint sees what was done."""
        if not self._is_below(task):
            return
        if self.count == self._at:
            self._act()
        self.count += 1

    def _is_below(self, task: trio.lowlevel.Task) -> bool:
        nursery = task.parent_nursery
        while nursery is not None:
            if nursery is self._nursery:
                return True
            nursery = nursery.parent_task.parent_nursery
        return False


@contextmanager
def at_checkpoint(nursery: trio.Nursery, at: int | None, act: Callable[[], object]) -> Iterator[Callable[[], int]]:
    """Call `act` before the `at`-th step (from 0) of the tasks below `nursery`; give how many there have been."""
    instrument = _AtStep(nursery, at, act)
    trio.lowlevel.add_instrument(instrument)
    try:
        yield lambda: instrument.count
    finally:
        trio.lowlevel.remove_instrument(instrument)
