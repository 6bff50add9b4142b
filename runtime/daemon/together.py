"""What a worker changes in one moment with the others: what it has seen, as all of them see it (`host.agreement`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b
from typing import Final

import structlog
import trio

from runtime.clock import SECONDS
from runtime.deploy.look import Fingerprint
from runtime.host.agreement import VIEW, Agreement, Verdict
from runtime.observe.metrics import Metrics

LOOK: Final = 0.005 * SECONDS  # between two looks at the others; only while something is staged
_TRIES: Final = 100  # to get a lock that others hold for microseconds

_log = structlog.get_logger("nuclide.deploy")


class Among:
    """Worker `number` among others. `within`: seconds until one that is not ready is not waited for any more.

    `wake` has the others look at the folder now.
    """

    def __init__(
        self, board: Agreement, number: int, *, within: float, wake: Callable[[], Awaitable[None]], metrics: Metrics
    ) -> None:
        self._board = board
        self._number = number
        self._within = within
        self._wake = wake
        self._metrics = metrics
        self._since: float | None = None
        self._has_agreed = False

    def serves(self, seen: Mapping[str, Fingerprint]) -> None:
        """Tell the others (see Together)."""
        self._board.serve(self._number, view_of(seen))

    def agreed(self) -> bool:
        """Tell whether all agree (see Together)."""
        self._has_agreed = self._has_agreed or self._board.turn(self._number) is Verdict.AGREED
        return self._has_agreed

    async def agree(self, seen: Mapping[str, Fingerprint], *, again: bool) -> bool:
        """Wait until all agree (see Together)."""
        view = view_of(seen)
        self._since = trio.current_time() if self._since is None else self._since
        self._has_agreed, until = False, self._since + self._within
        self._board.stage(self._number, view)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._wake, name="wake the other workers")
            verdict = await self._settled(until, again=again)
            nursery.cancel_scope.cancel()
        if verdict is Verdict.OTHERWISE and again and trio.current_time() < until:
            return False
        waited, self._since = trio.current_time() - self._since, None
        self._board.serve(self._number, view)
        if verdict is not Verdict.AGREED:
            _log.warning("not every worker serves this yet", waited_seconds=round(waited, 3), hint="bundles.together")
        self._metrics.deployed_together.of("together" if verdict is Verdict.AGREED else "apart").inc()
        return True

    async def _settled(self, until: float, *, again: bool) -> Verdict:
        while not self._has_agreed:
            verdict = self._board.turn(self._number, give_up=again, tries=_TRIES)
            if verdict is not Verdict.WAIT or trio.current_time() >= until:
                self._has_agreed = verdict is Verdict.AGREED
                return verdict
            await trio.sleep(LOOK)
        return Verdict.AGREED

    def leave(self) -> None:
        """Take no part any more."""
        self._board.leave(self._number)


def view_of(seen: Mapping[str, Fingerprint]) -> bytes:
    """Give the digest of what was seen: the same for every worker that sees the same."""
    digest = blake2b(digest_size=VIEW)
    for source in sorted(seen):
        digest.update(repr((source, seen[source])).encode())
    return digest.digest()
