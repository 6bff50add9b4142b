"""What a live table tells of itself."""

from __future__ import annotations

from msgspec import Struct


class LiveStatistics(Struct, frozen=True, kw_only=True):
    """Bundles that are live; sources that are refused; versions that are open only because executions run on them.

    `deployed_at` is when the table was last swapped, in seconds since the epoch; None before that.
    """

    live: int
    refused: int
    draining: int
    deployed_at: float | None


class Round(Struct, frozen=True):
    """What came of a round: whether the table was swapped, and the sources that changed while they were read.

    `again`: another worker has seen something else, so that it is time to look again.
    """

    swapped: bool
    torn: frozenset[str] = frozenset()
    again: bool = False
