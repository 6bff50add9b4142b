"""Identifiers: unique, sortable by time where people read them, and never guessed from another."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from hashlib import blake2b

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that is read as a digit
_TIME_CHARACTERS = 9  # 45 bits of milliseconds: enough until the year 3084
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)  # two characters at a time: half the steps
_LETTERS = (_ALPHABET * 8).encode()  # of each byte the last five bits, as a letter
_MANY = 64  # chance parts asked of the system at once: 832 bytes, each part is used once
_RANDOM_CHARACTERS = 13  # 65 bits: no collision in practice at any rate one machine reaches


def execution_id(now: float | None = None) -> str:
    """Give a new execution id, e.g. ``ex-01k3m8qzv-4t7x0c9w2h5rn``; ids sort by their time of creation.

    `now` is the wall clock in seconds since the epoch; the system's when left out.
    """
    stamp = _stamp(int((time.time() if now is None else now) * 1000))
    chance = os.urandom(_RANDOM_CHARACTERS).translate(_LETTERS).decode("ascii")
    return f"ex-{stamp}-{chance}"


class ExecutionIds:
    """Gives new execution ids as `execution_id` does, but asks the system for their chance parts many at a time."""

    __slots__ = ("_at", "_letters", "_milliseconds", "_stamp")

    def __init__(self) -> None:
        self._letters = ""
        self._at = 0
        self._milliseconds = -1
        self._stamp = ""

    def new(self, now: float) -> str:
        """Give a new id; `now` is the wall clock in seconds since the epoch."""
        at = self._at
        if at == len(self._letters):
            self._letters = os.urandom(_MANY * _RANDOM_CHARACTERS).translate(_LETTERS).decode("ascii")
            at = 0
        self._at = end = at + _RANDOM_CHARACTERS
        milliseconds = int(now * 1000)
        if milliseconds != self._milliseconds:
            self._milliseconds, self._stamp = milliseconds, _stamp(milliseconds)
        return f"ex-{self._stamp}-{self._letters[at:end]}"


def derived_execution_id(parent: str, name: bytes) -> str:
    """Give the id of an execution that `parent` begins under a name: the same each time, beside it in order."""
    stamp = parent.split("-")[1] if parent.count("-") > 1 else _base32(0, _TIME_CHARACTERS)
    digest = blake2b(parent.encode() + b"\0" + name, digest_size=9).digest()
    chance = int.from_bytes(digest, "big") >> (8 * len(digest) - 5 * _RANDOM_CHARACTERS)
    return f"ex-{stamp}-{_base32(chance, _RANDOM_CHARACTERS)}"


@lru_cache(maxsize=2)  # of this millisecond, and of the one that just ended
def _stamp(milliseconds: int) -> str:
    return _base32(milliseconds, _TIME_CHARACTERS)


def _base32(number: int, width: int) -> str:
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(10 * (width // 2), -1, -10)]
    return "".join(pairs)[-width:]
