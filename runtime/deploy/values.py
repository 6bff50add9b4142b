"""The values that this machine gives to bundles: followed while they serve, without a deployment."""

from __future__ import annotations

import trio

from runtime.bundle.machine import Machine
from runtime.deploy.live import Live
from runtime.deploy.watch import Bell

LOOK = 1.0  # seconds between two looks at the files: what an operator takes for at once

Stamp = tuple[tuple[str, int, int, int], ...]


async def follow_values(live: Live, machine: Machine, again: float, bell: Bell) -> None:
    """Give `live` new values when a file of extensions has changed, for ever; what is refused is tried again then.

    Every `again` seconds live bundles get theirs without a change of these files, as a secret may be behind a reference
    in them; the look that `bell` brings reads everything anew as often.
    """
    stamp = await trio.to_thread.run_sync(_stamp, machine)
    due = trio.current_time() + again
    while True:
        await trio.sleep(LOOK)
        now = await trio.to_thread.run_sync(_stamp, machine)
        if now != stamp:
            live.retry()
            bell.ring()
        if now != stamp or trio.current_time() >= due:
            stamp, due = now, trio.current_time() + again
            await live.refresh()


def _stamp(machine: Machine) -> Stamp:
    stamps: list[tuple[str, int, int, int]] = []
    for file in machine.files:
        try:
            found = file.stat()
        except OSError:
            continue
        stamps.append((str(file), found.st_ino, found.st_size, found.st_mtime_ns))
    return tuple(stamps)
