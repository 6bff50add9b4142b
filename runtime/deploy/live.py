"""The live table: bundles are read, compiled and opened when the daemon starts; what is refused changes nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
import trio

from runtime.bundle.read import read_bundle
from runtime.bundle.table import read_all
from runtime.deploy.versions import Versions
from runtime.engine.deployment import Deployment, deployed
from runtime.engine.table import Table, table_of
from runtime.errors import BundleError
from runtime.model.bundle import Bundle
from runtime.model.journal import ExecutionRow
from runtime.sdk.connector import Catalogue
from runtime.store.protocols import Journal

_log = structlog.get_logger("nuclide.deploy")


class Live:
    """What is deployed. `table` is replaced whole; `refused` says which folders are not live, and why."""

    def __init__(self, catalogue: Catalogue, versions: Versions, stack: AsyncExitStack) -> None:
        self.table: Table = table_of([])
        self.refused: dict[str, BundleError] = {}
        self._catalogue = catalogue
        self._versions = versions
        self._stack = stack
        self._kept: dict[str, Deployment] = {}
        self._opening = trio.Lock()

    async def deploy(self, folder: Path) -> None:
        """Read every bundle below `folder` and make those live that are without findings."""
        found, refused = await trio.to_thread.run_sync(read_all, folder, self._catalogue)
        deployments: list[Deployment] = []
        for path, bundle in found:
            try:
                deployments.append(await self._open(path, bundle))
            except BundleError as error:
                self._refuse(path, error)
        for path, reason in refused:
            self._refuse(path, reason)
        self.table = table_of(deployments)

    async def _open(self, path: Path, bundle: Bundle) -> Deployment:
        deployment = await self._stack.enter_async_context(deployed(bundle, self._catalogue))
        await self._versions.keep(path, bundle.digest)
        _log.info("bundle deployed", bundle=bundle.name, version=bundle.version, services=sorted(deployment.services))
        return deployment

    def _refuse(self, path: Path, error: BundleError) -> None:
        self.refused[path.name] = error
        for problem in error.problems:
            _log.error("bundle refused", bundle=path.name, problem=str(problem))

    async def find(self, row: ExecutionRow) -> Deployment | None:
        """Give the version that an execution began on: the live one, or one that was kept."""
        live = self.table.version(row.bundle, row.digest)
        if live is not None:
            return live
        async with self._opening:
            if row.digest not in self._kept:
                path = self._versions.path(row.digest)
                if path is None:
                    return None
                bundle = await trio.to_thread.run_sync(read_bundle, path, self._catalogue)
                self._kept[row.digest] = await self._stack.enter_async_context(deployed(bundle, self._catalogue))
            return self._kept[row.digest]

    async def forget_unneeded(self, journal: Journal) -> None:
        """Remove kept versions that neither the table nor an unfinished execution needs."""
        needed = {deployment.bundle.digest for deployment in self.table.deployments.values()}
        await self._versions.forget(needed | await journal.digests_in_use())


@asynccontextmanager
async def open_live(catalogue: Catalogue, state: Path) -> AsyncGenerator[Live]:
    """Open an empty table; connections of its deployments close when the block ends."""
    async with AsyncExitStack() as stack:
        yield Live(catalogue, Versions(state), stack)
