"""Watching the folder of bundles: the border of watchfiles, and the loop of looks that needs no event to be right.

An event means "look again" and nothing more: a replaced file is told as a new one, a copy as many changes without an
end, and a network share tells nothing at all. So a look compares everything by name, size and times, a source is read
when it has been at rest, and every now and then all of it is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

import structlog
import trio
from watchfiles import awatch

from runtime.deploy.live import Live
from runtime.deploy.look import Fingerprint, look
from runtime.deploy.settling import Settling
from runtime.deploy.versions import InUse
from runtime.errors import NuclideError
from runtime.settings import Bundles

_log = structlog.get_logger("nuclide.deploy")

SHORTEST_PAUSE = 0.05  # seconds between two looks: a long copy is one event after the other
EVENTS_STEP = 50  # milliseconds without an event that end a group of them
EVENTS_GROUP = 200  # milliseconds that a group of events lasts at most
THREAD_TURN = 200  # milliseconds: as long a stop waits for the thread that watches


class Bell:
    """Rings when there may be something to see; a ring that nobody waits for is not lost."""

    def __init__(self) -> None:
        self._rung = trio.Event()

    def ring(self) -> None:
        """Wake who waits, or the next to wait."""
        self._rung.set()

    async def wait(self, until: float) -> None:
        """Return at the next ring, or at the time `until` of trio's clock."""
        with trio.move_on_at(until):
            await self._rung.wait()
        self._rung = trio.Event()


async def watch(live: Live, settings: Bundles, journal: InUse, bell: Bell | None = None) -> None:
    """Keep `live` up to what the folder of bundles holds, for ever; whoever rings `bell` has it look at once."""
    bell = Bell() if bell is None else bell
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_ring_on_events, settings.folder, settings.rescan, bell, name="events of bundles")
        await _Watcher(live, settings, journal).run(bell)


class _Watcher:
    def __init__(self, live: Live, settings: Bundles, journal: InUse) -> None:
        self._live = live
        self._folder = settings.folder
        self._rescan = settings.rescan
        self._journal = journal
        self._settling = Settling(settings.quiet)
        self._blind = False
        self._looked_at = trio.current_time()

    async def run(self, bell: Bell) -> None:
        """Look whenever the bell rings, a source comes to rest, or everything has to be read anew."""
        anew_at = trio.current_time() + self._rescan
        while True:
            begun = trio.current_time()
            if await self._turn(anew=begun >= anew_at):
                bell.ring()
            if begun >= anew_at:
                anew_at = begun + self._rescan
            await trio.sleep_until(begun + SHORTEST_PAUSE)
            await bell.wait(min(anew_at, self._settling.next_rest(self._looked_at)))

    async def _turn(self, *, anew: bool) -> bool:
        """Look once, and take in what is at rest; tell whether to look again at once."""
        looked = await self._look()
        if looked is None:
            return False
        now = self._looked_at = trio.current_time()
        settling = self._settling
        settling.note(looked, now)
        restless, going = settling.restless(now), settling.going(now)
        at_rest = settling.at_rest(now)
        done = await self._live.round(self._folder, at_rest, restless=restless, going=going, anew=anew)
        settling.taken(at_rest, torn=done.torn, now=trio.current_time())
        settling.forget_gone(now)
        if done.swapped or anew:
            await self._forget_unneeded()
        return done.again

    async def _look(self) -> Mapping[str, Fingerprint] | None:
        """Look at the folder; None when it cannot be seen: then nothing is known, and nothing changes."""
        try:
            looked = await trio.to_thread.run_sync(look, self._folder, abandon_on_cancel=True)
        except OSError as error:
            if not self._blind:
                _log.warning("the folder of bundles cannot be read", folder=str(self._folder), error=error.strerror)
            self._blind = True
            return None
        self._blind = False
        return looked

    async def _forget_unneeded(self) -> None:
        try:
            await self._live.forget_unneeded(self._journal)
        except NuclideError as error:
            _log.warning("old versions are kept for now", error=str(error))


async def _ring_on_events(folder: Path, again: float, bell: Bell) -> None:
    """Ring at each group of events, for ever; every `again` seconds begin anew: another folder may bear the name."""
    told = False
    while True:
        try:
            with trio.move_on_after(again):
                await _ring(folder, bell)
        except* (OSError, RuntimeError) as errors:  # no such folder; the machine has no more watches to give
            if not told:
                reason = str(errors.exceptions[0])
                _log.warning("no events from the folder of bundles; it is looked at regularly", error=reason)
            told = True
            await trio.sleep(again)
        else:
            told = False
        bell.ring()


async def _ring(folder: Path, bell: Bell) -> None:
    watching = awatch(
        folder,
        watch_filter=None,
        debounce=EVENTS_GROUP,
        step=EVENTS_STEP,
        rust_timeout=THREAD_TURN,
        ignore_permission_denied=True,
    )
    async with aclosing(watching) as events:
        async for _ in events:
            bell.ring()
