"""How much of the past is kept, and that unfinished work is no past."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from runtime.engine.house import House
from runtime.engine.retention import HistorySettings, forget_past
from runtime.model.journal import Accept, ExecutionRow, Finish, Operation, Status
from runtime.store.memory import MemoryStore
from tests.engine.houses import daemon
from tests.engine.slow import GENERAL, two_calls
from tests.engine.worlds import TrioClock, World
from tests.store.examples import accept, finish, sqlite

HOUR = 3_600.0
ALL = HistorySettings(keep_for=1e9, keep_count=1_000, keep_size=1, replay_for=1e9)


def ended(number: int, hours_ago: float, *, keep: bytes | None = None) -> list[Operation]:
    """Give what takes an execution in and ends it."""
    now = TrioClock().now()
    row = ExecutionRow(
        id=f"ex-{number}", bundle="b", version="1", digest="d", process="p", mode="general",
        status=Status.RUNNING, started_at=now - hours_ago * HOUR, epoch=1,
    )  # fmt: skip
    at = now - hours_ago * HOUR
    finish = Finish(execution=row.id, epoch=1, status=Status.COMPLETE, finished_at=at, keep=keep)
    return [Accept(row, b"start"), finish]


async def left(store: MemoryStore) -> list[str]:
    """Give the executions that are still known, and those that can be replayed, marked."""
    rows = await store.journal.executions(limit=10_000)
    kept = set(await store.journal.kept(float("inf"), 10_000))
    return sorted(f"{row.id}{'+' if row.id in kept else ''}" for row in rows)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ALL, ["ex-1+", "ex-2+", "ex-3+", "ex-4"]),
        (msgspec.structs.replace(ALL, replay_for=2.5 * HOUR), ["ex-1", "ex-2+", "ex-3+", "ex-4"]),
        (msgspec.structs.replace(ALL, keep_for=2.5 * HOUR), ["ex-2+", "ex-3+", "ex-4"]),
        (msgspec.structs.replace(ALL, keep_count=1), ["ex-3+", "ex-4"]),
    ],
)
async def test_forgotten(settings: HistorySettings, expected: list[str], autojump_clock: object) -> None:
    """Age takes what can be replayed first, then the execution; count takes the oldest; unfinished work stays."""
    store = MemoryStore()
    async with daemon(two_calls(GENERAL), World(), store) as one:
        for number, hours in ((1, 3.0), (2, 2.0), (3, 1.0)):
            await store.journal.commit(ended(number, hours, keep=b"kept"))
        await store.journal.commit(ended(4, 100.0)[:1])
        await forget_past(one.house, settings)
        assert await left(store) == expected


async def test_size(tmp_path: Path) -> None:
    """A journal that is too large loses what could be replayed first, then the oldest, and no unfinished work."""
    async with sqlite(tmp_path) as store:
        house = cast("House", SimpleNamespace(store=store, clock=TrioClock()))
        for number in range(600):
            await store.journal.commit(
                [accept(f"ex-{number}", start=b"s" * 900), finish(f"ex-{number}", keep=b"k" * 900)]
            )
        await store.journal.commit([accept("ex-running", start=b"s" * 900)])
        full = await store.journal.history()
        sizes = HistorySettings(keep_for=1e12, keep_count=10_000, keep_size=full.size - 100_000, replay_for=1e12)
        await forget_past(house, sizes)
        less = await store.journal.history()
        assert less.size <= sizes.keep_size
        assert less.finished == 600
        assert less.replayable < full.replayable
        await forget_past(house, msgspec.structs.replace(sizes, keep_size=1))
        least = await store.journal.history()
        assert (least.finished, least.replayable) == (0, 0)
        assert [row.id for row in await store.journal.executions()] == ["ex-running"]
        assert await store.journal.start("ex-running") == b"s" * 900
