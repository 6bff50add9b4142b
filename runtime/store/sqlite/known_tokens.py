"""Which tokens the journal may know: a filter in memory, so that a call with a new token asks no index.

It never denies a token that is there. A few that are not there are asked of the index all the same, and so is one that
the journal has forgotten since the filter was made, and every one until the journal has been read.
"""

from __future__ import annotations

from collections.abc import Iterable
from mmap import mmap
from typing import Final

_BITS = 23  # a MiB: with a million tokens, as many as a history keeps, one new one in 40 is asked of the index
_MASK = 2**_BITS - 1
_BYTES = 2**_BITS // 8


class KnownTokens:
    """A Bloom filter over tokens, with three bits of each one's hash.

    One that is `awaited` denies nothing until `complete` has brought what is to be in it, too. So does one over new
    `memory` of `SIZE` bytes, which may be shared with processes forked from this one: one notes tokens, all may ask.
    """

    SIZE: Final = _BYTES + 1  # the last one tells whether it is complete

    def __init__(
        self, tokens: Iterable[str] = (), *, awaited: bool = False, memory: bytearray | mmap | None = None
    ) -> None:
        self._bits: bytearray | mmap = bytearray(self.SIZE) if memory is None else memory
        if memory is None:
            self._bits[_BYTES] = not awaited
        for token in tokens:
            self.add(token)

    @property
    def awaited(self) -> bool:
        """Whether it still waits for what is to be in it."""
        return not self._bits[_BYTES]

    def add(self, token: str) -> None:
        """Note a token."""
        bits = self._bits
        for place in _places(token):
            bits[place >> 3] |= 1 << (place & 7)

    def complete(self, read: KnownTokens) -> None:
        """Take over what another has noted, which may have been filled in a thread; from now on tokens are denied."""
        both = int.from_bytes(self._bits[:_BYTES], "little") | int.from_bytes(read._bits[:_BYTES], "little")
        self._bits[:_BYTES] = both.to_bytes(_BYTES, "little")
        self._bits[_BYTES] = True

    def may_hold(self, token: str) -> bool:
        """Tell whether a token may have been noted; False is certain."""
        bits, number = self._bits, hash(token)
        if not bits[_BYTES]:
            return True
        place = number & _MASK
        if not bits[place >> 3] >> (place & 7) & 1:  # mostly the first bit tells
            return False
        return all(bits[place >> 3] >> (place & 7) & 1 for place in _places(token))


def _places(token: str) -> tuple[int, int, int]:
    # Python's own hash is keyed anew at each start, so nobody can choose tokens that fall on the same places; processes
    # that are forked from one have its key.
    number = hash(token)
    return number & _MASK, number >> 20 & _MASK, number >> 40 & _MASK
