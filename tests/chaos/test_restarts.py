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
