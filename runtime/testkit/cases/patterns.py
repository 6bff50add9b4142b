"""What a value is compared with: JSON as YAML writes it, and a text where anything else is written.

Total: 3.50            # numbers are equal as decimals
Id: { $any: true }     # there must be one, whatever it is
Number: { $like: "A-[0-9]+" }
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.nodes import Items, Scalar, Table

if TYPE_CHECKING:
    from runtime.bundle.nodes import Node

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SHOWN = 120  # characters of a value in a message

Value = str | Decimal | bool | None | list["Value"] | dict[str, "Value"]


class Any(Struct, frozen=True):
    """Fits everything that is there."""


class Like(Struct, frozen=True):
    """Fits a text or number that is wholly as the regular expression says."""

    expression: str


class Text(Struct, frozen=True):
    """Fits these characters, and no other form of the same value."""

    text: str


class Json(Struct, frozen=True):
    """Fits an equal JSON value; `value` may hold `Any` and `Like` at any depth."""

    value: object


Pattern = Any | Like | Text | Json


def written(node: Node) -> bytes:
    """Give what a person wrote as the content of a document: a text as it is, anything else as JSON."""
    return node.text.encode() if isinstance(node, Scalar) else json_text(node).encode()


def json_text(node: Node) -> str:
    """Give a node as JSON; a number keeps its digits."""
    match node:
        case Table():
            members = (f"{json.dumps(key.text)}: {json_text(value)}" for key, value in node)
            return "{" + ", ".join(members) + "}"
        case Items():
            return "[" + ", ".join(json_text(item) for item in node.items) + "]"
        case Scalar():
            return _scalar(node)


def read_json(content: bytes | str) -> object:
    """Give JSON as values whose numbers are decimals.

    Raises:
        ValueError: it is no JSON.
    """
    return json.loads(content, parse_float=Decimal, parse_int=Decimal)


def pattern(node: Node) -> Pattern:
    """Give what fits the value that a person has written.

    Raises:
        ValueError: a regular expression cannot be read.
    """
    special = _special(node)
    if special is not None:
        return special
    if isinstance(node, Scalar):
        return Text(node.text)
    return Json(_value(node))


def mismatches(wanted: Pattern, actual: str | bytes | None, where: str) -> Iterator[str]:
    """Say how a text differs from what is wanted of it."""
    if actual is None:
        if not isinstance(wanted, Json) or wanted.value is not None:
            yield f"{where} is not there; wanted {_shown(wanted)}"
        return
    text = actual.decode("utf-8", "replace") if isinstance(actual, bytes) else actual
    match wanted:
        case Any() | Like():
            yield from differences(wanted, text, where)
        case Text(expected):
            yield from differences(expected, text, where)
        case Json(value):
            try:
                found = read_json(text)
            except ValueError:
                yield f"{where} is no JSON: {_shown(text)}"
                return
            yield from differences(value, found, where)


def differences(wanted: object, found: object, where: str) -> Iterator[str]:
    """Say where a JSON value differs from the one that is wanted."""
    match wanted:
        case Any():
            return
        case Like(expression):
            if isinstance(found, dict | list) or re.fullmatch(expression, _plain(found)) is None:
                yield f"{where} is {_shown(found)}; wanted like {expression}"
        case dict() if isinstance(found, dict):
            yield from _members(wanted, found, where)
        case list() if isinstance(found, list):
            if len(wanted) != len(found):
                yield f"{where} has {len(found)} items; wanted {len(wanted)}"
            for number, (each, item) in enumerate(zip(wanted, found, strict=False)):
                yield from differences(each, item, f"{where}[{number}]")
        case _:
            if wanted != found or isinstance(wanted, bool) != isinstance(found, bool):
                yield f"{where} is {_shown(found)}; wanted {_shown(wanted)}"


def _members(wanted: dict[str, object], found: dict[str, object], where: str) -> Iterator[str]:
    for name, value in wanted.items():
        if name in found:
            yield from differences(value, found[name], f"{where}.{name}")
        else:
            yield f"{where} has no {name}; wanted {_shown(value)}"
    for name in found.keys() - wanted.keys():
        yield f"{where}.{name} is {_shown(found[name])}; nothing is wanted there"


def _value(node: Node) -> object:
    special = _special(node)
    if special is not None:
        return special
    match node:
        case Table():
            return {key.text: _value(value) for key, value in node}
        case Items():
            return [_value(item) for item in node.items]
        case Scalar():
            return read_json(_scalar(node))


def _special(node: Node) -> Any | Like | None:
    if not isinstance(node, Table) or len(node.entries) != 1:
        return None
    key, value = node.entries[0]
    if key.text == "$any":
        return Any()
    if key.text == "$like" and isinstance(value, Scalar):
        try:
            re.compile(value.text)
        except re.error as error:
            raise ValueError(f"the expression cannot be read: {error}") from error
        return Like(value.text)
    return None


def _scalar(node: Scalar) -> str:
    if node.is_null:
        return "null"
    if node.flag is not None:
        return "true" if node.flag else "false"
    if node.plain and _NUMBER.fullmatch(node.text):
        try:
            Decimal(node.text)
        except InvalidOperation:
            return json.dumps(node.text)
        return node.text
    return json.dumps(node.text)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else _shown(value)


def _shown(value: object) -> str:
    """Give a value as a person reads it in one line."""
    match value:
        case Json(inner):
            return _shown(inner)
        case Text(text):
            return _shown(text)
        case Any():
            return "anything"
        case Like(expression):
            return f"like {expression}"
        case _:
            text = value if isinstance(value, str) else json.dumps(value, default=_default, ensure_ascii=False)
    text = repr(text) if isinstance(value, str) else text
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return _shown(value)
