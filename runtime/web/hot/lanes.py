"""What answers heads that come again, on whichever connection they come.

A caller's connections are mostly a proxy's, and carry the heads of many people in turn: to read one anew costs more
than to answer its request. Heads hold credentials, so what is not used is forgotten soon.
"""

from __future__ import annotations

from msgspec import Struct

from runtime.clock import SECONDS
from runtime.web.front import Lane
from runtime.web.hot.parsing import BLANK_LINE, Head

MOST = 1_000  # heads used lately, and as many before: at 4 KiB for a head and what is made of it, 8 MB
SOON = 30 * SECONDS  # without a use, after which a head is among the old, and after which those are forgotten


class HeadLane(Struct, frozen=True):
    """What answers requests of which all but the body is known: `raw` as it comes, `size` with the body, in bytes."""

    raw: bytes
    size: int
    head: Head
    answer: Lane


class Lanes:
    """The lanes of one listener, by the address of their callers and by their heads.

    Only requests that have passed the gate make one, so that nobody else can crowd out what callers use.
    """

    def __init__(self) -> None:
        self._young: dict[tuple[str | None, bytes], HeadLane] = {}
        self._old: dict[tuple[str | None, bytes], HeadLane] = {}
        self._turned = 0.0

    def find(self, client: str | None, data: bytes, now: float) -> HeadLane | None:
        """Give what answers the request that begins `data`, at `now` on trio's clock; None for a head not known."""
        self.turn(now)
        end = data.find(BLANK_LINE) + len(BLANK_LINE)
        if end < len(BLANK_LINE):
            return None
        key = (client, data[:end])
        lane = self._young.get(key)
        if lane is None and (lane := self._old.pop(key, None)) is not None:
            self._young[key] = lane
        return lane

    def keep(self, client: str | None, lane: HeadLane, now: float) -> None:
        """Note what answers the next requests of a caller that come with a head; `now` is on trio's clock."""
        self._young[client, lane.raw] = lane
        self.turn(now)

    def turn(self, now: float) -> None:
        """Forget what has not been used for long: done with each head that is not its connection's last one again."""
        if now - self._turned > SOON or len(self._young) > MOST:
            self._turned = now
            self._old, self._young = self._young, {}
