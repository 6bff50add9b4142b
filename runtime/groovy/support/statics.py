"""Classes that scripts use by name: their constructors, their constants and what they do without an object."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable
from decimal import Decimal

from runtime.groovy.support import (
    addresses,
    builders,
    dates,
    json_values,
    regexes,
    rounding,
    streams,
    times,
    xml,
    zones,
)
from runtime.groovy.support.charsets import Charset, decode
from runtime.groovy.support.closures import items_of
from runtime.groovy.support.digests import Base64, Mac, MessageDigest, SecretKeySpec
from runtime.groovy.support.errors import IllegalArgumentException, NullPointerException
from runtime.groovy.support.formats import DecimalFormat, formatted
from runtime.groovy.support.number_methods import abs_, compare_to, max_, min_, round_
from runtime.groovy.support.numbers import MOST_DIGITS, as_decimal, parse_decimal, parse_whole
from runtime.groovy.support.properties import Properties
from runtime.groovy.support.texts import double_text, text_of
from runtime.groovy.support.time_masks import DateTimeFormatter
from runtime.groovy.support.values import LONG_BITS, Array, BigInteger, Char, JavaObject, JavaSet, Long, Value

Statics = dict[str, Value]


def _parse_double(text: Value) -> float:
    if text is None:
        raise NullPointerException(None)
    return float(parse_decimal(text.strip()))


def _text_value(*arguments: Value) -> str:
    value = arguments[0]
    return (
        "".join(value) if isinstance(value, Array) and all(isinstance(item, Char) for item in value) else text_of(value)
    )


def _whole_text(value: int, radix: int = 10) -> str:
    if radix == 10:  # noqa: PLR2004
        return text_of(value)
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, radix)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


def _decimal(value: Value, *_context: Value) -> Decimal:
    if value is None:
        raise NullPointerException(None)
    if isinstance(value, float):
        return Decimal(value)  # Java: exactly what the Double is, 0.1 with all its digits
    return (
        parse_decimal("".join(value) if isinstance(value, Array) else value)
        if isinstance(value, str | Array)
        else as_decimal(value)
    )


def _whole_of(bits: int) -> Callable[..., int]:
    def value_of(value: Value, radix: int = 10) -> int:
        if isinstance(value, str) or value is None:
            return parse_whole(value, bits, radix)
        return Long(value) if bits == LONG_BITS else int(value)

    return value_of


def _string(value: Value = "", charset: Value = "UTF-8") -> str:
    if isinstance(value, bytes):
        return decode(value, charset)
    return _text_value(value)


def _sorted(items: list[Value], *_: Value) -> None:
    from runtime.groovy.support.lists import sort

    sort(items, *_)


def _number_statics(bits: int) -> Statics:
    parse = "parseInt" if bits < LONG_BITS else "parseLong"
    value_of = _whole_of(bits)
    top = (1 << (bits - 1)) - 1
    return {
        parse: lambda text, radix=10: parse_whole(text, bits, radix),
        "valueOf": value_of,
        "toString": _whole_text,
        "toHexString": lambda value: format(value % (1 << bits), "x"),
        "toBinaryString": lambda value: format(value % (1 << bits), "b"),
        "compare": compare_to,
        "max": max_,
        "min": min_,
        "signum": lambda value: (value > 0) - (value < 0),
        "MAX_VALUE": Long(top) if bits == LONG_BITS else top,
        "MIN_VALUE": Long(-top - 1) if bits == LONG_BITS else -top - 1,
    }


def _random_uuid() -> str:
    return str(uuid.uuid4())


def _require_non_null(value: Value, message: Value = None) -> Value:
    if value is None:
        raise NullPointerException(message)
    return value


def _sleep(_millis: int) -> None:
    raise IllegalArgumentException("a script may not sleep: use a Wait step")


def _fraction() -> float:
    import random

    return random.random()


_DOUBLE: Statics = {
    "parseDouble": _parse_double,
    "parseFloat": _parse_double,
    "valueOf": lambda value: _parse_double(value) if isinstance(value, str) else float(value),
    "toString": double_text,
    "isNaN": math.isnan,
    "compare": compare_to,
    "MAX_VALUE": 1.7976931348623157e308,
    "NaN": math.nan,
    "POSITIVE_INFINITY": math.inf,
    "NEGATIVE_INFINITY": -math.inf,
}
_CHARACTER: Statics = {
    "isDigit": lambda char: str(char).isdigit(),
    "isLetter": lambda char: str(char).isalpha(),
    "isLetterOrDigit": lambda char: str(char).isalnum(),
    "isUpperCase": lambda char: str(char).isupper(),
    "isLowerCase": lambda char: str(char).islower(),
    "isWhitespace": lambda char: str(char).isspace(),
    "toUpperCase": lambda char: Char(str(char).upper()),
    "toLowerCase": lambda char: Char(str(char).lower()),
    "toString": str,
    "getNumericValue": lambda char: int(str(char), 36) if str(char).isalnum() else -1,
    "valueOf": Char,
}
_MATH: Statics = {
    "abs": abs_,
    "max": max_,
    "min": min_,
    "round": lambda value: round_(float(value)),
    "ceil": lambda value: float(math.ceil(value)),
    "floor": lambda value: float(math.floor(value)),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else math.nan,
    "pow": lambda base, exponent: float(base) ** float(exponent),
    "log10": math.log10,
    "log": math.log,
    "exp": math.exp,
    "signum": lambda value: math.copysign(1.0, value) if value else 0.0,
    "random": _fraction,
    "PI": math.pi,
    "E": math.e,
}


# What a class does without an object, and its constants.
STATICS: dict[str, Statics] = {
    "Integer": _number_statics(32),
    "Long": _number_statics(64),
    "Double": _DOUBLE,
    "Float": _DOUBLE,
    "Boolean": {
        "parseBoolean": lambda text: text is not None and str(text).lower() == "true",
        "valueOf": lambda text: text if isinstance(text, bool) else text is not None and str(text).lower() == "true",
        "toString": text_of,
        "TRUE": True,
        "FALSE": False,
    },
    "String": {
        "valueOf": _text_value,
        "format": formatted,
        "join": lambda separator, *items: text_of(separator).join(
            text_of(item)
            for item in (items_of(items[0]) if len(items) == 1 and not isinstance(items[0], str) else items)
        ),
        "copyValueOf": _text_value,
        "CASE_INSENSITIVE_ORDER": lambda left, right: compare_to(left.lower(), right.lower()),
    },
    "Character": _CHARACTER,
    "BigDecimal": {
        "valueOf": lambda value, scale=0: as_decimal(value).scaleb(-scale),
        "ZERO": Decimal(0),
        "ONE": Decimal(1),
        "TEN": Decimal(10),
        **{
            f"ROUND_{label}": number
            for number, label in enumerate(
                ("UP", "DOWN", "CEILING", "FLOOR", "HALF_UP", "HALF_DOWN", "HALF_EVEN", "UNNECESSARY")
            )
        },
    },
    "BigInteger": {"valueOf": BigInteger, "ZERO": BigInteger(0), "ONE": BigInteger(1), "TEN": BigInteger(10)},
    "Math": _MATH,
    "System": {
        "currentTimeMillis": lambda: Long(time.time_ns() // 1_000_000),
        "nanoTime": lambda: Long(time.monotonic_ns()),
        "lineSeparator": lambda: "\n",
    },
    "Thread": {"sleep": _sleep},
    "UUID": {"randomUUID": _random_uuid},
    "Arrays": {
        "asList": lambda *items: list(items[0]) if len(items) == 1 and isinstance(items[0], list) else list(items),
        "sort": _sorted,
        "toString": text_of,
    },
    "Collections": {
        "sort": _sorted,
        "reverse": lambda items: items.reverse(),
        "emptyList": list,
        "emptyMap": dict,
        "singletonList": lambda item: [item],
        "unmodifiableList": lambda items: items,
        "max": max,
        "min": min,
    },
    "Objects": {
        "isNull": lambda value: value is None,
        "nonNull": lambda value: value is not None,
        "requireNonNull": _require_non_null,
        "toString": lambda value, default="null": default if value is None else text_of(value),
    },
    "Locale": {"ENGLISH": "en", "US": "en_US", "UK": "en_GB", "ROOT": "", "getDefault": lambda: "en_US"},
}

# Classes of which objects are made, or that stand for themselves.
CLASSES: dict[str, type[JavaObject]] = {
    kind.__name__: kind
    for kind in (
        Properties, regexes.Pattern, rounding.RoundingMode, rounding.MathContext, Charset, dates.Date,
        dates.SimpleDateFormat, dates.Calendar, streams.StringReader, streams.InputStreamReader,
        streams.BufferedReader, streams.ByteArrayOutputStream, builders.StringBuilder, builders.StringWriter,
        json_values.JsonSlurper, json_values.JsonOutput, json_values.JsonBuilder, json_values.StringEscapeUtils,
        xml.XmlSlurper, times.LocalDate, times.LocalDateTime, times.ZonedDateTime, times.Instant,
        DateTimeFormatter, times.ChronoUnit, Base64, MessageDigest, DecimalFormat, Mac,
        SecretKeySpec, addresses.URLEncoder, addresses.URLDecoder,
    )
}  # fmt: skip
CLASSES.update(
    {
        "ByteArrayInputStream": streams.InputStream,
        "InputStream": streams.InputStream,
        "BufferedInputStream": streams.InputStream,
        "StringBuffer": builders.StringBuilder,
        "StandardCharsets": Charset,
        "TimeZone": zones.Zone,
        "ZoneId": zones.Zone,
        "ZoneOffset": zones.Zone,
        "OffsetDateTime": times.ZonedDateTime,
        "GregorianCalendar": dates.Calendar,
        "JsonSlurperClassic": json_values.JsonSlurper,
    }
)


def _input_stream(source: Value) -> streams.InputStream:
    return source if isinstance(source, streams.InputStream) else streams.InputStream(source)


def _list_of(source: Value = None) -> list[Value]:
    return [] if source is None or isinstance(source, int) else list(items_of(source))


def _map_of(source: Value = None, *_: Value) -> dict[Value, Value]:
    return {} if source is None or isinstance(source, int) else dict(source)


def _set_of(source: Value = None) -> JavaSet:
    return JavaSet() if source is None or isinstance(source, int) else JavaSet(items_of(source))


# What ``new`` makes where it is not an object of a class above.
MAKERS: dict[str, Callable[..., Value]] = {
    **dict.fromkeys(("ArrayList", "LinkedList", "Vector"), _list_of),
    **dict.fromkeys(("HashMap", "LinkedHashMap", "ConcurrentHashMap"), _map_of),
    **dict.fromkeys(("HashSet", "LinkedHashSet"), _set_of),
    **dict.fromkeys(("ByteArrayInputStream", "BufferedInputStream"), _input_stream),
    "String": _string,
    "BigDecimal": _decimal,
    "BigInteger": lambda value, radix=10: BigInteger(parse_whole(value, MOST_DIGITS * 4, radix)),
    "Integer": _whole_of(32),
    "Long": _whole_of(64),
    "Double": lambda value: _parse_double(value) if isinstance(value, str) else float(value),
    "Boolean": lambda value: str(value).lower() == "true",
    "Object": JavaObject,
}
