"""``String.format`` and ``DecimalFormat``."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from runtime.groovy.support.dates import Date
from runtime.groovy.support.errors import IllegalArgumentException
from runtime.groovy.support.masks import mask_of
from runtime.groovy.support.numbers import as_decimal, parse_decimal, set_scale
from runtime.groovy.support.rounding import rounding_of
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import BigInteger, Byte, JavaObject, Long, Value, is_number
from runtime.groovy.support.zones import in_zone

_FIELD = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])([a-zA-Z])?")
WIDEST = 100_000  # characters of one field
_TIME = {"Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss", "L": "SSS", "y": "yy", "B": "MMMM"}


def formatted(template: Value, *arguments: Value) -> str:
    """Write values into a text as ``java.util.Formatter`` does: ``%s %d %f %x %n %%`` with width, places and flags.

    Raises:
        IllegalArgumentException: a field has another form, or no value.
    """
    if arguments and not isinstance(template, str):
        template, arguments = arguments[0], arguments[1:]  # a locale came first
    if len(arguments) == 1 and isinstance(arguments[0], list):
        arguments = tuple(arguments[0])
    pieces: list[str] = []
    at = ordinary = 0
    for match in _FIELD.finditer(template):
        pieces.append(template[at : match.start()])
        kind, extra = match[5], match[6] or ""
        at = match.end() if kind in "tT" else match.end() - len(extra)
        if kind in "%n":
            pieces.append("%" if kind == "%" else "\n")
            continue
        index = int(match[1]) - 1 if match[1] else ordinary
        ordinary += not match[1]
        if index >= len(arguments):
            raise IllegalArgumentException(f"Format specifier '{match[0]}'")
        pieces.append(_field(arguments[index], match, kind, extra))
    return "".join([*pieces, template[at:]])


def _field(value: Value, match: re.Match[str], kind: str, extra: str) -> str:
    flags, width, places = match[2], int(match[3] or 0), match[4]
    if width > WIDEST or int(places or 0) > WIDEST:
        raise IllegalArgumentException("a field is too wide")
    text = _value(value, kind, flags, None if places is None else int(places), extra)
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and kind in "dfx":
        sign = text[:1] if text[:1] in {"-", "+"} else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _value(  # noqa: C901 - one line a kind of field
    value: Value, kind: str, flags: str, places: int | None, extra: str
) -> str:
    match kind:
        case "s" | "S":
            text = text_of(value)[:places]
            return text.upper() if kind == "S" else text
        case "b":
            return text_of(value is not None and value is not False)
        case "c":
            return chr(value) if isinstance(value, int) else text_of(value)
        case "d" if isinstance(value, int):
            return _signed(f"{int(value):,d}" if "," in flags else str(int(value)), flags)
        case "o" if isinstance(value, int):
            return format(value % (1 << (64 if isinstance(value, Long) else 32)), "o")
        case "x" | "X" if isinstance(value, int):
            bits = 8 if isinstance(value, Byte) else 64 if isinstance(value, Long) else 32
            text = format(value if isinstance(value, BigInteger) else value % (1 << bits), "x")
            return text.upper() if kind == "X" else text
        case "f" if value is None:
            return "null"
        case "f" if is_number(value):
            shown = set_scale(as_decimal(value), 6 if places is None else places, ROUND_HALF_UP)
            return _signed(format(shown, ",f" if "," in flags else "f"), flags)
        case "e" | "E" if is_number(value):
            return _signed(format(float(value), f".{6 if places is None else places}{kind}"), flags)
        case "t" | "T" if extra in _TIME and isinstance(value, Date):
            return mask_of(_TIME[extra], strict=False).write(in_zone(value.millis / 1000, None))
        case _ if value is None:
            return "null"
        case _:
            raise IllegalArgumentException(f"%{kind}{extra} does not fit {text_of(value)}")


def _signed(text: str, flags: str) -> str:
    return f"+{text}" if "+" in flags and not text.startswith("-") else text


_NUMBER = re.compile(r"(?P<before>(?:'[^']*'|[^#0,.'])*)(?P<body>[#0,]*(?:\.[0#]*)?)(?P<after>.*)", re.DOTALL)


class DecimalFormat(JavaObject):
    """A mask for numbers: ``#,##0.00``, with text around it; ``%`` shows hundredths."""

    java_name = "java.text.DecimalFormat"

    def __init__(self, mask: str, _symbols: Value = None) -> None:
        match = _NUMBER.fullmatch(mask.split(";", maxsplit=1)[0])
        if match is None or not match["body"] or "E" in mask:
            raise IllegalArgumentException(f'Malformed pattern "{mask}"')
        self._before, self._after = match["before"].replace("'", ""), match["after"].replace("'", "")
        whole, _, fraction = match["body"].partition(".")
        self._group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
        self._least_whole = whole.count("0")
        self._least_places, self._most_places = fraction.count("0"), len(fraction)
        self._rounding: str | None = ROUND_HALF_EVEN

    def setRoundingMode(self, mode: Value) -> None:
        """Say how to round; half to even if nobody does."""
        self._rounding = rounding_of(mode)

    def format(self, value: Value) -> str:
        """Write a number."""
        if not is_number(value):
            raise IllegalArgumentException("Cannot format given Object as a Number")
        number = as_decimal(value) * (100 if "%" in self._before + self._after else 1)
        rounded = set_scale(number, self._most_places, self._rounding)
        whole, _, fraction = format(abs(rounded), "f").partition(".")
        while len(fraction) > self._least_places and fraction.endswith("0"):
            fraction = fraction[:-1]
        whole = whole.lstrip("0").rjust(self._least_whole, "0")
        if self._group:
            whole = _grouped(whole, self._group)
        shown = whole + (f".{fraction}" if fraction else "")
        return ("-" if rounded < 0 else "") + self._before + (shown or "0") + self._after

    def parse(self, text: str) -> Value:
        """Read a number."""
        value: Decimal = parse_decimal(text.replace(",", "").strip())
        return int(value) if value == value.to_integral_value() else float(value)


def _grouped(digits: str, size: int) -> str:
    first = len(digits) % size
    groups = [digits[:first]] if first else []
    return ",".join([*groups, *(digits[at : at + size] for at in range(first, len(digits), size))])
