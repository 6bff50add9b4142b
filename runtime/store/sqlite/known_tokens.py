"""Which tokens the journal may know: a filter in memory, so that a call with a new token asks no index.

It never denies a token that is there. A few that are not there are asked of the index all the same, and so is one that
the journal has forgotten since the filter was made.
"""

from __future__ import annotations

from collections.abc import Iterable

_BITS = 23  # a MiB: with a million tokens, as many as a history keeps, one new one in 40 is asked of the index
_MASK = 2**_BITS - 1


class KnownTokens:
    """A Bloom filter over tokens, with three bits of each one's hash."""

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._bits = bytearray(2**_BITS // 8)
        for token in tokens:
            self.add(token)

    def add(self, token: str) -> None:
        """Note a token."""
        bits = self._bits
        for place in _places(token):
            bits[place >> 3] |= 1 << (place & 7)

    def may_hold(self, token: str) -> bool:
        """Tell whether a token may have been noted; False is certain."""
        bits = self._bits
        one, two, three = _places(token)
        return bool(bits[one >> 3] >> (one & 7) & bits[two >> 3] >> (two & 7) & bits[three >> 3] >> (three & 7) & 1)


def _places(token: str) -> tuple[int, int, int]:
    # Python's own hash is keyed anew in each process, so nobody can choose tokens that fall on the same places.
    number = hash(token)
    return number & _MASK, number >> 20 & _MASK, number >> 40 & _MASK
