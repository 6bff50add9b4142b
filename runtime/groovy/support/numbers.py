"""Numbers as Java computes them: whole numbers of 32 and 64 bits that overflow, exact decimals, binary fractions."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Final

from runtime.groovy.support.errors import ArithmeticException, NumberFormatException
from runtime.groovy.support.values import INT_BITS, LONG_BITS, BigInteger, Char, Long, Value, wrap

MOST_DIGITS = 10_000  # digits of an exact decimal: what is longer is a mistake, and would take memory without bound
MOST_BITS = 100_000  # bits of a whole number, for the same reason
_EXTRA_DIGITS = 10  # Groovy: digits of an endless quotient beyond those of its operands
_LEAST_PLACES = 10  # Groovy: places of an endless quotient

EXACT: Final = Context(
    prec=MOST_DIGITS, Emin=-MOST_DIGITS, Emax=MOST_DIGITS, traps=[Inexact, InvalidOperation, Overflow]
)


def number_of(value: Value) -> Value:
    """Give an operand as a number: a character is its code."""
    return ord(value) if isinstance(value, Char) else value


def as_decimal(value: Value) -> Decimal:
    """Give a number as a BigDecimal; a Double by the digits it is written with."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NumberFormatException(f"Infinite or NaN: {value}")
        return Decimal(repr(value))
    return Decimal(int(value))


def parse_decimal(text: str) -> Decimal:
    """Give the BigDecimal that a text tells, blanks not allowed.

    Raises:
        NumberFormatException: it tells none.
    """
    try:
        if not text.isascii() or "_" in text or text != text.strip():
            raise InvalidOperation
        value = Decimal(text)
    except InvalidOperation as error:
        raise NumberFormatException(None) from error
    if not value.is_finite():
        raise NumberFormatException(None)
    return value


def parse_whole(text: Value, bits: int = INT_BITS, radix: int = 10) -> int:
    """Give the whole number that a text tells, within so many bits.

    Raises:
        NumberFormatException: it tells none, or a larger one.
    """
    digits = "" if text is None else text.removeprefix("+").removeprefix("-")
    shown = "null" if text is None else f'For input string: "{text}"'
    try:
        if not digits or not digits[0].isalnum() or not digits.isascii() or "_" in digits or len(digits) > MOST_DIGITS:
            raise ValueError
        value = int(str(text), radix)
    except ValueError as error:
        raise NumberFormatException(shown) from error
    if value != wrap(value, bits):
        raise NumberFormatException(shown)
    return Long(value) if bits == LONG_BITS else value


def _like(left: Value, right: Value, value: int) -> int:
    """Give a result as whole as its operands: BigInteger beats Long beats Integer."""
    if isinstance(left, BigInteger) or isinstance(right, BigInteger):
        if value.bit_length() > MOST_BITS:
            raise ArithmeticException("BigInteger would overflow supported range")
        return BigInteger(value)
    if isinstance(left, Long) or isinstance(right, Long):
        return Long(wrap(value, LONG_BITS))
    return wrap(value, INT_BITS)


def compute(operator: str, left: Value, right: Value) -> Value:
    """Add, subtract or multiply two numbers."""
    if isinstance(left, float) or isinstance(right, float):
        return _float(operator, float(left), float(right))
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return _exactly(operator, as_decimal(left), as_decimal(right))
    a, b = int(left), int(right)
    return _like(left, right, a + b if operator == "+" else a - b if operator == "-" else a * b)


def _float(operator: str, left: float, right: float) -> float:
    return left + right if operator == "+" else left - right if operator == "-" else left * right


def _exactly(operator: str, left: Decimal, right: Decimal) -> Decimal:
    try:
        if operator == "+":
            return EXACT.add(left, right)
        return EXACT.subtract(left, right) if operator == "-" else EXACT.multiply(left, right)
    except (Inexact, InvalidOperation, Overflow) as error:
        raise ArithmeticException(f"a decimal has at most {MOST_DIGITS} digits") from error


def scale_of(value: Decimal) -> int:
    """Give the places behind the point; below 0 where zeros stand before it."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def divide(left: Value, right: Value) -> Value:
    """Divide as Groovy's ``/`` does: whole numbers give a BigDecimal, an endless quotient is rounded half up."""
    if isinstance(left, float) or isinstance(right, float):
        return divide_floats(float(left), float(right))
    return divide_decimals(as_decimal(left), as_decimal(right))


