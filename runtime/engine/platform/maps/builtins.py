"""The functions of the platform that compute one value of others (component XML, 5.1; platform behaviour 90).

Each takes the texts of its inputs in the order of their ports, None where nothing came, and gives a text, or None. The
computing itself is that of native maps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from runtime.engine.formats.values import INTERNAL, date_mask, read_local, write_local
from runtime.engine.mapping import texts
from runtime.engine.mapping.inputs import number_in, text_in
from runtime.engine.mapping.number_masks import compile_number_mask, number_reader
from runtime.engine.mapping.numbers import NUMERIC, set_precision, within_limits
from runtime.engine.platform.maps.running import Running
from runtime.engine.platform.refused import Refused
from runtime.errors import DocumentFault
from runtime.expressions.patterns import replace
from runtime.expressions.text import text_of

Inputs = Sequence["str | None"]
Compute = Callable[[Inputs, Running], "str | None"]
Options = Mapping[str, str]


def builtin(function: str, options: Options) -> Compute | None:
    """Give the function of that name; None where it is none of these.

    Raises:
        Refused: an option of it is none.
    """
    if function == "StringConcat":
        return _concat(options.get("delimiter", ""), whole(options, "fixedLength"))
    return _BUILTINS.get(function)


def whole(options: Options, name: str) -> int:
    """Give an option that is a whole number; 0 where it is not set.

    Raises:
        Refused: it is none.
    """
    text = options.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 - within 32 bits
        raise Refused(f"says '{name}' is '{text}', which is no whole number")
    return int(text)


def _text(inputs: Inputs, place: int) -> str:
    return (inputs[place] if place < len(inputs) else None) or ""


def _length(inputs: Inputs, place: int, what: str = "length") -> int:
    text = _text(inputs, place).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6):  # noqa: PLR2004 - a million characters is no field
        raise DocumentFault("map.invalid-option", f"the {what} is no whole number of at most 6 digits")
    return int(text)


def _each(change: Callable[[str], str]) -> Compute:
    return lambda inputs, _running: change(_text(inputs, 0))


def _to_length(change: Callable[[str, int], str]) -> Compute:
    return lambda inputs, _running: change(_text(inputs, 0), _length(inputs, 1))


def _filled(change: Callable[[str, int, str], str]) -> Compute:
    return lambda inputs, _running: change(_text(inputs, 0), _length(inputs, 1), _text(inputs, 2))


def _concat(delimiter: str, length: int) -> Compute:
    def concat(inputs: Inputs, _running: Running) -> str:
        joined = texts.join([one or "" for one in inputs], delimiter)
        if not any(inputs):
            return ""
        return texts.keep_left(joined, length) if length else joined

    return concat


def _replaced(inputs: Inputs, _running: Running) -> str:
    return replace(_text(inputs, 1), _text(inputs, 2), _text(inputs, 0))


def _removed(inputs: Inputs, _running: Running) -> str:
    return replace(_text(inputs, 1), "", _text(inputs, 0))


def _numeric(name: str, count: int) -> Compute:
    compute = NUMERIC[name]

    def of_numbers(inputs: Inputs, _running: Running) -> str | None:
        """Compute; without a first value there is none, an empty operand counts as nothing."""
        if not _text(inputs, 0).strip():
            return None
        numbers = [number_in(inputs[0])]
        for place in range(1, count):
            if not _text(inputs, place).strip():
                return text_of(numbers[0])
            numbers.append(number_in(inputs[place]))
        try:
            return text_of(within_limits(compute, numbers))
        except DocumentFault as fault:
            if fault.code == "map.divide-by-zero":
                raise DocumentFault(fault.code, "java.lang.ArithmeticException: Division by zero") from fault
            raise

    return of_numbers


def _precision(inputs: Inputs, _running: Running) -> str | None:
    if not _text(inputs, 0).strip():
        return None
    number: Decimal = number_in(inputs[0])
    return text_in(set_precision(number, _length(inputs, 1, "precision")))


def _number_format(inputs: Inputs, _running: Running) -> str | None:
    if not _text(inputs, 0).strip():
        return None
    read = number_reader(_text(inputs, 1)) if _text(inputs, 1) else number_in
    return compile_number_mask(_text(inputs, 2))(read(_text(inputs, 0)))


def _date_format(inputs: Inputs, _running: Running) -> str | None:
    if not _text(inputs, 0).strip():
        return None
    read, write = date_mask(_text(inputs, 1)), date_mask(_text(inputs, 2))
    try:
        return write_local(write, read_local(read, _text(inputs, 0)))
    except DocumentFault as fault:
        raise DocumentFault(fault.code, f"Unparseable date: {fault.message}") from fault


def _current_date(_inputs: Inputs, running: Running) -> str:
    now = datetime.fromtimestamp(running.clock.now(), UTC).astimezone().replace(tzinfo=None)
    return write_local(date_mask(INTERNAL), now)


_BUILTINS: Mapping[str, Compute] = MappingProxyType(
    {
        "LeftTrim": _to_length(texts.keep_right),
        "RightTrim": _to_length(texts.keep_left),
        "StringAppend": _filled(texts.fill_right),
        "StringPrepend": _filled(texts.fill_left),
        "WhitespaceTrim": _each(str.strip),
        "String2Lower": _each(str.lower),
        "String2Upper": _each(str.upper),
        "StringReplace": _replaced,
        "StringRemove": _removed,
        "MathAbs": _numeric("abs", 1),
        "MathCeil": _numeric("ceil", 1),
        "MathFloor": _numeric("floor", 1),
        "MathAdd": _numeric("add", 2),
        "MathSubtract": _numeric("subtract", 2),
        "MathMultiply": _numeric("multiply", 2),
        "MathDivide": _numeric("divide", 2),
        "MathPrecision": _precision,
        "NumberFormat": _number_format,
        "DateFormat": _date_format,
        "CurrentDate": _current_date,
    }
)
