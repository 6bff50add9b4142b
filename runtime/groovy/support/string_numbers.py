"""The methods of texts that tell numbers."""

from __future__ import annotations

from decimal import Decimal

from runtime.groovy.support.errors import NumberFormatException
from runtime.groovy.support.numbers import parse_decimal, parse_whole
from runtime.groovy.support.strings import STRING
from runtime.groovy.support.values import LONG_BITS, BigInteger, Long

method = STRING.method
called = STRING.called


def _tells(text: str, kind: str) -> bool:
    try:
        _CONVERSIONS[kind](text.strip())
    except NumberFormatException:
        return False
    return True


_CONVERSIONS = {
    "Integer": parse_whole,
    "Long": lambda text: parse_whole(text, LONG_BITS),
    "BigInteger": lambda text: parse_whole(text, 32_000),
    "BigDecimal": parse_decimal,
    "Number": parse_decimal,
    "Double": parse_decimal,
    "Float": parse_decimal,
}
for _kind in _CONVERSIONS:
    STRING.methods[f"is{_kind}"] = lambda text, kind=_kind: _tells(text, kind)


@method
def to_integer(text: str) -> int:
    return parse_whole(text.strip())


@method
def to_long(text: str) -> Long:
    return Long(parse_whole(text.strip(), LONG_BITS))


@called("toBigInteger")
def to_big_integer(text: str) -> BigInteger:
    return BigInteger(parse_whole(text.strip(), 32_000))


@called("toBigDecimal")
def to_big_decimal(text: str) -> Decimal:
    return parse_decimal(text.strip())


@called("toDouble", "toFloat")
def to_double(text: str) -> float:
    try:
        return float(text.strip())
    except ValueError as error:
        raise NumberFormatException(f'For input string: "{text}"') from error


@method
def to_boolean(text: str) -> bool:
    return text.strip().lower() in {"true", "y", "1"}
