"""The garbage collector: out of the way while requests run, at work when nobody waits for it.

What starting has made lives as long as the daemon, so no collection looks at it again. Reference cycles of ended
requests are few but some outlive a young collection; a full one, a few milliseconds over what is left, takes them when
nothing runs (measured: a third less processor time in a burst, and 10 KiB less kept for each call that waited).
"""

from __future__ import annotations

import gc
from collections.abc import Callable

import trio
from msgspec import Struct

from runtime.clock import SECONDS

OLDER = (20, 100)  # young collections before an older one, older ones before a full one
LOOK = 10 * SECONDS  # between two looks whether nothing runs
LONGEST_PUT_OFF = 30  # looks: a daemon that is never idle collects every five minutes all the same


class Sparing(Struct, frozen=True, kw_only=True):
    """How the collector is spared. `objects` are made before a young collection; `freeze` leaves out what is there."""

    objects: int = 50_000
    freeze: bool = True


def spare(how: Sparing) -> None:
    """Leave what lives as long as the daemon out of every later collection.

    It is not collected before: that takes as long as a tenth of the start, while callers come, and finds little.
    """
    if how.freeze:
        gc.freeze()
    gc.set_threshold(how.objects, *OLDER)


async def collect_when_idle(idle: Callable[[], bool]) -> None:
    """Collect everything when `idle` says that nobody would wait for it, for ever."""
    put_off = 0
    while True:
        await trio.sleep(LOOK)
        put_off += 1
        if idle() or put_off >= LONGEST_PUT_OFF:
            gc.collect()
            put_off = 0
