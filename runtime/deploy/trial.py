"""A new version on trial: for some time after its deployment, one that fails too often is rolled back by itself.

Executions of the version before are the measure: what failed there as often is not the new version's fault.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
import trio
from msgspec import Struct

from runtime.clock import Clock
from runtime.deploy.history import Event
from runtime.deploy.live import Live
from runtime.errors import BundleError, RequestError

_log = structlog.get_logger("nuclide.deploy")

LOOK = 1.0  # seconds between two looks: fewer failures than one could count by hand

NOBODY = "the runtime"  # who rolls back by itself

Tell = Callable[[str, str], Awaitable[None]]
"""Tells that a bundle was rolled back to the version of a digest."""


class Outcomes(Struct, frozen=True):
    """How many executions of a version have ended since the daemon started, and how many of them with an error."""

    ended: int = 0
    failed: int = 0

    @property
    def rate(self) -> float:
        """The share that failed, 0 to 1."""
        return self.failed / self.ended if self.ended else 0.0


class Trial(Struct, frozen=True, kw_only=True):
    """How long a new version is on trial, in seconds; after how many executions it is judged, and what is too much.

    `failures` is the share that may fail, 0 to 1; a version is rolled back when more do, and twice as many as before.
    """

    seconds: float
    executions: int
    failures: float


def failing(trial: Trial, new: Outcomes, before: Outcomes) -> bool:
    """Tell whether a new version fails too often."""
    return new.ended >= trial.executions and new.rate > trial.failures and new.rate >= 2 * before.rate


def on_trial(events: tuple[Event, ...], bundle: str, trial: Trial, now: float) -> Event | None:
    """Give the deployment of a bundle that is on trial: its last one, where that replaced another not long ago."""
    last = next((event for event in reversed(events) if event.bundle == bundle and event.what != "refused"), None)
    if last is None or last.what != "deployed" or last.replaces is None or now - last.at > trial.seconds:
        return None
    return last


async def guard_versions(
    live: Live, outcomes: Callable[[str], Outcomes], trial: Trial, clock: Clock, *, tell: Tell | None = None
) -> None:
    """Roll back what fails on trial, for ever; `tell` tells the others of it, where this is one of several workers."""
    while True:
        await trio.sleep(LOOK)
        for bundle in list(live.table.deployments):
            event = on_trial(live.history.events, bundle, trial, clock.now())
            if event is None or event.digest is None or event.replaces is None:
                continue
            new, before = outcomes(event.digest), outcomes(event.replaces)
            if failing(trial, new, before) and await _roll_back(live, bundle, event.replaces, new) and tell is not None:
                await tell(bundle, event.replaces)


async def _roll_back(live: Live, bundle: str, to: str, new: Outcomes) -> bool:
    reason = f"{new.failed} of its first {new.ended} executions failed"
    try:
        await live.roll_back(bundle, to, reason)
    except (BundleError, RequestError) as error:
        _log.error("a version that fails cannot be rolled back", bundle=bundle, error=str(error))
        return False
    _log.error("a version that fails was rolled back", bundle=bundle, to=to[:12], reason=reason)
    return True
