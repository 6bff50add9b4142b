"""A disk in trouble: new work is refused, work that runs waits, and all goes on by itself when the disk is back."""

from __future__ import annotations

from contextlib import suppress

import structlog
import trio

from runtime.engine.house import House
from runtime.errors import StoreError, Unavailable

_log = structlog.get_logger("nuclide.disk")

PROBE_EVERY = 15.0  # seconds: so that readiness tells of a full disk before the first caller does, for one page written
LOOK = 1.0  # seconds between two looks: bounds how long work is refused after the disk has come back


def refuse_in_trouble(house: House) -> None:
    """Let no work in that the disk would have to remember.

    Raises:
        Unavailable: the disk is in trouble.
    """
    reason = house.store.trouble()
    if reason is not None:
        message = f"The runtime can keep nothing now: {reason}"
        raise Unavailable("executions.disk", message, retry_after=LOOK, hint="free the disk, or look at its health")


async def mind_the_disk(house: House) -> None:
    """Try a disk in trouble until it is well, for ever; an operator sees both in the log."""
    told: str | None = None
    probed = trio.current_time()
    while True:
        await trio.sleep(LOOK)
        if house.store.trouble() is not None or trio.current_time() - probed >= PROBE_EVERY:
            probed = trio.current_time()
            with suppress(StoreError):  # the store keeps the reason
                await house.store.probe()
        reason = house.store.trouble()
        if reason is not None and told is None:
            _log.error("the disk is in trouble: no work is accepted", reason=reason)
        if told is not None and reason is None:
            _log.warning("the disk is well again: work is accepted", reason=told)
        told = reason
