"""Reading again what stands in files: at SIGHUP, and when an operator asks. It also ends a safe start."""

from __future__ import annotations

from pathlib import Path

import structlog
import trio

from runtime.deploy.live import Live
from runtime.deploy.watch import Bell
from runtime.health import SAFE, Health
from runtime.host.notify import notify, status
from runtime.host.reload import reload_on_signal
from runtime.web.access.opening import Access

_log = structlog.get_logger("nuclide.daemon")


class Again:
    """Reads users, certificates, values and bundles again; one at a time.

    `begun` is set when the folder of bundles is looked at: at once, or in a safe start by the first reload.
    """

    def __init__(
        self, live: Live, access: Access, bell: Bell, health: Health, *, folder: Path, begun: trio.Event
    ) -> None:
        self._live = live
        self._access = access
        self._bell = bell
        self._health = health
        self._folder = folder
        self._begun = begun
        self._turn = trio.Lock()

    async def __call__(self) -> None:
        """Read all of it; return when it holds, but for bundles that have changed: these are looked at next."""
        async with self._turn:
            await self._access.look()
            if self._begun.is_set():
                await self._live.refresh()
                self._live.retry()
                self._bell.ring()
            else:
                await self._end_safe_start()

    async def _end_safe_start(self) -> None:
        await self._live.begin(self._folder)
        self._begun.set()
        if self._health.state == SAFE:
            self._health.state = "running"
        notify(status(f"serving at {', '.join(self._health.addresses)}"))
        _log.info("the safe start has ended")


async def reloading(
    stopping: trio.Event, again: Again, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Read again what stands in files at every SIGHUP, until the daemon stops."""
    async with trio.open_nursery() as nursery:
        await nursery.start(reload_on_signal, again)
        task_status.started()
        await stopping.wait()
        nursery.cancel_scope.cancel()
