"""``Math``."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from decimal import Decimal

from runtime.groovy.support.number_methods import abs_, max_, min_, round_
from runtime.groovy.support.values import Long, Value


def _larger(left: Value, right: Value, choose: Callable[[Value, Value], Value]) -> Value:
    """Give the larger or smaller of two numbers, as wide as both: Java has no such method of a BigDecimal."""
    chosen = choose(left, right)
    if any(isinstance(one, float | Decimal) for one in (left, right)):
        return float(chosen)
    return Long(chosen) if any(isinstance(one, Long) for one in (left, right)) else chosen


MATH: dict[str, Value] = {
    "abs": abs_,
    "max": lambda left, right: _larger(left, right, max_),
    "min": lambda left, right: _larger(left, right, min_),
    "round": lambda value: round_(float(value)),
    "ceil": lambda value: float(math.ceil(value)),
    "floor": lambda value: float(math.floor(value)),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else math.nan,
    "pow": lambda base, exponent: float(base) ** float(exponent),
    "log10": math.log10,
    "log": math.log,
    "exp": math.exp,
    "signum": lambda value: math.copysign(1.0, value) if value else 0.0,
    "random": random.random,
    "floorMod": lambda value, by: type(value)(int(value) % int(by)),
    "floorDiv": lambda value, by: type(value)(int(value) // int(by)),
    "cbrt": lambda value: math.copysign(abs(float(value)) ** (1 / 3), value),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "atan2": math.atan2,
    "toRadians": math.radians,
    "toDegrees": math.degrees,
    "hypot": math.hypot,
    "PI": math.pi,
    "E": math.e,
}
