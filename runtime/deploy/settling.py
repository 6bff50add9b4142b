"""Whether a source is at rest: nothing in it has changed its name, size or times for a while.

There is no event for the end of a copy, so a bundle is read only after quiet time; and one that has gone is believed to
be gone only then, because a rename is seen as a going and a coming.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from runtime.deploy.look import Fingerprint

GONE = 2  # quiet times until a going is believed: a rename may be seen in two looks, and the heir must rest before


class _State(Struct, frozen=True):
    fingerprint: Fingerprint | None
    since: float


class Settling:
    """What each look saw, and since when. `quiet` is in seconds; times are on any clock that does not go back."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._states: dict[str, _State] = {}

    def note(self, looked: Mapping[str, Fingerprint], now: float) -> None:
        """Take a look in."""
        gone = [source for source in self._states if source not in looked]
        for source, fingerprint in (*looked.items(), *((source, None) for source in gone)):
            state = self._states.get(source)
            if state is None or state.fingerprint != fingerprint:
                self._states[source] = _State(fingerprint, now)

    def at_rest(self, now: float) -> dict[str, Fingerprint]:
        """Give the sources that can be read."""
        return {
            source: state.fingerprint
            for source, state in self._states.items()
            if state.fingerprint is not None and now >= self._rests_at(state)
        }

    def restless(self, now: float) -> set[str]:
        """Give the sources that are there and still change."""
        return {source for source, state in self._moving(now) if state.fingerprint is not None}

    def going(self, now: float) -> set[str]:
        """Give the sources that have gone, but are not believed to be gone."""
        return {source for source, state in self._moving(now) if state.fingerprint is None}

    def next_rest(self, now: float) -> float:
        """Give when the next source comes to rest if nothing changes; infinity when all rest."""
        return min((self._rests_at(state) for _, state in self._moving(now)), default=float("inf"))

    def forget_gone(self, now: float) -> None:
        """Forget the sources that have gone for good."""
        for source in [source for source, state in self._states.items() if state.fingerprint is None]:
            if now >= self._rests_at(self._states[source]):
                del self._states[source]

    def _moving(self, now: float) -> list[tuple[str, _State]]:
        return [(source, state) for source, state in self._states.items() if now < self._rests_at(state)]

    def _rests_at(self, state: _State) -> float:
        return state.since + self._quiet * (1 if state.fingerprint is not None else GONE)
