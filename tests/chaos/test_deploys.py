"""The short form of the runs in this folder."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.deploys import chaos


async def test_every_answer_comes_from_one_whole_version(tmp_path: Path) -> None:
    """Whatever is done to bundles under load, no answer mixes versions, comes from a wrong one, or fails."""
    run = await chaos(tmp_path, rounds=40, connections=8, seed=1, bundles=4)
    assert run.wrong == []
    assert run.answers["Say 200"] > 100
    assert sum(run.done.values()) == 40
