"""In which order hosts get their callbacks: in turn, so that many to one do not come before the few to others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

Due = tuple[float, int]
"""When a callback is due, and its number among those of the same time."""


def in_turn(waiting: Mapping[str, Sequence[T]], under_way: Mapping[str, int], due: Callable[[T], Due]) -> list[T]:
    """Put callbacks of several hosts in one order: who has the fewest under way is served first.

    Args:
        waiting: those of each host, oldest due first.
        under_way: how many are being sent to a host; a host that is missing has none.
        due: the time of one. Of hosts that have equally many under way the oldest goes first.
    """
    ranked = [
        (under_way.get(host, 0) + place, due(one), one)
        for host, many in waiting.items()
        for place, one in enumerate(many)
    ]
    ranked.sort(key=lambda each: each[:2])
    return [one for _, _, one in ranked]
