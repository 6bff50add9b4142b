"""How often an address may be wrong: a bucket for each, which fills with failures and drains with time."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

MOST_ADDRESSES = 10_000  # remembered; beyond it those that have drained most are forgotten


class Bucket(Struct, frozen=True):
    """How full a bucket was at a time, in failures and seconds."""

    level: float
    at: float


class Misses(Protocol):
    """Who counts failures by address; `now` is trio's clock."""

    def wait(self, address: str, now: float) -> float:
        """Give how many seconds an address has to wait before it may try again; 0 when it may now."""
        ...

    def note(self, address: str, now: float) -> None:
        """Note a failure."""
        ...


class Failures:
    """Counts failures by address. `burst` are allowed at once, then one each ``60 / per_minute`` seconds."""

    def __init__(self, per_minute: float, burst: int) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._buckets: dict[str, Bucket] = {}

    def wait(self, address: str, now: float) -> float:
        """Give how many seconds an address has to wait before it may try again; 0 when it may now."""
        excess = self._level(address, now) - (self._burst - 1)
        return max(0.0, excess / self._rate)

    def note(self, address: str, now: float) -> None:
        """Note a failure."""
        level = self._level(address, now) + 1
        self._buckets[address] = Bucket(min(level, self._burst + 1), now)
        if len(self._buckets) > MOST_ADDRESSES:
            self._forget(now)

    def _level(self, address: str, now: float) -> float:
        bucket = self._buckets.get(address)
        return 0.0 if bucket is None else max(0.0, bucket.level - (now - bucket.at) * self._rate)

    def _forget(self, now: float) -> None:
        ordered = sorted(self._buckets, key=lambda address: self._level(address, now))
        for address in ordered[: MOST_ADDRESSES // 2]:
            del self._buckets[address]
