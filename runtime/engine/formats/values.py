"""Values between documents and maps, as the formats of their elements say (platform behaviours 88, 89).

Within a map a date is ``yyyyMMdd HHmmss.SSS`` in the machine's time zone, a number plain, a truth value ``true`` or
``false``. An empty text stays empty either way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from runtime.engine.mapping.date_masks import DateMask
from runtime.engine.mapping.inputs import WIDE, number_in
from runtime.engine.mapping.number_masks import compile_number_mask, number_reader
from runtime.errors import DocumentFault
from runtime.expressions.json_values import plain
from runtime.model.platform_profiles import Format

INTERNAL = "yyyyMMdd HHmmss.SSS"

Convert = Callable[[str], str]

# The last digit of a signed number on mainframes, with its sign: overpunched zones of EBCDIC, as they print.
_SIGNED = {**{mark: (digit, "") for digit, mark in enumerate("{ABCDEFGHI")},
           **{mark: (digit, "-") for digit, mark in enumerate("}JKLMNOPQR")}}  # fmt: skip
_SIGNS = {(digit, sign): mark for mark, (digit, sign) in _SIGNED.items()}


@lru_cache(maxsize=512)
def date_mask(mask: str) -> DateMask:
    """Give a mask, ready to use; raises as `DateMask`."""
    return DateMask(mask)


def read_local(mask: DateMask, text: str) -> datetime:
    """Give the time that a text tells, in the machine's zone, without naming it.

    Raises:
        DocumentFault: ``map.not-a-date``.
    """
    time = mask.read(text)
    if time.tzinfo is None and mask.utc:
        time = time.replace(tzinfo=UTC)
    return time if time.tzinfo is None else time.astimezone().replace(tzinfo=None)


def write_local(mask: DateMask, time: datetime) -> str:
    """Write a time of the machine's zone."""
    return mask.write(time.astimezone(UTC) if mask.utc else time)


def into_map(format_: Format) -> Convert:
    """Give what makes a document's text a map's.

    Raises:
        DocumentFault: ``map.invalid-option``: the format's mask is none.
    """
    match format_.kind:
        case "datetime" if format_.mask:
            return _filled(_date(date_mask(format_.mask), date_mask(INTERNAL)))
        case "number":
            return _filled(_number_into_map(format_)) if _is_formatted(format_) else _as_is
        case "boolean" if format_.bits:
            return _filled(lambda text: {"1": "true", "0": "false"}.get(text.strip(), text))
        case _:
            return _as_is


def out_of_map(format_: Format) -> Convert:
    """Give what makes a map's text a document's; raises as `into_map`."""
    match format_.kind:
        case "datetime" if format_.mask:
            return _filled(_date(date_mask(INTERNAL), date_mask(format_.mask)))
        case "number":
            return _filled(_number_out_of_map(format_)) if _is_formatted(format_) else _as_is
        case "boolean" if format_.bits:
            return _filled(lambda text: "1" if truth_in(text) else "0")
        case _:
            return _as_is


def truth_in(text: str) -> bool:
    """Give the truth value that a text is.

    Raises:
        DocumentFault: ``map.not-a-boolean``.
    """
    truth = {"true": True, "false": False, "1": True, "0": False}.get(text.strip().lower())
    if truth is None:
        raise DocumentFault("map.not-a-boolean", "a value that is neither true nor false")
    return truth


def _as_is(text: str) -> str:
    return text


def _filled(convert: Convert) -> Convert:
    return lambda text: convert(text) if text.strip() else ""


def _date(read: DateMask, write: DateMask) -> Convert:
    def convert(text: str) -> str:
        try:
            return write_local(write, read_local(read, text))
        except DocumentFault as fault:
            raise DocumentFault(fault.code, f"Unparseable date: {fault.message}") from fault

    return convert


def _is_formatted(format_: Format) -> bool:
    return bool(format_.mask or format_.decimals or format_.signed)


def _number_into_map(format_: Format) -> Convert:
    read = number_reader(format_.mask) if format_.mask else number_in

    def convert(text: str) -> str:
        digits, sign = text.strip(), ""
        if format_.signed and digits[-1:] in _SIGNED:
            last, sign = _SIGNED[digits[-1]]
            digits = f"{digits[:-1]}{last}"
        number = read(f"{sign}{digits}")
        if format_.decimals and "." not in digits:
            number = number.scaleb(-format_.decimals, WIDE)
        return plain(number)

    return convert


def _number_out_of_map(format_: Format) -> Convert:
    write = compile_number_mask(format_.mask) if format_.mask else plain

    def convert(text: str) -> str:
        number = number_in(text)
        if format_.decimals:
            number = number.scaleb(format_.decimals, WIDE).quantize(Decimal(1), ROUND_HALF_UP, WIDE)
        if not format_.signed:
            return write(number)
        digits = write(number.copy_abs())
        if not digits[-1:].isdigit():
            return digits
        return f"{digits[:-1]}{_SIGNS[int(digits[-1]), '-' if number < 0 else '']}"

    return convert
