"""The table that serves, and how the next one takes its place: in one assignment, and with the other workers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from runtime.clock import Clock
from runtime.deploy.decide import Held
from runtime.deploy.look import Fingerprint
from runtime.deploy.openings import Openings
from runtime.deploy.telling import tell_missing
from runtime.deploy.together import Together
from runtime.engine.table import EMPTY_TABLE, Table, table_of

Seen = Mapping[str, Fingerprint]
"""What was seen in the folder, by source: what is decided about it is the same for every worker that sees the same."""


class Change(Enum):
    """What came of an attempt to serve something else. AGAIN: another worker has seen something else, so look again."""

    NONE = auto()
    SWAPPED = auto()
    AGAIN = auto()


class Swapping:
    """Holds the table of the versions that `openings` has open. `changed_at` is in seconds since the epoch."""

    def __init__(self, openings: Openings, clock: Clock, together: Together) -> None:
        self.changed_at: float | None = None
        self.openings = openings
        self._clock = clock
        self._together = together
        self._table: Table = EMPTY_TABLE
        self._next: Table | None = None

    @property
    def table(self) -> Table:
        """What serves; what comes next is in its place for whoever asks once all workers are ready for it."""
        if self._next is not None and self._together.agreed():
            self._table, self._next = self._next, None
        return self._table

    async def change(self, live: Mapping[str, Held], seen: Seen, *, again: bool) -> Change:
        """Serve these together with the other workers; AGAIN only where that is wanted."""
        table, before = self._following(live), self._table
        if table is None:
            self._together.serves(seen)
            return Change.NONE
        self._next = table
        try:
            agreed = await self._together.agree(seen, again=again)
        finally:
            self._next = None
        if agreed:
            self._put(table, before)
        return Change.SWAPPED if agreed else Change.AGAIN

    def swap(self, live: Mapping[str, Held], seen: Seen) -> Change:
        """Serve these at once, whatever the other workers do."""
        table = self._following(live)
        if table is not None:
            self._put(table, self._table)
        self._together.serves(seen)
        return Change.NONE if table is None else Change.SWAPPED

    def _put(self, table: Table, before: Table) -> None:
        self._table = table
        self.changed_at = self._clock.now()
        tell_missing(before.missing, table.missing)

    def _following(self, live: Mapping[str, Held]) -> Table | None:
        """Give the table of these; None where it is the one that serves."""
        found = (self.openings.get(held.digest) for _, held in sorted(live.items()))
        deployments = [deployment for deployment in found if deployment is not None]
        return None if deployments == list(self._table.deployments.values()) else table_of(deployments)