def divide_floats(left: float, right: float) -> float:
    """Divide binary fractions; by zero it is infinite, or no number."""
    if right:
        return left / right
    if math.isnan(left) or not left:
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def divide_decimals(left: Decimal, right: Decimal) -> Decimal:
    """Divide exactly where the quotient ends, else to the digits and places that Groovy keeps."""
    if not right:
        raise ArithmeticException("Division by zero" if left else "Division undefined")
    preferred = scale_of(left) - scale_of(right)
    if not left:
        return Decimal((0, (0,), -preferred))
    digits = len(left.as_tuple().digits)
    divisor_digits = len(right.as_tuple().digits)
    try:
        most = min(digits + math.ceil(10.0 * divisor_digits / 3.0), MOST_DIGITS)
        return stripped(Context(prec=most, traps=[Inexact]).divide(left, right), preferred)
    except Inexact:
        precision = max(digits, divisor_digits) + _EXTRA_DIGITS
        quotient = Context(prec=precision, rounding=ROUND_HALF_UP).divide(left, right)
        places = max(scale_of(left), scale_of(right), _LEAST_PLACES)
        quotient = stripped(quotient, preferred)
        return set_scale(quotient, places, ROUND_HALF_UP) if scale_of(quotient) > places else quotient


def stripped(value: Decimal, places: int) -> Decimal:
    """Give a number without zeros at its end beyond so many places, or with zeros up to them."""
    sign, digits, _ = value.as_tuple()
    scale = scale_of(value)
    kept = list(digits)
    while scale > places and len(kept) > 1 and kept[-1] == 0:
        kept.pop()
        scale -= 1
    if scale < places:
        kept += [0] * (places - scale)
        scale = places
    return Decimal((sign, tuple(kept), -scale))


def set_scale(value: Decimal, places: int, rounding: str | None) -> Decimal:
    """Give a number with so many places.

    Raises:
        ArithmeticException: it would have to be rounded, and no rounding is given.
    """
    if not -MOST_DIGITS <= places <= MOST_DIGITS:
        raise ArithmeticException("Overflow")
    step = Decimal((0, (1,), -places))
    try:
        if rounding is None:
            return EXACT.quantize(value, step)
        return Context(prec=MOST_DIGITS * 2, rounding=rounding).quantize(value, step)
    except (Inexact, InvalidOperation) as error:
        raise ArithmeticException("Rounding necessary") from error


def remainder(left: Value, right: Value) -> Value:
    """Give what is left of a division; it has the sign of the dividend, as in Java."""
    if isinstance(left, float) or isinstance(right, float):
        a, b = float(left), float(right)
        return math.fmod(a, b) if b and math.isfinite(a) else math.nan
    if not right:
        raise ArithmeticException("Division by zero")
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return EXACT.remainder(as_decimal(left), as_decimal(right))
    return _like(left, right, int(left) - int(right) * truncated(int(left), int(right)))


def truncated(left: int, right: int) -> int:
    """Divide whole numbers towards zero."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def int_divide(left: Value, right: Value) -> int:
    """``intdiv``: divide whole numbers towards zero."""
    if not right:
        raise ArithmeticException("/ by zero")
    return _like(left, right, truncated(int(left), int(right)))


def power(left: Value, right: Value) -> Value:
    """``**``: whole numbers grow as they must; what is computed by Doubles is whole again where it has no fraction."""
    if isinstance(left, float) or not isinstance(right, int) or isinstance(right, Long) or right < 0:
        return _double_power(float(left), float(right))
    if isinstance(left, Decimal):
        if right > MOST_DIGITS:
            raise ArithmeticException("Invalid operation")
        return EXACT.power(left, Decimal(int(right)))
    if int(left).bit_length() * int(right) > MOST_BITS:
        raise ArithmeticException("BigInteger would overflow supported range")
    value = int(left) ** int(right)
    if isinstance(left, BigInteger) or value != wrap(value, LONG_BITS if isinstance(left, Long) else INT_BITS):
        return BigInteger(value)
    return Long(value) if isinstance(left, Long) else value


def _double_power(left: float, right: float) -> Value:
    try:
        made = math.pow(left, right)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if left == 0 else math.nan
    if not math.isfinite(made) or made != int(made) or int(made) != wrap(int(made), LONG_BITS):
        return made
    whole = int(made)
    return whole if whole == wrap(whole, INT_BITS) else Long(whole)


def negate(value: Value) -> Value:
    """``-a``."""
    if isinstance(value, float):
        return -value
    return value.copy_negate() if isinstance(value, Decimal) else _like(value, value, -int(value))


def bits(operator: str, left: Value, right: Value) -> int:
    """``& | ^ << >> >>>`` of whole numbers."""
    a, b = int(left), int(right)
    width = LONG_BITS if isinstance(left, Long) else INT_BITS
    match operator:
        case "&":
            return _like(left, right, a & b)
        case "|":
            return _like(left, right, a | b)
        case "^":
            return _like(left, right, a ^ b)
        case "<<":
            return _like(left, left, a << (min(b, MOST_BITS) if isinstance(left, BigInteger) else b % width))
        case ">>":
            return _like(left, left, a >> b % width)
        case _:
            return _like(left, left, (a % (1 << width)) >> b % width)
