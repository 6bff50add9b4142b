"""Retention: the past is forgotten by age, by count and by size. Work that is not finished is never touched.

What an execution could be replayed from goes first, then the execution itself. Everything happens in small commits, so
that the writer is never held up for long.
"""

from __future__ import annotations

import structlog
import trio
from msgspec import Struct

from runtime.engine.house import House
from runtime.errors import StoreError
from runtime.model.journal import Purge, Unkeep

_log = structlog.get_logger("nuclide.history")

LOOK = 60.0  # seconds between two looks: what is kept for days may stay a minute longer
CHUNK = 500  # executions of one commit: some milliseconds of the writer's time


class HistorySettings(Struct, frozen=True, kw_only=True):
    """How much of the past is kept: ages in seconds, a number of executions, and bytes of the journal."""

    keep_for: float = 30 * 86_400.0
    keep_count: int = 1_000_000
    keep_size: int = 4 * 1024**3
    replay_for: float = 3 * 86_400.0


async def keep_history(house: House, settings: HistorySettings) -> None:
    """Forget what is too old or too much, for ever."""
    while True:
        try:
            await forget_past(house, settings)
        except StoreError as error:
            _log.warning("the past cannot be forgotten now", error=str(error))
        await trio.sleep(LOOK)


async def forget_past(house: House, settings: HistorySettings) -> None:
    """Forget what is too old or too much by now.

    Raises:
        StoreError: the journal cannot be read or written.
    """
    now = house.clock.now()
    while await _unkeep(house, now - min(settings.replay_for, settings.keep_for), CHUNK):
        pass
    await _purge(house, now - settings.keep_for, CHUNK)
    while (excess := (await house.store.journal.history()).finished - settings.keep_count) > 0:
        if not await _forget_oldest(house, min(excess, CHUNK)):
            break
    while (await house.store.journal.history()).size > settings.keep_size:
        if not (await _unkeep(house, now, CHUNK) or await _forget_oldest(house, CHUNK)):
            break


async def _forget_oldest(house: House, count: int) -> bool:
    """Forget the oldest that have finished, with what they are kept for; whether there were any."""
    await _unkeep(house, house.clock.now(), count)
    before = (await house.store.journal.history()).finished
    await house.store.journal.commit([Purge(house.clock.now(), count)])
    return (await house.store.journal.history()).finished < before


async def _unkeep(house: House, finished_before: float, count: int) -> bool:
    kept = await house.store.journal.kept(finished_before, count)
    if kept:
        await house.store.journal.commit([Unkeep(tuple(kept))])
    return bool(kept)


async def _purge(house: House, finished_before: float, chunk: int) -> None:
    """Remove what is too old, a chunk a commit."""
    while True:
        before = (await house.store.journal.history()).finished
        await house.store.journal.commit([Purge(finished_before, chunk)])
        if before - (await house.store.journal.history()).finished < chunk:
            return
