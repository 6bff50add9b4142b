"""SIGHUP: what stands in files is read again. systemd is told when it begins and when it is done (notify-reload)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
import trio

from runtime.host.notify import READY, notify

_log = structlog.get_logger("nuclide.host")

_MICROSECONDS = 1_000  # nanoseconds in one


async def reload_on_signal(
    work: Callable[[], Awaitable[None]],
    environ: Mapping[str, str] = os.environ,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Do `work` whenever SIGHUP comes, for ever. Signals that come meanwhile are one more reload."""
    with trio.open_signal_receiver(signal.SIGHUP) as received:
        task_status.started()
        async for _ in received:
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // _MICROSECONDS
            notify("RELOADING=1", f"MONOTONIC_USEC={now}", environ=environ)
            _log.info("reloading")
            await work()
            notify(READY, environ=environ)
            _log.info("reloaded")
