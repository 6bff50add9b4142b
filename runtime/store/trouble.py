"""What is wrong with the disk, from the write that failed to the write that succeeds again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runtime.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW = 5.0  # seconds: a disk that takes longer for one sync is no disk to promise anything by


class Trouble:
    """Keeps what went wrong, for each part of a store; an attribute is set at once, so threads may tell, too."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._writing: dict[object, tuple[str, float]] = {}

    @property
    def reason(self) -> str | None:
        """What is wrong, for a person, or None."""
        for reason in [*self._reasons.values()]:
            return reason
        for part, since in [*self._writing.values()]:
            if (seconds := time.monotonic() - since) > SLOW:
                return f"the {part} has been writing for {seconds:.0f} s"
        return None

    def failed(self, part: str, reason: str) -> None:
        """Note that a write of this part has failed."""
        self._reasons[part] = reason

    def well(self, part: str) -> None:
        """Note that a write of this part has succeeded."""
        self._reasons.pop(part, None)

    @contextmanager
    def watched(self, part: str) -> Iterator[None]:
        """Note what comes of the write in the block."""
        try:
            yield
        except StoreError as error:
            if error.code == "store.disk":
                self.failed(part, error.message)
            raise
        else:
            self.well(part)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Note how long the write in the block takes, while it does."""
        write = object()  # several may be under way in one part
        self._writing[write] = (part, time.monotonic())
        try:
            yield
        finally:
            del self._writing[write]
