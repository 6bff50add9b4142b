"""What ends a play: a wrong question, a refusal, or nobody there."""

from __future__ import annotations

from runtime.errors import NuclideError


class Misused(NuclideError):
    """Raised when the player was asked for something that the service does not describe."""


class Refused(NuclideError):
    """Raised when the service, or the process behind it, says no or answers what no engine understands."""


class NoAnswer(NuclideError):
    """Raised when nobody answers at the service's address, or not in time."""
