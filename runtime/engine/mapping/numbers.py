"""Number functions, in exact decimals (platform behaviour 90).

A function of single numbers gives nothing when one of its inputs is empty; `sum` and `count` pass empty ones over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, Inexact, InvalidOperation, Overflow
from functools import reduce
from types import MappingProxyType

from runtime.engine.mapping.inputs import (
    EXACT,
    MAX_DIGITS,
    WIDE,
    Compute,
    Options,
    is_empty,
    is_usual,
    number_in,
    whole_option,
)
from runtime.engine.mapping.number_masks import compile_number_mask
from runtime.errors import DocumentFault
from runtime.expressions.json_values import plain

DIVIDE_PLACES = 10  # the platform divides to 10 places, half up
MAX_PLACES = 1_000

Numeric = Callable[[Sequence[Decimal]], Decimal | str]


def _divide(numbers: Sequence[Decimal]) -> Decimal:
    """Divide to 10 places, half up; in whole numbers, because rounding a rounded quotient would round twice."""
    dividend, divisor = numbers
    if not divisor:
        raise DocumentFault("map.divide-by-zero", "Division by zero")
    size = divisor.copy_abs()
    whole, rest = WIDE.divmod(dividend.copy_abs().scaleb(DIVIDE_PLACES, WIDE), size)
    if WIDE.add(rest, rest) >= size:
        whole = WIDE.add(whole, Decimal(1))
    quotient = whole.scaleb(-DIVIDE_PLACES, WIDE).normalize(EXACT)
    return quotient.copy_negate() if quotient and (dividend < 0) != (divisor < 0) else quotient


# Functions of exact numbers, shared by native maps and those of the platform.
NUMERIC: Mapping[str, Numeric] = MappingProxyType(
    {
        "add": lambda numbers: reduce(EXACT.add, numbers),
        "subtract": lambda numbers: EXACT.subtract(numbers[0], numbers[1]),
        "multiply": lambda numbers: reduce(EXACT.multiply, numbers),
        "divide": _divide,
        "abs": lambda numbers: numbers[0].copy_abs(),
        "ceil": lambda numbers: _round(numbers[0], 0, ROUND_CEILING),
        "floor": lambda numbers: _round(numbers[0], 0, ROUND_FLOOR),
    }
)


def _of_numbers(compute: Numeric) -> Compute:
    def run(inputs: Sequence[object]) -> object:
        for one in inputs:
            if is_empty(one):
                return None
        return within_limits(compute, [number_in(one) for one in inputs])

    return run


def within_limits(compute: Numeric, numbers: Sequence[Decimal]) -> Decimal | str:
    """Compute, without an exponent in the result.

    Raises:
        DocumentFault: ``map.number-too-large``, or what `compute` raises.
    """
    try:
        result = compute(numbers)
    except (Inexact, Overflow, InvalidOperation) as error:
        raise DocumentFault("map.number-too-large", f"the result has more than {MAX_DIGITS} digits") from error
    if not isinstance(result, Decimal):
        return result
    number = _unsigned_zero(result)
    return number if "E" not in str(number) else Decimal(plain(number))


def _round(number: Decimal, places: int, rounding: str) -> Decimal:
    return _unsigned_zero(number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=WIDE))


def _unsigned_zero(number: Decimal) -> Decimal:
    """Give a number without the sign of a zero, which Java's decimals do not have."""
    return number or number.copy_abs()


def set_precision(number: Decimal, places: int) -> Decimal:
    """Round half up to so many places, and pad with zeros up to there.

    Raises:
        DocumentFault: ``map.invalid-option``: more than `MAX_PLACES`.
    """
    if places > MAX_PLACES:
        raise DocumentFault("map.invalid-option", f"'places' must be at most {MAX_PLACES}")
    return _round(number, places, ROUND_HALF_UP)


def _set_precision(options: Options) -> Compute:
    places = whole_option(options, "places")
    set_precision(Decimal(0), places)
    return _of_numbers(lambda numbers: set_precision(numbers[0], places))


def _number_format(options: Options) -> Compute:
    write = compile_number_mask(options["mask"])
    return _of_numbers(lambda numbers: write(numbers[0]))


def _of_two(fold: Callable[[Decimal | int, Decimal | int], Decimal], compute: Numeric) -> Compute:
    """Give what folds two usual numbers at once, and leaves all else to what computes any."""
    general = _of_numbers(compute)

    def run(inputs: Sequence[object]) -> object:
        if len(inputs) == 2:  # noqa: PLR2004 - a pair
            first, second = inputs
            if is_usual(first) and is_usual(second):
                result = fold(first, second)
                if result and "E" not in str(result):
                    return result
        return general(inputs)

    return run


def _sum(inputs: Sequence[object]) -> object:
    total = Decimal(0)
    for one in inputs:
        if not is_usual(one):
            return _sum_of_any(inputs)
        total = EXACT.add(total, one)
    return total if total and "E" not in str(total) else _sum_of_any(inputs)


def _sum_of_any(inputs: Sequence[object]) -> object:
    numbers = [number_in(one) for one in inputs if not is_empty(one)]
    return within_limits(lambda values: reduce(EXACT.add, values, Decimal(0)), numbers)


def _count(inputs: Sequence[object]) -> object:
    return sum(not is_empty(one) for one in inputs)


def _maker(compute: Compute) -> Callable[[Options], Compute]:
    return lambda _: compute


MAKERS: Mapping[str, Callable[[Options], Compute]] = MappingProxyType(
    {
        **{name: _maker(_of_numbers(compute)) for name, compute in NUMERIC.items()},
        "add": _maker(_of_two(EXACT.add, NUMERIC["add"])),
        "subtract": _maker(_of_two(EXACT.subtract, NUMERIC["subtract"])),
        "multiply": _maker(_of_two(EXACT.multiply, NUMERIC["multiply"])),
        "set precision": _set_precision,
        "number format": _number_format,
        "sum": lambda _: _sum,
        "count": lambda _: _count,
    }
)
