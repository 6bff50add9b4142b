"""How much room a host gets among all callbacks that are under way.

A host begins with one place, gets another with each answer, and falls back to one when it is silent or fails: hosts
that hang hold a place each, where they would hold all of theirs until two rounds of time-outs had passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container


class Rooms:
    """What is under way to each host, and how much may be: `most` at a host."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.under_way: Counter[str] = Counter()
        self._earned: Counter[str] = Counter()  # places beyond the first

    def left(self, host: str) -> int:
        """Give how many more may be sent to a host now; less than none after a silence, while others are under way."""
        return min(self._most, 1 + self._earned[host]) - self.under_way[host]

    def begin(self, host: str) -> None:
        """Note that one is sent."""
        self.under_way[host] += 1

    def end(self, host: str) -> None:
        """Note that one is sent no more."""
        self.under_way[host] -= 1
        if not self.under_way[host]:
            del self.under_way[host]

    def answered(self, host: str) -> None:
        """Note that a host has answered: it works, so more may be sent to it at once."""
        self._earned[host] = min(self._most, self._earned[host] + 1)

    def failed(self, host: str) -> None:
        """Note that a host was silent, or in trouble."""
        self._earned.pop(host, None)

    def forget(self, *, but: Container[str]) -> None:
        """Forget hosts to which nothing is sent, but for some: they begin again with one place."""
        for host in [host for host in self._earned if host not in but and host not in self.under_way]:
            del self._earned[host]
