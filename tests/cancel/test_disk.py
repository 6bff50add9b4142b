"""The same over a real journal and real files: nothing half written is left, and another daemon goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.engine.deployment import Deployment, deployed
from runtime.engine.executions import begin_process, open_executions
from runtime.engine.recovery import _resume
from runtime.model.journal import ExecutionRow
from runtime.model.process import Options
from runtime.store.sqlite.opening import SqliteStore
from tests.cancel.checkpoints import at_checkpoint
from tests.cancel.steps import CONTENTS, STEPS, of_step, seen
from tests.engine.houses import SETTINGS
from tests.engine.worlds import World
from tests.store.examples import FixedClock, sqlite

EVERY = 5  # checkpoints: a commit takes a disk some milliseconds


@pytest.mark.parametrize("step", ["keyed call", "split", "combine", "document caches"])
async def test_stopped_over_a_disk(step: str, tmp_path: Path) -> None:
    """Stopped at a checkpoint, an execution leaves whole files and a claim that another takes at once."""
    undisturbed = World()
    async with sqlite(tmp_path / "undisturbed") as store:
        steps = await _life(step, undisturbed, store, None)
    for at in range(0, steps, EVERY):
        world, folder = World(), tmp_path / str(at)
        async with sqlite(folder) as store:
            await _life(step, world, store, at)
            assert not list(folder.rglob("*.part")), f"stopped at {at}"
            await _life(step, world, store, None)
            (row,) = await store.journal.executions()
            assert row.status.value == "complete", f"stopped at {at}"
            assert await store.journal.records(row.id) == []
        assert seen(world) == seen(undisturbed), f"stopped at {at}"
        assert not [path for path in (folder / "documents").rglob("*") if path.is_file()], f"stopped at {at}"


async def _life(step: str, world: World, store: SqliteStore, at: int | None) -> int:
    """Run one daemon until its work has ended, or until it is stopped at a checkpoint; give how many there were."""
    begun = bool(await store.journal.executions())
    steps = 0
    async with (
        deployed(of_step(STEPS[step], Options()), world.catalogue()) as deployment,
        open_executions(store, FixedClock(), SETTINGS, owner="one", wake_outbox=lambda: None) as house,
    ):

        async def find(_: ExecutionRow) -> Deployment:
            return deployment

        with at_checkpoint(house.nursery, at, house.nursery.cancel_scope.cancel) as count:
            try:
                if begun:
                    for row in await store.journal.claim("one", 1000.0, 1030.0, 1):
                        await _resume(house, find, row)
                else:
                    await begin_process(house, deployment, "p", CONTENTS, {})
                await house.drained()
            finally:
                steps = count()
    assert house.live == {}
    assert house.places.statistics().borrowed_tokens == 0
    return steps
