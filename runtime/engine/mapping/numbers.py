"""Number functions, in exact decimals (platform behaviour 90).

A function of single numbers gives nothing when one of its inputs is empty; `sum` and `count` pass empty ones over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, Inexact, InvalidOperation, Overflow
from functools import reduce
from types import MappingProxyType

from runtime.engine.mapping.inputs import EXACT, MAX_DIGITS, WIDE, Compute, Options, is_empty, number_in, whole_option
from runtime.engine.mapping.number_masks import compile_number_mask
from runtime.errors import DocumentFault
from runtime.expressions.json_values import plain

DIVIDE_PLACES = 10  # the platform divides to 10 places, half up
MAX_PLACES = 1_000

Numeric = Callable[[Sequence[Decimal]], Decimal | str]


def _of_numbers(compute: Numeric) -> Compute:
    def run(inputs: Sequence[object]) -> object:
        if any(is_empty(one) for one in inputs):
            return None
        return _within_limits(compute, [number_in(one) for one in inputs])

    return run


def _within_limits(compute: Numeric, numbers: Sequence[Decimal]) -> object:
    try:
        result = compute(numbers)
    except (Inexact, Overflow, InvalidOperation) as error:
        raise DocumentFault("map.number-too-large", f"the result has more than {MAX_DIGITS} digits") from error
    return Decimal(plain(result)) if isinstance(result, Decimal) else result


def _divide(numbers: Sequence[Decimal]) -> Decimal:
    """Divide to 10 places, half up; in whole numbers, because rounding a rounded quotient would round twice."""
    dividend, divisor = numbers
    if not divisor:
        raise DocumentFault("map.divide-by-zero", "division by zero")
    size = divisor.copy_abs()
    whole, rest = WIDE.divmod(dividend.copy_abs().scaleb(DIVIDE_PLACES, WIDE), size)
    if WIDE.add(rest, rest) >= size:
        whole = WIDE.add(whole, Decimal(1))
    quotient = whole.scaleb(-DIVIDE_PLACES, WIDE).normalize(EXACT)
    return quotient.copy_negate() if quotient and (dividend < 0) != (divisor < 0) else quotient


def _round(number: Decimal, places: int, rounding: str) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=WIDE)


def _set_precision(options: Options) -> Compute:
    places = whole_option(options, "places")
    if places > MAX_PLACES:
        raise DocumentFault("map.invalid-option", f"'places' must be at most {MAX_PLACES}")
    return _of_numbers(lambda numbers: _round(numbers[0], places, ROUND_HALF_UP))


def _number_format(options: Options) -> Compute:
    write = compile_number_mask(options["mask"])
    return _of_numbers(lambda numbers: write(numbers[0]))


def _sum(inputs: Sequence[object]) -> object:
    numbers = [number_in(one) for one in inputs if not is_empty(one)]
    return _within_limits(lambda values: reduce(EXACT.add, values, Decimal(0)), numbers)


def _count(inputs: Sequence[object]) -> object:
    return sum(not is_empty(one) for one in inputs)


MAKERS: Mapping[str, Callable[[Options], Compute]] = MappingProxyType(
    {
        "add": lambda _: _of_numbers(lambda numbers: reduce(EXACT.add, numbers)),
        "subtract": lambda _: _of_numbers(lambda numbers: EXACT.subtract(numbers[0], numbers[1])),
        "multiply": lambda _: _of_numbers(lambda numbers: reduce(EXACT.multiply, numbers)),
        "divide": lambda _: _of_numbers(_divide),
        "abs": lambda _: _of_numbers(lambda numbers: numbers[0].copy_abs()),
        "ceil": lambda _: _of_numbers(lambda numbers: _round(numbers[0], 0, ROUND_CEILING)),
        "floor": lambda _: _of_numbers(lambda numbers: _round(numbers[0], 0, ROUND_FLOOR)),
        "set precision": _set_precision,
        "number format": _number_format,
        "sum": lambda _: _sum,
        "count": lambda _: _count,
    }
)
