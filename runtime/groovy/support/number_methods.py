"""The methods of numbers."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from runtime.groovy.support import numbers
from runtime.groovy.support.closures import Function, call
from runtime.groovy.support.errors import ArithmeticException, IllegalArgumentException
from runtime.groovy.support.operators import compare
from runtime.groovy.support.rounding import MathContext, rounding_of
from runtime.groovy.support.tables import Table
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import INT_BITS, LONG_BITS, BigInteger, Long, Value, wrap

NUMBER = Table()
method = NUMBER.method
called = NUMBER.called


def _whole(value: Value) -> int:
    if isinstance(value, float) and not math.isfinite(value):
        return 0 if math.isnan(value) else int(math.copysign(2**63 - 1, value))
    return int(value)


@called("intValue", "toInteger")
def int_value(value: Value) -> int:
    return wrap(_whole(value), INT_BITS)


@called("longValue", "toLong")
def long_value(value: Value) -> Long:
    return Long(wrap(_whole(value), LONG_BITS))


@called("doubleValue", "toDouble", "floatValue", "toFloat")
def double_value(value: Value) -> float:
    return float(value)


@called("toBigDecimal")
def to_big_decimal(value: Value) -> Decimal:
    return numbers.as_decimal(value)


@called("toBigInteger")
def to_big_integer(value: Value) -> BigInteger:
    return BigInteger(_whole(value))


@called("toString")
def to_string(value: Value, radix: int = 10) -> str:
    from runtime.groovy.support.statics import whole_text

    return text_of(value) if radix == 10 else whole_text(value, radix)  # noqa: PLR2004


@called("equals")
def equals(value: Value, other: Value) -> bool:
    """Java's own: another class, or another scale of a BigDecimal, is not equal."""
    if isinstance(value, Decimal) and isinstance(other, Decimal):
        return value == other and numbers.scale_of(value) == numbers.scale_of(other)
    return type(value) is type(other) and bool(value == other)


@called("compareTo")
def compare_to(value: Value, other: Value) -> int:
    return compare(value, other)


@called("abs")
def abs_(value: Value) -> Value:
    return value if value >= 0 else numbers.negate(value)


@called("negate")
def negate(value: Value) -> Value:
    return numbers.negate(value)


@called("signum")
def signum(value: Value) -> int:
    return int(value > 0) - int(value < 0)


@called("add", "plus")
def add(value: Value, other: Value) -> Value:
    return numbers.compute("+", value, other)


@called("subtract", "minus")
def subtract(value: Value, other: Value) -> Value:
    return numbers.compute("-", value, other)


@called("multiply")
def multiply(value: Value, other: Value) -> Value:
    return numbers.compute("*", value, other)


@called("intdiv")
def intdiv(value: Value, other: Value) -> Value:
    return numbers.int_divide(value, other)


@called("mod", "remainder")
def mod(value: Value, other: Value) -> Value:
    return numbers.remainder(value, other)


@called("div")
def div(value: Value, other: Value) -> Value:
    return numbers.divide(value, other)


@called("divide")
def divide(value: Value, other: Value, how: Value = None, rounding: Value = None) -> Value:
    """``BigDecimal.divide``: exact, or to a scale, or to the digits of a context."""
    if isinstance(value, BigInteger):
        return numbers.int_divide(value, other)
    left, right = numbers.as_decimal(value), numbers.as_decimal(other)
    if not right:
        raise ArithmeticException("/ by zero")
    if how is None:
        quotient = numbers.divide_decimals(left, right)
        if numbers.EXACT.multiply(quotient, right) != left:
            raise ArithmeticException("Non-terminating decimal expansion; no exact representable decimal result.")
        return quotient
    if isinstance(how, MathContext):
        return how.divide(left, right)
    if rounding is None:  # one argument more is the rounding, to the places of the dividend
        return _divide_to(left, right, numbers.scale_of(left), rounding_of(how))
    return _divide_to(left, right, int(how), rounding_of(rounding))


def _divide_to(left: Decimal, right: Decimal, scale: int, rounding: str | None) -> Decimal:
    """Divide to so many places: exactly by whole numbers, then round once."""
    shift = scale + numbers.scale_of(right) - numbers.scale_of(left)
    a = int(left.scaleb(numbers.scale_of(left)))
    b = int(right.scaleb(numbers.scale_of(right)))
    a, b = (a * 10**shift, b) if shift >= 0 else (a, b * 10**-shift)
    quotient, rest = divmod(abs(a), abs(b))
    # one more digit and a sticky one are all that rounding needs
    tenth, left_over = divmod(rest * 10, abs(b))
    digits = quotient * 100 + tenth * 10 + (1 if left_over else 0)
    sign = 1 if (a < 0) != (b < 0) else 0
    exact = Decimal((sign, tuple(map(int, str(digits))), -scale - 2))
    return numbers.set_scale(exact, scale, rounding)


@called("setScale")
def set_scale(value: Value, scale: int, rounding: Value = None) -> Decimal:
    return numbers.set_scale(numbers.as_decimal(value), scale, None if rounding is None else rounding_of(rounding))


@called("round")
def round_(value: Value, places: Value = None) -> Value:
    if isinstance(places, MathContext):
        return places.round(numbers.as_decimal(value))
    if places is None:
        if isinstance(value, float):
            return Long(wrap(math.floor(value + 0.5), LONG_BITS)) if math.isfinite(value) else Long(_whole(value))
        return numbers.set_scale(numbers.as_decimal(value), 0, ROUND_HALF_UP)
    if isinstance(value, float):
        factor = 10.0**places
        return math.floor(value * factor + 0.5) / factor
    return numbers.set_scale(numbers.as_decimal(value), places, ROUND_HALF_UP)


@called("scale")
def scale_(value: Value) -> int:
    return numbers.scale_of(numbers.as_decimal(value))


@called("precision")
def precision(value: Value) -> int:
    return len(numbers.as_decimal(value).as_tuple().digits)


@called("stripTrailingZeros")
def strip_trailing_zeros(value: Value) -> Decimal:
    exact = numbers.as_decimal(value)
    if not exact:
        return Decimal(0)
    sign, digits, _ = exact.as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    return Decimal((sign, tuple(map(int, kept)), len(digits) - len(kept) - numbers.scale_of(exact)))


@called("toPlainString")
def to_plain_string(value: Value) -> str:
    return format(numbers.as_decimal(value), "f")


@called("pow", "power")
def power(value: Value, other: Value) -> Value:
    return numbers.power(value, other)


@called("max")
def max_(value: Value, other: Value) -> Value:
    return value if compare(value, other) >= 0 else other


@called("min")
def min_(value: Value, other: Value) -> Value:
    return value if compare(value, other) <= 0 else other


@called("isNaN")
def is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


@called("isInfinite")
def is_infinite(value: Value) -> bool:
    return isinstance(value, float) and math.isinf(value)


@called("times")
def times(value: int, function: Function) -> None:
    for index in range(value):
        call(function, index)


@called("upto")
def upto(value: int, end: int, function: Function) -> None:
    if end < value:
        raise IllegalArgumentException(f"The argument ({end}) to upto() cannot be less than the value ({value})")
    for index in range(value, end + 1):
        call(function, index)


@called("downto")
def downto(value: int, end: int, function: Function) -> None:
    if end > value:
        raise IllegalArgumentException(f"The argument ({end}) to downto() cannot be greater than the value ({value})")
    for index in range(value, end - 1, -1):
        call(function, index)


@called("step")
def step(value: int, end: int, by: int, function: Function) -> None:
    for index in range(value, end, by):
        call(function, index)
