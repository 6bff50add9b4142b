"""Listeners: processes that begin because they are called. Which of them rest, and when each was called last.

A call of a paused listener is refused before anything of it begins; what was accepted goes on, and a repeated token
still joins its execution (reference 3.8: paused survives restarts, work that runs is not touched).
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from runtime.errors import Unavailable

PAUSED = "executions.listener-paused"
AGAIN = 30.0  # seconds after which a refused caller may ask again: a person has paused it, and takes minutes


class Pause(Struct, frozen=True, kw_only=True):
    """That a listener rests: since when (seconds since the epoch), by whom, and why if that was said."""

    since: float
    by: str
    reason: str = ""


class Heard(Struct):
    """The calls of one listener since the daemon began: how many, how many of them refused, when the last came."""

    calls: int = 0
    refused: int = 0
    last: float = 0.0


class Listeners:
    """The listeners of a daemon by bundle and process. `paused` is changed by whoever also writes it down.

    `troubles` says of those that look for their work themselves why they cannot do so now.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.paused: dict[tuple[str, str], Pause] = {}
        self.troubles: dict[tuple[str, str], str] = {}
        self._heard: dict[tuple[str, str], Heard] = {}
        self._now = now

    def call(self, bundle: str, process: str) -> None:
        """Note a call of a listener.

        Raises:
            Unavailable: it is paused.
        """
        heard = self.hearing(bundle, process)
        heard.calls += 1
        heard.last = self._now()
        if (bundle, process) in self.paused:
            heard.refused += 1
            raise Unavailable(PAUSED, f"The listener of '{process}' is paused by its operator.", retry_after=AGAIN)

    def hearing(self, bundle: str, process: str) -> Heard:
        """Give where the calls of a listener are noted, by whoever looks himself whether it is paused."""
        key = (bundle, process)
        heard = self._heard.get(key)
        if heard is None:
            heard = self._heard[key] = Heard()
        return heard

    def heard(self, bundle: str, process: str) -> Heard | None:
        """Give what has come for a listener; None before its first call."""
        heard = self._heard.get((bundle, process))
        return heard if heard is not None and heard.calls else None
