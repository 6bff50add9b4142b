"""The inputs and outputs of a script in a map: texts of the map become values of the script, and back."""

from __future__ import annotations

from typing import Literal

from runtime.errors import DocumentFault
from runtime.groovy.support.dates import Date, SimpleDateFormat
from runtime.groovy.support.errors import Throwable
from runtime.groovy.support.numbers import parse_decimal
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Value, whole

Kind = Literal["character", "integer", "float", "datetime"]
MASK = "yyyyMMdd HHmmss.SSS"  # how dates are written within a map (platform behaviour 88)


def input_value(kind: Kind, text: str | None) -> Value:
    """Give an input as the script sees it: a text is never null, anything else is null where nothing came.

    Raises:
        DocumentFault: ``script.input``: the text is no value of that kind.
    """
    if kind == "character":
        return text or ""
    if text is None or not text.strip():
        return None
    try:
        if kind == "datetime":
            return SimpleDateFormat(MASK).parse(text)
        number = parse_decimal(text.strip())
    except Throwable as error:
        raise DocumentFault("script.input", f"an input of the script is no {kind}: {error}") from error
    if kind == "float":
        return float(number)
    if number != number.to_integral_value():
        raise DocumentFault("script.input", "an input of the script is no whole number")
    return whole(int(number))


def output_text(value: Value) -> str | None:
    """Give an output as the map takes it: null is nothing, a date is written as maps write dates."""
    if value is None:
        return None
    return SimpleDateFormat(MASK).format(value) if isinstance(value, Date) else text_of(value)
