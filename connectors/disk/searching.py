"""What a search of the platform's disk connector asks of an entry: names, sizes, times, and how they are compared."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from connectors.disk.listing import Entry
from runtime.sdk.faults import NotSent

Fits = Callable[[Entry], bool]

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "LESS_THAN": operator.lt,
    "GREATER_THAN": operator.gt,
}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is asked. `key` names the value that it is compared with."""

    key: str
    field: str
    operator: str


class Every(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Filters that are joined: all of them must fit, or any one."""

    all: tuple[dict[str, Any], ...] | None = None
    any: tuple[dict[str, Any], ...] | None = None


def filter_of(text: str, values: str) -> Fits:
    """Give what tells whether an entry is found; an empty filter finds all.

    Raises:
        NotSent: ``disk.invalid-field``: it is no filter, or a value cannot be compared.
    """
    try:
        given = msgspec.json.decode(values, type=dict[str, str]) if values.strip() else {}
        tree = msgspec.json.decode(text, type=dict[str, Any]) if text.strip() else {}
        return _fits(tree, given)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise NotSent("disk.invalid-field", f"the filter cannot be read: {error}") from None


def millisecond(moment: datetime) -> str:
    """Write a time as the platform's connector does: to the millisecond, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _fits(tree: dict[str, Any], values: dict[str, str]) -> Fits:
    if "key" in tree:
        return _one(msgspec.convert(tree, Asked), values)
    joined = msgspec.convert(tree, Every)
    parts = [_fits(part, values) for part in joined.all or joined.any or () if _is_asked(part, values)]
    if joined.any and parts:
        return lambda entry: any(part(entry) for part in parts)
    return lambda entry: all(part(entry) for part in parts)


def _is_asked(tree: dict[str, Any], values: dict[str, str]) -> bool:
    """Tell whether anything is asked: a filter that no value was given for asks nothing."""
    if "key" in tree:
        return bool(values.get(str(tree["key"]), ""))
    return any(_is_asked(part, values) for part in (*tree.get("all", ()), *tree.get("any", ())))


def _one(asked: Asked, values: dict[str, str]) -> Fits:
    value = values[asked.key]
    match asked.field, asked.operator:
        case "fileName", "WILDCARD":
            return lambda entry: fnmatchcase(entry.name, value)
        case "fileName", "REGEX":
            return _regular(value)
        case "fileName", compared if compared in _COMPARED:
            return lambda entry: _COMPARED[compared](entry.name, value)
        case "fileSize", compared if compared in _COMPARED:
            size = _number(value)
            return lambda entry: _COMPARED[compared](entry.size, size)
        case (("createdDate" | "modifiedDate"), compared) if compared in _COMPARED:
            moment = _moment(value)
            return lambda entry: _COMPARED[compared](_cut(entry.modified), moment)
        case "isDirectory", ("EQUALS" | "NOT_EQUALS") as compared:
            wanted = value.strip().lower() == "true"
            return lambda entry: _COMPARED[compared](entry.kind == "folder", wanted)
        case _:
            raise NotSent("disk.invalid-field", f"'{asked.field}' cannot be compared by '{asked.operator}'")


def _regular(pattern: str) -> Fits:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise NotSent("disk.invalid-field", f"a regular expression cannot be read: {error}") from None
    return lambda entry: compiled.fullmatch(entry.name) is not None


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise NotSent("disk.invalid-field", "a size is a whole number of bytes")
    return int(text)


def _moment(text: str) -> datetime:
    if not _WRITTEN.fullmatch(text.strip()):
        raise NotSent("disk.invalid-field", "a time is written as yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
    try:
        return datetime.strptime(text.strip(), _FORM).replace(tzinfo=UTC)
    except ValueError:
        raise NotSent("disk.invalid-field", "there is no such time") from None


def _cut(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
