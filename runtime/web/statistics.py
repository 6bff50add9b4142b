"""What a listener has seen since it was opened, for metrics and for the operator."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class ListenerStatistics(Struct, frozen=True, kw_only=True):
    """Counts of one listener. Only `open` goes down again.

    `refused` connections came when all places were taken; `overdue` ones were cut because the caller neither finished
    its request head nor took its answer in time; `broken` ones were left by the caller; `guarded` holds the errors that
    would have ended the process, by type; `pauses` counts the times that the machine had no room for a connection.
    """

    open: int
    accepted: int
    refused: int
    overdue: int
    broken: int
    pauses: int
    guarded: Mapping[str, int]


class Tally:
    """Where a listener counts; the one mutable thing that it shares with whoever reads its statistics."""

    def __init__(self) -> None:
        self.open = 0
        self.accepted = 0
        self.refused = 0
        self.overdue = 0
        self.broken = 0
        self.pauses = 0
        self.guarded: Counter[str] = Counter()

    def statistics(self) -> ListenerStatistics:
        """Give the counts as they stand now."""
        return ListenerStatistics(
            open=self.open,
            accepted=self.accepted,
            refused=self.refused,
            overdue=self.overdue,
            broken=self.broken,
            pauses=self.pauses,
            guarded=dict(self.guarded),
        )
