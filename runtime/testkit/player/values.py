"""Values between JSON, as people and programs write it, and the forms of the wire, by the types that are described.

Numbers keep their digits both ways. A text given for a number or a datetime goes out as it is: a page of a flow would
send it, too, and a service must cope.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from runtime.bundle.findings import suggest
from runtime.flow.values import exact_float, read_boolean, read_number, write_text
from runtime.testkit.player.failures import Misused
from runtime.testkit.player.wire import EngineObject, EngineProperty, EngineValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runtime.testkit.player.description import Described, Type

OBJECT = "ContentObject"
LIST = "ContentList"


def read_json(text: str | bytes, what: str) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON; numbers that are no integers become decimals.

    Raises:
        Misused: it is not JSON; the message begins with `what`.
    """
    try:
        return msgspec.json.Decoder(float_hook=exact_float).decode(text)
    except (ValueError, RecursionError) as error:
        raise Misused("player.not-json", f"{what} is not JSON: {error}") from error


def from_text(text: str, described: Described) -> object:
    """Give the JSON value of a text of the command line: objects and lists are JSON, anything else is itself.

    Raises:
        Misused: the text of an object or list is not JSON.
    """
    if described.content_type in {OBJECT, LIST}:
        return read_json(text, f"the value of '{described.developer_name}'")
    return text


def engine_values(
    given: Mapping[str, object], described: Sequence[Described], types: Mapping[str, Type], what: str
) -> list[EngineValue]:
    """Give the values that go out, in the order of the description; what is not given is left out.

    Raises:
        Misused: a name is not described, or a value does not fit its type.
    """
    known = {each.developer_name: each for each in described}
    for name in given:
        if name not in known:
            raise Misused("player.unknown-name", f"there is no {what} '{name}'", hint=suggest(name, known))
    return [_value(given[name], each, types) for name, each in known.items() if name in given]


def unchecked(pairs: Iterable[tuple[str, str]]) -> list[EngineValue]:
    """Give configuration values before their description is known: an installer's second request has them so."""
    return [EngineValue(developer_name=name, content_value=text) for name, text in pairs]


def plain(values: Sequence[EngineValue]) -> dict[str, object]:
    """Give values that came in as one JSON object; numbers are decimals."""
    return {value.developer_name or "": _plain(value) for value in values}


def object_of(row: object, name: str, types: Mapping[str, Type], *, order: int = 0) -> EngineObject:
    """Give an object of a described type, given as JSON.

    Raises:
        Misused: a property is not described, or a value does not fit it.
    """
    return _object(row, name, types, where=name, order=order)


def plain_object(given: EngineObject) -> dict[str, object]:
    """Give an object that came in as JSON; numbers are decimals."""
    return {each.developer_name or "": _plain(each) for each in given.properties or ()}


def _value(value: object, described: Described, types: Mapping[str, Type]) -> EngineValue:
    text, objects = _contents(value, described, types, described.developer_name)
    return EngineValue(
        developer_name=described.developer_name,
        content_type=described.content_type,
        content_value=text,
        object_data=objects,
        value_element_id=str(uuid4()),
    )


def _contents(
    value: object, described: Described, types: Mapping[str, Type], where: str
) -> tuple[str | None, list[EngineObject] | None]:
    if value is None:
        return None, None
    wanted = described.content_type
    if wanted in {OBJECT, LIST}:
        rows = value if isinstance(value, list) else [value]
        if (wanted == LIST) != isinstance(value, list):
            raise _wrong(where, "a list" if wanted == LIST else "an object")
        name = described.type_element_developer_name or ""
        return None, [
            _object(row, name, types, where=f"{where}[{index}]", order=index) for index, row in enumerate(rows)
        ]
    try:
        return write_text(value), None
    except ValueError as error:
        raise _wrong(where, "a single value") from error


def _object(row: object, name: str, types: Mapping[str, Type], *, where: str, order: int) -> EngineObject:
    if not isinstance(row, dict):
        raise _wrong(where, "an object")
    of = types.get(name)
    properties = [_property(key, value, of, types, f"{where}.{key}") for key, value in row.items()]
    return EngineObject(
        developer_name=name, external_id=str(uuid4()), internal_id=str(uuid4()), order=order, properties=properties
    )


def _property(key: str, value: object, of: Type | None, types: Mapping[str, Type], where: str) -> EngineProperty:
    if of is None:  # a type of the engine: its properties are texts
        return EngineProperty(developer_name=key, content_type="ContentString", content_value=write_text(value))
    described = of.property(key)
    if described is None:
        hint = suggest(key, [each.developer_name for each in of.properties])
        raise Misused("player.unknown-name", f"'{of.developer_name}' has no property '{key}'", hint=hint)
    text, objects = _contents(value, described, types, where)
    return EngineProperty(
        developer_name=key, content_type=described.content_type, content_value=text, object_data=objects
    )


def _plain(value: EngineValue | EngineProperty) -> object:
    if value.content_type in {OBJECT, LIST}:
        if value.object_data is None:
            return None
        rows = [plain_object(row) for row in value.object_data]
        return rows if value.content_type == LIST else next(iter(rows), None)
    return _scalar(value.content_type, value.content_value)


def _scalar(content_type: str | None, text: str | None) -> object:
    try:
        if content_type == "ContentNumber" and text is not None:
            digits = read_number(text)
            return None if digits is None else Decimal(digits)
        if content_type == "ContentBoolean" and text is not None:
            return read_boolean(text)
    except ValueError:
        return text  # not what the type says: shown as it came
    return text


def _wrong(where: str, wanted: str) -> Misused:
    return Misused("player.wrong-value", f"'{where}' takes {wanted}")
