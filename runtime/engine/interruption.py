"""Ways in which an execution leaves a step without an outcome; none is an error of the process."""

from __future__ import annotations


class Interruption(Exception):
    """Base of what passes through the step wrapper unchanged."""


class Suspended(Interruption):
    """Raised when the execution goes on later: it leaves memory and is a row until `due` (seconds since the epoch)."""

    def __init__(self, due: float) -> None:
        super().__init__(due)
        self.due = due


class Parked(Interruption):
    """Raised when a person must decide whether an effect happened; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Cancelled(Interruption):
    """Raised when a person has stopped the execution; `reason` is told to whoever waits for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Abandoned(Interruption):
    """Raised at a step boundary when the caller has gone and nothing was promised to it."""
