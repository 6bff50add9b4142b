"""Garbage is collected when nobody waits for it, and after a while in any case."""

from __future__ import annotations

import gc
import weakref

import trio
from trio.testing import MockClock

from runtime.observe.collector import LONGEST_PUT_OFF, LOOK, Sparing, collect_when_idle, spare


class Cycle:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


def garbage() -> weakref.ref[Cycle]:
    """Make garbage; the reference tells whether it is still there."""
    gc.collect()
    gc.disable()
    return weakref.ref(Cycle())


async def test_cycles_are_collected_when_nothing_runs(autojump_clock: MockClock) -> None:
    """Law: a cycle is gone one look after nothing runs, and not before."""
    busy, left = True, garbage()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(collect_when_idle, lambda: not busy)
            await trio.sleep(2.5 * LOOK)
            assert left() is not None
            busy = False
            await trio.sleep(LOOK)
            assert left() is None
            nursery.cancel_scope.cancel()
    finally:
        gc.enable()


async def test_a_daemon_that_is_never_idle_collects_too(autojump_clock: MockClock) -> None:
    """Law: a collection is put off so many looks and no longer."""
    left = garbage()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(collect_when_idle, lambda: False)
            await trio.sleep((LONGEST_PUT_OFF + 0.5) * LOOK)
            assert left() is None
            nursery.cancel_scope.cancel()
    finally:
        gc.enable()


def test_what_starting_made_is_left_alone() -> None:
    """Law: what is there when callers come is in no later collection, and nobody waits for one then."""
    collections: list[str] = []
    before = gc.get_threshold()

    def note(phase: str, _: dict[str, int]) -> None:
        collections.append(phase)

    gc.disable()  # whatever collects now has been told to
    gc.callbacks.append(note)
    try:
        spare(Sparing(objects=40_000, freeze=True))
        assert collections == []
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] == 40_000
    finally:
        gc.callbacks.remove(note)
        gc.unfreeze()
        gc.set_threshold(*before)
        gc.enable()
