"""How BigDecimal rounds: ``RoundingMode``, the old constants of ``BigDecimal``, ``MathContext``."""

from __future__ import annotations

import decimal
from decimal import Context, Decimal

from runtime.groovy.support.errors import ArithmeticException, IllegalArgumentException
from runtime.groovy.support.numbers import MOST_DIGITS
from runtime.groovy.support.values import JavaObject, Value

# Python's modes by Java's number; None allows no rounding.
_MODES = (
    ("UP", decimal.ROUND_UP),
    ("DOWN", decimal.ROUND_DOWN),
    ("CEILING", decimal.ROUND_CEILING),
    ("FLOOR", decimal.ROUND_FLOOR),
    ("HALF_UP", decimal.ROUND_HALF_UP),
    ("HALF_DOWN", decimal.ROUND_HALF_DOWN),
    ("HALF_EVEN", decimal.ROUND_HALF_EVEN),
    ("UNNECESSARY", None),
)


class RoundingMode(JavaObject):
    """A way to round."""

    java_name = "java.math.RoundingMode"
    UP: RoundingMode
    DOWN: RoundingMode
    CEILING: RoundingMode
    FLOOR: RoundingMode
    HALF_UP: RoundingMode
    HALF_DOWN: RoundingMode
    HALF_EVEN: RoundingMode
    UNNECESSARY: RoundingMode

    def __init__(self, label: str, mode: str | None) -> None:
        self.label = label
        self.mode = mode

    @staticmethod
    def valueOf(name: str) -> RoundingMode:
        """Give the mode of that name."""
        for label, mode in _MODES:
            if label == name:
                return RoundingMode(label, mode)
        raise IllegalArgumentException(f"No enum constant java.math.RoundingMode.{name}")

    def name(self) -> str:
        """Give its name."""
        return self.label

    def toString(self) -> str:
        """Give its name."""
        return self.label


for _label, _mode in _MODES:
    setattr(RoundingMode, _label, RoundingMode(_label, _mode))


def rounding_of(mode: Value) -> str | None:
    """Give Python's way to round of a ``RoundingMode``, or of one of the numbers that Java once had for them."""
    if isinstance(mode, RoundingMode):
        return mode.mode
    if isinstance(mode, int) and 0 <= mode < len(_MODES):
        return _MODES[mode][1]
    raise IllegalArgumentException("Invalid rounding mode")


class MathContext(JavaObject):
    """So many digits, and a way to round to them."""

    java_name = "java.math.MathContext"
    DECIMAL32: MathContext
    DECIMAL64: MathContext
    DECIMAL128: MathContext

    def __init__(self, digits: int, mode: Value = 4) -> None:
        if not 0 < digits <= MOST_DIGITS:
            raise IllegalArgumentException("Digits < 0")
        self._context = Context(prec=digits, rounding=rounding_of(mode) or decimal.ROUND_HALF_UP)

    def divide(self, left: Decimal, right: Decimal) -> Decimal:
        """Divide to the digits."""
        if not right:
            raise ArithmeticException("Division by zero")
        return self._context.divide(left, right)

    def round(self, value: Decimal) -> Decimal:
        """Round to the digits."""
        return self._context.plus(value)


MathContext.DECIMAL32 = MathContext(7, 6)
MathContext.DECIMAL64 = MathContext(16, 6)
MathContext.DECIMAL128 = MathContext(34, 6)
