"""When a Try/Catch tries again: the platform's schedule, or a policy of the process' own (reference 1.17).

Pauses depend on nothing but where the step stands, so that an execution which goes on waits as it would have.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from msgspec import Struct

from runtime.engine.positions import Position
from runtime.model.shapes import RetryPolicy, TryCatchStep

PLATFORM_PAUSES = (0.0, 10.0, 30.0, 60.0, 120.0)  # seconds before retry 1..5, as the platform pauses

_FRACTIONS = 2**64


class Retries(Struct, frozen=True):
    """How often, after which pauses (seconds, by the number of the retry from 1), and what again, by its code."""

    times: int
    pause: Callable[[int, Position], float]
    again: Callable[[str], bool]

    @property
    def waits(self) -> bool:
        """Whether there may be a pause."""
        return any(self.pause(number, Position(b"", "", 0)) > 0 for number in range(1, self.times + 1))


def retries_of(shape: TryCatchStep) -> Retries:
    """Give the retries of a Try/Catch."""
    policy = shape.policy
    if policy is None:
        return Retries(shape.retries, lambda number, _at: PLATFORM_PAUSES[number - 1], lambda _code: True)
    return Retries(
        policy.times,
        lambda number, at: pause(policy, number, at),
        lambda code: not policy.only or code.startswith(policy.only),
    )


def pause(policy: RetryPolicy, number: int, at: Position) -> float:
    """Give the seconds before the retry `number`, from 1."""
    whole = min(policy.wait * policy.factor ** min(number - 1, 64), policy.longest)
    return whole * (1 - policy.jitter * _fraction(f"{at.scope.hex()} {at.step} {at.visit} {number}"))


def _fraction(name: str) -> float:
    """Give a number from 0 to below 1 that a name alone decides."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") / _FRACTIONS
