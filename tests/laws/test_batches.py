"""Promise 7: bounded everything. What an execution holds in memory does not grow with its documents."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

from runtime.engine.batch import BatchLimits
from runtime.engine.context import EngineLimits
from tests.engine.floods import flood
from tests.store.examples import sqlite

LIMITS = EngineLimits(batch=BatchLimits(in_memory=100, in_memory_bytes=64 * 1024), content_in_memory=64 * 1024)
HELD = 8 * 1024 * 1024  # bytes: windows, chunks, buffers and garbage; the documents would take three times as much
COUNT = 50_000


async def test_memory_is_bounded(tmp_path: Path) -> None:
    """Split, map, branch and combine of 50,000 documents hold a few buffers at a time, and no batch."""
    async with sqlite(tmp_path) as store:
        assert await flood(store, 500, LIMITS, identity="warm") == [500, 500]  # what is imported and cached stays
        gc.collect()
        tracemalloc.start()
        try:
            assert await flood(store, COUNT, LIMITS) == [COUNT, COUNT]
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < HELD, f"{peak:,} bytes"
