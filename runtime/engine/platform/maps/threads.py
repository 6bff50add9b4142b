"""Functions that may compute for long: in a thread, and their scripts in a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import trio

from runtime.engine.platform.maps.running import Running
from runtime.engine.scripts.workers import Borrowed, Workers
from runtime.errors import DocumentFault

Made = TypeVar("Made")


async def computed_apart(
    compute: Callable[[], Made], running: Running, workers: Workers | None, threads: trio.CapacityLimiter
) -> Made:
    """Give what `compute` gives; where the bundle has processes for scripts, those of `running` run in one.

    Raises:
        DocumentFault: it cannot be computed.
    """

    def run(borrowed: Borrowed | None = None) -> Made | DocumentFault:
        running.scripts = borrowed
        try:
            return compute()
        except DocumentFault as fault:
            return fault

    if workers is None:
        made = await trio.to_thread.run_sync(run, limiter=threads)
    else:
        made = await workers.lend(run, threads)
    if isinstance(made, DocumentFault):
        raise made
    return made
