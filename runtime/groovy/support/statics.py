"""Classes that scripts use by name: their constructors, their constants and what they do without an object."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from decimal import Decimal

from runtime.groovy.support import (
    addresses,
    archives,
    builders,
    commons,
    dates,
    durations,
    json_builders,
    json_values,
    lists,
    markup,
    maths,
    orders,
    pipes,
    regexes,
    rounding,
    sorted_maps,
    streams,
    time_units,
    times,
    utilities,
    xml,
    xml_nodes,
    xml_util,
    zoned_times,
    zones,
)
from runtime.groovy.support.charsets import Charset, decode
from runtime.groovy.support.closures import items_of
from runtime.groovy.support.digests import Base64, Mac, MessageDigest, SecretKeySpec
from runtime.groovy.support.errors import IllegalArgumentException, NullPointerException
from runtime.groovy.support.formats import DecimalFormat, formatted
from runtime.groovy.support.number_methods import compare_to, max_, min_
from runtime.groovy.support.numbers import MOST_DIGITS, as_decimal, parse_decimal, parse_whole
from runtime.groovy.support.operators import equal
from runtime.groovy.support.properties import Properties
from runtime.groovy.support.texts import double_text, text_of
from runtime.groovy.support.time_masks import DateTimeFormatter
from runtime.groovy.support.values import (
    LONG_BITS,
    Array,
    BigInteger,
    Char,
    JavaObject,
    JavaSet,
    Long,
    Queue,
    Stack,
    Value,
    wrap,
)

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


def whole_text(value: int, radix: int = 10) -> str:
    """Give a whole number as a text of a radix."""
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


def _big(value: Value, radix: Value = 10) -> BigInteger:
    if isinstance(value, bytes | bytearray):
        return BigInteger(int.from_bytes(bytes(value), "big", signed=True))
    if isinstance(radix, bytes | bytearray):
        return utilities.signed_magnitude(value, radix)
    return BigInteger(parse_whole(value, MOST_DIGITS * 4, radix))


def _whole_of(bits: int) -> Callable[..., int]:
    def value_of(value: Value, radix: int = 10) -> int:
        if isinstance(value, str) or value is None:
            return parse_whole(value, bits, radix)
        return Long(value) if bits == LONG_BITS else int(value)

    return value_of


def _string(value: Value = "", *rest: Value) -> str:
    if isinstance(value, bytes | bytearray):
        if len(rest) > 1:  # a part of the bytes
            start, length, *rest_ = rest
            return decode(value[start : start + length], *rest_)
        return decode(value, *rest)
    if isinstance(value, Array) and len(rest) == 2:  # noqa: PLR2004 - a part of the characters
        return _text_value(Array(value[rest[0] : rest[0] + rest[1]]))
    return _text_value(value)


def _sorted(items: list[Value], *_: Value) -> None:
    from runtime.groovy.support.lists import sort

    sort(items, *_)


def _fill(items: Value, value: Value) -> None:
    items[:] = [value] * len(items)


def _swap(items: list[Value], one: int, other: int) -> None:
    items[one], items[other] = items[other], items[one]


def _resized(items: Value, start: int, end: int) -> Value:
    part = items[start:end]
    missing = end - start - len(part)
    return part + bytes(missing) if isinstance(items, bytes | bytearray) else Array([*part, *[None] * missing])


def _number_statics(bits: int) -> Statics:
    parse = "parseInt" if bits < LONG_BITS else "parseLong"
    value_of = _whole_of(bits)
    top = (1 << (bits - 1)) - 1
    return {
        parse: lambda text, radix=10: parse_whole(text, bits, radix),
        "valueOf": value_of,
        "toString": whole_text,
        "toHexString": lambda value: format(value % (1 << bits), "x"),
        "toBinaryString": lambda value: format(value % (1 << bits), "b"),
        "compare": compare_to,
        "max": max_,
        "min": min_,
        "signum": lambda value: (value > 0) - (value < 0),
        "MAX_VALUE": Long(top) if bits == LONG_BITS else top,
        "MIN_VALUE": Long(-top - 1) if bits == LONG_BITS else -top - 1,
    }


def _require_non_null(value: Value, message: Value = None) -> Value:
    if value is None:
        raise NullPointerException(message)
    return value


def _sleep(_millis: int) -> None:
    raise IllegalArgumentException("a script may not sleep: use a Wait step")


# What scripts may know of the system: the marks that Java has on Linux.
_SYSTEM = {"line.separator": "\n", "file.separator": "/", "path.separator": ":", "file.encoding": "UTF-8"}


def _copy(source: Value, start: int, target: Value, at: int, length: int) -> None:
    target[at : at + length] = source[start : start + length]


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


def _is_digit(char: str, radix: int) -> bool:
    return char.isascii() and int(char, 36) < radix


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
    "digit": lambda char, radix: int(str(char), radix) if str(char).isalnum() and _is_digit(str(char), radix) else -1,
    "getNumericValue": lambda char: int(str(char), 36) if str(char).isalnum() else -1,
    "valueOf": Char,
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
    "Math": maths.MATH,
    "System": {
        "currentTimeMillis": lambda: Long(time.time_ns() // 1_000_000),
        "nanoTime": lambda: Long(time.monotonic_ns()),
        "lineSeparator": lambda: "\n",
        "getProperty": lambda name, default=None: _SYSTEM.get(str(name), default),
        "getenv": lambda *_: None,
        "arraycopy": _copy,
        "identityHashCode": lambda value: wrap(id(value), 32),
    },
    "Thread": {"sleep": _sleep},
    "IOUtils": commons.IO_UTILS,
    "StringUtils": commons.STRING_UTILS,
    "Matcher": {"quoteReplacement": lambda text: text.replace("\\", "\\\\").replace("$", "\\$")},
    "Comparator": {
        "comparing": orders.comparing,
        "comparingInt": orders.comparing,
        "naturalOrder": lambda: orders.Order(compare_to),
        "reverseOrder": lambda: orders.Order(lambda left, right: compare_to(right, left)),
    },
    "Level": {name: name for name in ("SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST", "ALL", "OFF")},
    "Closure": {"OWNER_FIRST": 0, "DELEGATE_FIRST": 1, "OWNER_ONLY": 2, "DELEGATE_ONLY": 3},
    "Collectors": pipes.COLLECTORS,
    "Arrays": {
        "asList": lambda *items: list(items[0]) if len(items) == 1 and isinstance(items[0], list) else list(items),
        "sort": _sorted,
        "toString": text_of,
        "fill": _fill,
        "copyOf": lambda items, size: _resized(items, 0, size),
        "copyOfRange": _resized,
        "equals": equal,
        "stream": pipes.Stream,
        "hashCode": lambda items: hash(text_of(items)),
    },
    "Collections": {
        "sort": _sorted,
        "reverse": lambda items: items.reverse(),
        "emptyList": list,
        "emptyMap": dict,
        "singletonList": lambda item: [item],
        "unmodifiableList": lists.as_immutable,
        "unmodifiableMap": lists.as_immutable,
        "unmodifiableSet": lists.as_immutable,
        "unmodifiableCollection": lists.as_immutable,
        "synchronizedList": lambda items: items,
        "synchronizedMap": lambda items: items,
        "emptySet": JavaSet,
        "singleton": lambda item: JavaSet([item]),
        "singletonMap": lambda key, value: {key: value},
        "max": lists.max_,
        "min": lists.min_,
        "frequency": lists.count,
        "addAll": lambda items, *more: items.extend(more),
        "swap": _swap,
        "nCopies": lambda count, item: [item] * count,
        "reverseOrder": lambda: lambda left, right: compare_to(right, left),
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
        json_values.JsonSlurper, json_values.JsonOutput, json_builders.JsonBuilder, json_values.StringEscapeUtils,
        json_builders.StreamingJsonBuilder, markup.MarkupBuilder, markup.StreamingMarkupBuilder,
        xml_nodes.XmlParser, xml_nodes.XmlNodePrinter, xml_nodes.Node, xml_nodes.QName,
        xml_util.XmlUtil,
        xml.XmlSlurper, times.LocalDate, times.LocalDateTime, zoned_times.ZonedDateTime, zoned_times.Instant,
        DateTimeFormatter, time_units.ChronoUnit, Base64, MessageDigest, DecimalFormat, Mac,
        SecretKeySpec, utilities.AtomicInteger, utilities.AtomicLong, utilities.StringTokenizer, utilities.Random,
        utilities.UUID, archives.GZIPInputStream, archives.GZIPOutputStream, archives.ZipEntry,
        archives.ZipInputStream, archives.ZipOutputStream,
        archives.CRC32, streams.Scanner, builders.PrintWriter, pipes.Optional,
        durations.Duration, durations.Period, durations.DayOfWeek,
        durations.Month, durations.TemporalAdjusters,
        addresses.URLEncoder, addresses.URLDecoder,
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
        "OffsetDateTime": zoned_times.ZonedDateTime,
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
    **dict.fromkeys(("ArrayList", "Vector", "CopyOnWriteArrayList"), _list_of),
    **dict.fromkeys(("HashMap", "LinkedHashMap", "ConcurrentHashMap"), _map_of),
    **dict.fromkeys(("HashSet", "LinkedHashSet"), _set_of),
    **dict.fromkeys(("TreeMap", "ConcurrentSkipListMap"), sorted_maps.TreeMap),
    "TreeSet": sorted_maps.TreeSet,
    **dict.fromkeys(("LinkedList", "ArrayDeque"), lambda source=None: Queue(_list_of(source))),
    "Stack": Stack,
    "Hashtable": _map_of,
    **dict.fromkeys(("ByteArrayInputStream", "BufferedInputStream"), _input_stream),
    "BufferedOutputStream": lambda out, *_: out,
    "String": _string,
    "BigDecimal": _decimal,
    "BigInteger": _big,
    "Integer": _whole_of(32),
    "Long": _whole_of(64),
    "Double": lambda value: _parse_double(value) if isinstance(value, str) else float(value),
    "Boolean": lambda value: str(value).lower() == "true",
    "Object": JavaObject,
}
