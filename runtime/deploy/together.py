"""Changing what is served in one moment with the other workers of the daemon; alone, in any moment.

What a worker is about to serve is open and ready before it asks the others, so that the change itself is an assignment.
It is made by whoever finds first that all agree: who waits here, or a call that asks for the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from runtime.deploy.look import Fingerprint


class Together(Protocol):
    """The others, as a live table knows them."""

    def serves(self, seen: Mapping[str, Fingerprint]) -> None:
        """Tell them what this worker serves by now: what it has seen in the folder, by source."""
        ...

    def agreed(self) -> bool:
        """Tell, without waiting, whether what `agree` was asked for may be served."""
        ...

    async def agree(self, seen: Mapping[str, Fingerprint], *, again: bool) -> bool:
        """Return True once all are ready for what was seen, or have been waited for long enough.

        With `again`, False where another has seen something else: then it is time to look again.
        """
        ...


class Alone:
    """There are no others."""

    def serves(self, seen: Mapping[str, Fingerprint]) -> None:
        """Tell nobody."""

    def agreed(self) -> bool:
        """Agree."""
        return True

    async def agree(self, seen: Mapping[str, Fingerprint], *, again: bool) -> bool:
        """Agree."""
        return True
