"""Open versions: each lives in a task of its own, from the opening of its connections until its last user lets go.

The table is a user like an execution: a replaced version closes when the last execution that began on it has ended.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager

import structlog
import trio

from runtime.engine.deployment import UNOPENED, Deployment, Prepared, opened
from runtime.engine.scripts.workers import ScriptLimits
from runtime.errors import BundleError, Place, Problem
from runtime.observe.metrics import Metrics
from runtime.sdk.connector import Catalogue

_log = structlog.get_logger("nuclide.deploy")

CLOSE_WITHIN = 5.0  # seconds for the connections of one version to say goodbye; after that they are cut


class Openings:
    """The versions that are open, by digest. `open_within` is in seconds, for all connections of one version."""

    def __init__(
        self,
        catalogue: Catalogue,
        nursery: trio.Nursery,
        *,
        open_within: float,
        scripts: ScriptLimits | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._nursery = nursery
        self._open_within = open_within
        self._scripts = scripts
        self._metrics = metrics
        self._open: dict[str, Deployment] = {}
        self._being_opened: dict[str, trio.Event] = {}
        self._waits: set[trio.CancelScope] = set()

    @property
    def digests(self) -> set[str]:
        """The versions that are open."""
        return set(self._open)

    def get(self, digest: str) -> Deployment | None:
        """Give an open version; whoever wants to keep it holds it before the next checkpoint."""
        return self._open.get(digest)

    async def open(self, prepared: Prepared, user: object) -> Deployment:
        """Open a version, or give it if it is open; `user` holds it from then on.

        Raises:
            BundleError: a connection cannot be opened.
        """
        digest = prepared.bundle.digest
        while digest in self._being_opened:
            await self._being_opened[digest].wait()
        deployment = self._open.get(digest)
        if deployment is not None:
            deployment.hold(user)
            return deployment
        done = self._being_opened[digest] = trio.Event()
        try:
            return await self._start(prepared, user)
        finally:
            del self._being_opened[digest]
            done.set()

    async def open_all(self, wanted: Mapping[str, Prepared], user: object) -> dict[str, BundleError]:
        """Open versions, by digest, all at once, each held by `user`; give those that could not be."""
        unopened: dict[str, BundleError] = {}

        async def open_one(digest: str, prepared: Prepared) -> None:
            try:
                await self.open(prepared, user)
            except BundleError as error:
                unopened[digest] = error

        async with trio.open_nursery() as nursery:
            for digest, prepared in wanted.items():
                nursery.start_soon(open_one, digest, prepared, name=f"open {prepared.bundle.name}")
        return unopened

    async def reopen(self, prepared: Prepared, user: object) -> Deployment:
        """Open a version anew beside the one that is open, with other values of the machine, and give it for that.

        The old one closes when nobody holds it any more; `user` holds the new one.

        Raises:
            BundleError: a connection cannot be opened; the old one serves on.
        """
        before = self._open.get(prepared.bundle.digest)
        deployment = await self._start(prepared, user)
        if before is not None:
            before.let_go(user)
        return deployment

    def let_go(self, user: object, *, but: Collection[str] = frozenset()) -> None:
        """End the holds of `user` on every version but these."""
        for digest, deployment in self._open.items():
            if digest not in but:
                deployment.let_go(user)

    async def _start(self, prepared: Prepared, user: object) -> Deployment:
        name = f"deployment {prepared.bundle.name} {prepared.bundle.digest[:12]}"
        deployment: Deployment | None = None
        with trio.move_on_after(self._open_within):
            deployment = await self._nursery.start(self._keep_open, prepared, user, name=name)
        if deployment is None:
            raise _unopened(prepared, f"the connections were not open within {self._open_within:g} s")
        return deployment

    async def _keep_open(
        self, prepared: Prepared, user: object, *, task_status: trio.TaskStatus[Deployment] = trio.TASK_STATUS_IGNORED
    ) -> None:
        deployment: Deployment | None = None
        try:
            with trio.CancelScope() as closing:
                async with opened(prepared, self._catalogue, self._scripts, self._metrics) as deployment:
                    deployment.hold(user)
                    self._open[prepared.bundle.digest] = deployment
                    task_status.started(deployment)
                    await self._unused(deployment)
                    closing.deadline = trio.current_time() + CLOSE_WITHIN
        except Exception as error:  # the deployment guard: a connector is somebody else's code
            if deployment is None:
                raise _told(prepared, error) from error
            _log.error("connections failed", bundle=prepared.bundle.name, exc_info=error)
        finally:
            self._forget(deployment)

    async def _unused(self, deployment: Deployment) -> None:
        with trio.CancelScope() as waiting:
            self._waits.add(waiting)
            try:
                await deployment.unused()
            finally:
                self._waits.discard(waiting)
                self._forget(deployment)  # with no checkpoint between: nobody can find it any more

    def _forget(self, deployment: Deployment | None) -> None:
        if deployment is not None and self._open.get(deployment.bundle.digest) is deployment:
            del self._open[deployment.bundle.digest]

    def close(self) -> None:
        """Let every version close, whoever holds it."""
        for waiting in self._waits:
            waiting.cancel()


def _told(prepared: Prepared, error: Exception) -> BundleError:
    """Give the error that says which connection, out of the groups that nurseries of other connections make of it."""
    ours = error.subgroup(BundleError) if isinstance(error, ExceptionGroup) else error
    while isinstance(ours, ExceptionGroup):
        ours = ours.exceptions[0]
    return ours if isinstance(ours, BundleError) else _unopened(prepared, f"{type(error).__name__}: {error}")


def _unopened(prepared: Prepared, message: str) -> BundleError:
    return BundleError((Problem(code=UNOPENED, message=message, place=Place(bundle=prepared.bundle.name)),))


@asynccontextmanager
async def open_openings(
    catalogue: Catalogue, *, open_within: float, scripts: ScriptLimits | None = None, metrics: Metrics | None = None
) -> AsyncGenerator[Openings]:
    """Open nothing yet; when the block ends every version closes, whoever holds it."""
    async with trio.open_nursery() as nursery:
        openings = Openings(catalogue, nursery, open_within=open_within, scripts=scripts, metrics=metrics)
        yield openings
        openings.close()
