"""What each bundle may answer at which time: the truth that answers are held against."""

from __future__ import annotations

import time

from msgspec import Struct

GONE = None  # the state of a bundle that is not deployed: its requests are answered with 404

State = str | None


class _Span(Struct):
    state: State
    begun: float
    ended: float


class Truth:
    """The states that one bundle may be in. While something is done to it, it may be in the old or the new one."""

    def __init__(self) -> None:
        self._spans: list[_Span] = [_Span(GONE, 0.0, float("inf"))]

    @property
    def state(self) -> State:
        """The state that it is in, or comes to."""
        return self._spans[-1].state

    def begin(self, state: State) -> None:
        """Note that from now on it may be in another state."""
        self._spans.append(_Span(state, time.monotonic(), float("inf")))

    def confirm(self) -> None:
        """Note that it is in its newest state for certain."""
        now = time.monotonic()
        for span in self._spans[:-1]:
            span.ended = min(span.ended, now)

    def allows(self, state: State, begun: float) -> bool:
        """Tell whether a request that began then may have met this state."""
        return any(span.state == state and span.ended >= begun for span in reversed(self._spans))
