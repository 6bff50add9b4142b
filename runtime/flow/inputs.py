"""Inputs: from the values of a call to the document that the process receives (wire protocol A.2.1, E.2).

What can be known at deployment is compiled into a `Shape` then; a call only looks up and converts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from runtime.errors import RequestError
from runtime.flow.values import read_boolean, read_datetime, read_number

if TYPE_CHECKING:
    from runtime.flow.wire import InputValue
    from runtime.model.profile import Entry, EntryKind

_READERS: dict[EntryKind, Callable[[str], object]] = {
    "character": str,
    "number": lambda text: None if (digits := read_number(text)) is None else msgspec.Raw(digits.encode("ascii")),
    "boolean": read_boolean,
    "datetime": read_datetime,
}


_ENCODER = msgspec.json.Encoder()
_INPUT = "input"


class Member(Struct, frozen=True, kw_only=True):
    """One entry: `read` converts the text of a single value, `shape` is that of an object or of a list's items."""

    name: str
    folded: str
    is_list: bool = False
    read: Callable[[str], object] | None = None
    shape: Shape | None = None


class Shape(Struct, frozen=True):
    """The members of an object, in the order of the profile."""

    members: tuple[Member, ...]
    names: frozenset[str]


def compile_inputs(entries: tuple[Entry, ...]) -> Shape:
    """Prepare the reading of objects with these entries."""
    members = tuple(
        Member(
            name=entry.name,
            folded=entry.name.casefold(),
            is_list=entry.kind == "list",
            read=_READERS.get(entry.kind),
            shape=compile_inputs(entry.entries) if entry.kind in {"object", "list"} else None,
        )
        for entry in entries
    )
    return Shape(members, frozenset(member.name for member in members))


def read_document(values: list[InputValue] | None, shape: Shape) -> bytes:
    """Give the JSON document of a call: members in the order of the profile, absent where the input is absent.

    Raises:
        RequestError: an input is not of its described type; the message names it.
    """
    given = values or []
    document = _in_order(given, shape, "", _INPUT)
    return _ENCODER.encode(read_members(given, shape) if document is None else document)


def match_names(values: list[InputValue], names: frozenset[str]) -> tuple[dict[str, InputValue], dict[str, InputValue]]:
    """Give the values by exact name, and those with another name by its case-folded form; the first of equals counts.

    The Java SDK compares names exactly, the engine's helpers without regard to case (wire protocol A.2.1).
    """
    exact: dict[str, InputValue] = {}
    folded: dict[str, InputValue] = {}
    for value in values:
        name = value.developer_name or ""
        if name in names:
            exact.setdefault(name, value)
        else:
            folded.setdefault(name.casefold(), value)
    return exact, folded


def read_members(values: list[InputValue], shape: Shape, where: str = "", *, what: str = _INPUT) -> dict[str, object]:
    """Give the members of an object as JSON values; `where` and `what` name one in messages.

    Raises:
        RequestError: a value is not of its described type.
    """
    document = _in_order(values, shape, where, what)
    if document is not None:
        return document
    document = {}
    exact, folded = match_names(values, shape.names)
    for member in shape.members:
        value = exact.get(member.name)
        if value is None and folded:
            value = folded.get(member.folded)
        if value is not None:
            document[member.name] = _read(value, member, where, what)
    return document


def _in_order(values: list[InputValue], shape: Shape, where: str, what: str) -> dict[str, object] | None:
    """Give the members of an object whose values are all there, in their order, as they mostly are; else None."""
    if len(values) != len(shape.members):
        return None
    document: dict[str, object] = {}
    following = iter(values)
    for member in shape.members:
        value, name = next(following), member.name
        if value.developer_name != name:
            return None
        document[name] = value.content_value if member.read is str else _read(value, member, where, what)
    return document


def _read(value: InputValue, member: Member, where: str, what: str) -> object:
    if member.read is not None:
        text = value.content_value
        try:
            return None if text is None else member.read(text)
        except ValueError as error:
            raise RequestError("flow.input", f'The {what} "{where}{member.name}" {error}.') from error
    objects, shape = value.objects, member.shape
    if objects is None or shape is None:
        return None
    inner = f"{where}{member.name} / "
    rows = [read_members(row.properties or [], shape, inner, what=what) for row in objects]
    if member.is_list:
        return rows
    if len(rows) > 1:
        raise RequestError("flow.input", f'The {what} "{where}{member.name}" holds {len(rows)} objects, not one.')
    return rows[0] if rows else None
