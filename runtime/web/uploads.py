"""The places of uploads: so many arrive and are stored at once, whoever comes then is refused before a byte is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from runtime.errors import Unavailable
from runtime.observe.metrics import Metrics

SETTING = "flow.uploads_at_once"
LATER = 5.0  # seconds: an upload takes longer than a call, so there is no use in asking again at once


class UploadBounds(Struct, frozen=True, kw_only=True):
    """How many uploads run at once, and how many parts one may have."""

    at_once: int = 16
    parts: int = 64


class Uploads:
    """The uploads of one door."""

    def __init__(self, bounds: UploadBounds, metrics: Metrics) -> None:
        self.bounds = bounds
        self._running = metrics.uploads
        self._met_limit = metrics.limit_reached.of(SETTING)
        self._count = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place while the block runs.

        Raises:
            Unavailable: all are taken.
        """
        if self._count >= self.bounds.at_once:
            self._met_limit.inc()
            message = f"{self.bounds.at_once} uploads run already; try again in a moment."
            raise Unavailable("flow.uploads-full", message, retry_after=LATER, hint=f"setting {SETTING}")
        self._count += 1
        self._running.inc()
        try:
            yield
        finally:
            self._count -= 1
            self._running.dec()
