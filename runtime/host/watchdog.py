"""The watchdog: systemd hears that all is well only as often as the loop has really come round.

A loop that is blocked is silent, and systemd restarts us: what was accepted goes on. A disk in trouble is no reason to
be restarted, so nothing of the journal is asked here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import trio

from runtime.host.notify import WATCHDOG, notify, watchdog_interval


async def feed(environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd that all is well, for ever; without a watchdog do nothing."""
    interval = watchdog_interval(environ)
    if interval is None:
        return
    while True:
        notify(WATCHDOG, environ=environ)
        await trio.sleep(interval)
