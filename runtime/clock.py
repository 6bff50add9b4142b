"""Time as a dependency: wall time for what is written down, trio's clock for what is waited for.

Tests pass a clock of their own, so that no test depends on the machine's time.
"""

from __future__ import annotations

import time
from typing import Protocol

SECONDS = 1.0
MINUTES = 60 * SECONDS
HOURS = 60 * MINUTES
DAYS = 24 * HOURS


class Clock(Protocol):
    """Tells the wall time in seconds since the epoch (UTC)."""

    def now(self) -> float:
        """Give the wall time, in seconds since the epoch."""
        ...


class SystemClock:
    """The machine's own wall clock."""

    def now(self) -> float:
        """Give the wall time, in seconds since the epoch."""
        return time.time()
