"""From a member of a document to the value of a column: exact, or refused."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql.sqltypes import _AbstractInterval, _Binary  # the one base of all such types

from connectors.database.documents import to_text

_NUMBER = re.compile(r"[+-]?(\d{1,1000}(\.\d{0,1000})?|\.\d{1,1000})([eE][+-]?\d{1,3})?", re.ASCII)

Convert = Callable[[object], object]
T = TypeVar("T")


class Unfit(ValueError):
    """Raised when a value is none for a column; the message says what the column takes, and never the value."""


def converter(kind: sa.types.TypeEngine[Any]) -> Convert:
    """Give the function that makes values for a column of this type; it raises `Unfit`."""
    if isinstance(kind, sa.ARRAY):
        return _array(converter(kind.item_type))
    if isinstance(kind, sa.DateTime):
        return _moment if kind.timezone else _local
    return next((convert for types, convert in _CONVERTERS if isinstance(kind, types)), _as_it_is)


def _array(item: Convert) -> Convert:
    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise Unfit("an array")
        return [None if one is None else convert(one) if isinstance(one, list) else item(one) for one in value]

    return convert


def _number(value: object) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unfit("a number")
    return Decimal(value)


def _integer(value: object) -> int:
    number = Decimal(value) if isinstance(value, bool) else _number(value)
    if number.adjusted() > 40 or number != number.to_integral_value():  # noqa: PLR2004 - digits; a column has up to 20
        raise Unfit("an integer")
    return int(number)


def _float(value: object) -> float:
    return float(_number(value))


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return to_text(value)
    if not isinstance(value, str):
        raise Unfit("a text")
    return value


def _bytes(value: object) -> bytes:
    try:
        return b64decode(_text(value), validate=True)
    except ValueError:
        raise Unfit("base64") from None


def _uuid(value: object) -> UUID:
    return _iso(value, UUID, "a UUID")


def _moment(value: object) -> datetime:
    """Read a date and time; one without an offset is UTC."""
    found = _iso(value, datetime, "a date and time in ISO 8601")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _local(value: object) -> datetime:
    """Read a date and time for a column without an offset: it holds UTC."""
    return _moment(value).replace(tzinfo=None)


def _date(value: object) -> date:
    """Read a date; a date and time is one if it is midnight."""
    if isinstance(value, str) and len(value) > len("2024-01-01"):
        moment = _iso(value, datetime, "a date in ISO 8601")
        if moment.time() != time():
            raise Unfit("a date without a time")
        return moment.date()
    return _iso(value, date, "a date in ISO 8601")


def _time(value: object) -> time:
    return _iso(value, time, "a time in ISO 8601")


def _duration(value: object) -> timedelta:
    return _iso(value, timedelta, "a duration in ISO 8601")


def _iso(value: object, kind: type[T], what: str) -> T:
    try:
        return msgspec.convert(value if isinstance(value, str) else None, kind)
    except msgspec.ValidationError:
        raise Unfit(what) from None


def _as_it_is(value: object) -> object:
    return to_text(value) if isinstance(value, dict | list) else value


_CONVERTERS: tuple[tuple[type[Any], Convert], ...] = (
    (sa.JSON, to_text),
    (sa.Boolean, _boolean),
    (sa.Integer, _integer),
    (sa.Float, _float),
    (sa.Numeric, _number),
    (sa.Date, _date),
    (sa.Time, _time),
    (_Binary, _bytes),
    (sa.Uuid, _uuid),
    (_AbstractInterval, _duration),
    (sa.String, _text),
)
