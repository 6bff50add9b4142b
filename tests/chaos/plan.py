"""What a run does, decided before it begins: the seed fixes the calls, the faults and the moments of them."""

from __future__ import annotations

import random
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Fault = Literal[
    "none",
    "kill",
    "worker",
    "stop",
    "terminate",
    "power forgotten",
    "power torn",
    "disk fail",
    "disk full",
    "disk read-only",
    "disk slow",
    "disk no-sync",
    "flow away",
    "flow busy",
    "flow failing",
    "flow silent",
    "flow cutting",
    "backend slow",
    "backend cutting",
    "backend refusing",
    "clock",
]

WEIGHTS: dict[Fault, int] = {
    "none": 1,
    "kill": 6,
    "stop": 2,
    "terminate": 4,
    "power forgotten": 5,
    "power torn": 5,
    "disk fail": 3,
    "disk full": 3,
    "disk read-only": 2,
    "disk slow": 2,
    "disk no-sync": 3,
    "flow away": 2,
    "flow busy": 2,
    "flow failing": 2,
    "flow silent": 2,
    "flow cutting": 3,
    "backend slow": 1,
    "backend cutting": 3,
    "backend refusing": 2,
    "clock": 3,
}
ALONE = 0.75  # of the kills, where there are several workers
ACTIONS = ("Keyed", "Once", "Light", "Many", "Retried")
SPREAD = 1.0  # seconds in which the calls of a round begin
LONGEST = 1.8  # seconds into a round at which its fault strikes: calls are handed over after one second
LASTS = (0.2, 2.0)  # seconds of a fault that passes
JUMPS = (-3_600.0, -90.0, 90.0, 3_600.0)  # seconds by which the wall clock goes wrong
WAITS = (0.0, 0.4, 0.9, 1.0, 1.1, 2.5, 4.0)  # seconds that a process waits: before, at and after its Sync Timeout


class CallPlan(Struct, frozen=True):
    """A call: its action, when it begins in the round, how long it waits, whether its caller repeats it."""

    action: str
    begins: float
    seconds: float
    size: int
    repeats: bool


class Round(Struct, frozen=True):
    """Some calls, and a fault that strikes `at` seconds into the round and passes after `lasts`."""

    calls: tuple[CallPlan, ...]
    fault: Fault
    at: float
    lasts: float
    jump: float
    seed: int


def plan(rounds: int, seed: int, calls: int, workers: int = 1) -> list[Round]:
    """Give the rounds of a run: the same for the same seed. Of several workers mostly one is killed, and no more."""
    chance, who = random.Random(seed), random.Random(f"{seed} workers")
    made = [_round(chance, calls) for _ in range(rounds)]
    if workers == 1:
        return made
    return [
        replace(each, fault="worker") if each.fault in {"kill", "none"} and who.random() < ALONE else each
        for each in made
    ]


def _round(chance: random.Random, calls: int) -> Round:
    (fault,) = chance.choices([*WEIGHTS], [*WEIGHTS.values()])
    return Round(
        calls=tuple(_call(chance) for _ in range(chance.randint(1, calls))),
        fault=fault,
        at=chance.uniform(0, LONGEST),
        lasts=chance.uniform(*LASTS),
        jump=chance.choice(JUMPS),
        seed=chance.randrange(2**32),
    )


def _call(chance: random.Random) -> CallPlan:
    return CallPlan(
        action=chance.choice(ACTIONS),
        begins=chance.uniform(0, SPREAD),
        seconds=chance.choice(WAITS),
        size=chance.choice([10, 10, 1_500]),
        repeats=chance.random() < 0.5,
    )
