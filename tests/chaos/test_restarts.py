"""The short form of the restarts."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.restarts import run


async def test_a_restart_is_not_noticed(tmp_path: Path) -> None:
    """With its socket held, the daemon restarts under load, and nobody is refused, nothing fails, nothing is lost."""
    result = await run(restarts=2, connections=8, seed=1, folder=tmp_path)
    assert result.is_clean, result.wrong
    assert result.forwarded > 50
    assert result.waited > 0


async def test_a_restart_of_several_workers_is_not_noticed(tmp_path: Path) -> None:
    """Workers that share one held socket stop in such an order that none is passed a call which it cannot serve."""
    result = await run(restarts=1, connections=8, seed=2, folder=tmp_path, workers=2)
    assert result.is_clean, result.wrong
    assert result.forwarded > 10
