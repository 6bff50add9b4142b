"""A watched folder on a real disk, with a live table behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from runtime.clock import SystemClock
from runtime.deploy.life import open_live
from runtime.deploy.live import Live
from runtime.deploy.telling import line_of
from runtime.deploy.watch import watch
from runtime.engine.deployment import Deployment
from runtime.settings import Bundles
from runtime.store.memory import MemoryStore
from tests.deploy.bundles import Systems, until

QUIET = 0.1  # seconds: a fraction of the default, so that tests are quick


class Watched:
    """The folder, what is live of it, and the systems that its connections lead to."""

    def __init__(self, folder: Path, live: Live, systems: Systems, store: MemoryStore) -> None:
        self.folder = folder
        self.live = live
        self.systems = systems
        self.store = store

    @property
    def versions(self) -> dict[str, str]:
        """The live version of each bundle."""
        return {name: found.bundle.version for name, found in self.live.table.deployments.items()}

    @property
    def refused(self) -> dict[str, list[str]]:
        """What is refused, and why."""
        return {source: [line_of(problem) for problem in error.problems] for source, error in self.live.refused.items()}

    def deployment(self, bundle: str = "hello") -> Deployment:
        """Give the live deployment of a bundle."""
        return self.live.table.deployments[bundle]

    async def until_live(self, **versions: str) -> None:
        """Wait until exactly these versions are live."""
        await until(lambda: self.versions == versions)

    async def until_refused(self, *sources: str) -> None:
        """Wait until exactly these sources are refused."""
        await until(lambda: set(self.live.refused) == set(sources))


@asynccontextmanager
async def watched(
    tmp_path: Path,
    systems: Systems | None = None,
    *,
    rescan: float = 60.0,
    quiet: float = QUIET,
    open_within: float = 5.0,
) -> AsyncGenerator[Watched]:
    """Watch ``tmp_path/bundles`` while the block runs, as one daemon does; another may follow over the same state."""
    folder, state = tmp_path / "bundles", tmp_path / "state"
    folder.mkdir(exist_ok=True)
    systems = systems or Systems()
    settings = Bundles(folder=folder, quiet=quiet, rescan=rescan, open_within=open_within)
    store = MemoryStore()
    async with open_live(systems.catalogue(), state, SystemClock(), open_within=open_within) as live:
        await live.begin(folder)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch, live, settings, store.journal)
            yield Watched(folder, live, systems, store)
            nursery.cancel_scope.cancel()
