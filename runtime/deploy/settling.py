"""Whether a source is at rest: nothing in it has changed its name, size or times for a while.

There is no event for the end of a copy, so a bundle is read only after quiet time. A rename is seen as a going and a
coming, so a going is believed later, and later still while something new is being written: it may be the heir.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from msgspec import Struct

from runtime.deploy.look import Fingerprint

GONE = 2  # quiet times until a going is believed: a rename may be seen in two looks, and the heir must rest before
GONE_AT_MOST = 20  # quiet times, while something new is being written: something always is, on some machines


class _State(Struct, frozen=True):
    """`is_new` until it has been read once."""

    fingerprint: Fingerprint | None
    since: float
    is_new: bool


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
                self._states[source] = _State(fingerprint, now, state is None or state.is_new)

    def at_rest(self, now: float) -> dict[str, Fingerprint]:
        """Give the sources that can be read."""
        return {
            source: state.fingerprint
            for source, state in self._states.items()
            if state.fingerprint is not None and now >= self._rests_at(state)
        }

    def taken(self, sources: Collection[str], *, torn: Collection[str], now: float) -> None:
        """Note that these were read, but for the `torn`, which changed meanwhile: their quiet time begins anew."""
        for source in sources:
            state = self._states[source]
            since, is_new = (now, state.is_new) if source in torn else (state.since, False)
            self._states[source] = _State(state.fingerprint, since, is_new)

    def restless(self, now: float) -> set[str]:
        """Give the sources that are there and still change."""
        return {
            source
            for source, state in self._states.items()
            if state.fingerprint is not None and now < self._rests_at(state)
        }

    def going(self, now: float) -> set[str]:
        """Give the sources that have gone, but are not believed to be gone."""
        times = self._believed_at()
        return {source for source, state in self._states.items() if state.fingerprint is None and now < times(state)}

    def next_rest(self, now: float) -> float:
        """Give when the next source comes to rest after `now`, if nothing changes; infinity when all rest.

        Ask for the time of the last look: what has come to rest since then is due, and would be missed otherwise.
        """
        gone_at = self._believed_at()
        times = (
            self._rests_at(state) if state.fingerprint is not None else gone_at(state)
            for state in self._states.values()
        )
        return min((time for time in times if now < time), default=float("inf"))

    def forget_gone(self, now: float) -> None:
        """Forget the sources that have gone for good."""
        going = self.going(now)
        self._states = {
            source: state for source, state in self._states.items() if state.fingerprint is not None or source in going
        }

    def _believed_at(self) -> Callable[[_State], float]:
        """Give when a going is believed, as things stand now."""
        coming = any(state.is_new and state.fingerprint is not None for state in self._states.values())
        wait = self._quiet * (GONE_AT_MOST if coming else GONE)
        return lambda state: state.since + wait

    def _rests_at(self, state: _State) -> float:
        return state.since + self._quiet
