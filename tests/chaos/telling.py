"""How a long run goes on, for whoever waits for it."""

from __future__ import annotations

import sys
import time


def progress(line: str) -> None:
    """Tell a line with the time of day, beside the figures that are the run's output."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)
