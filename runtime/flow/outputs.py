"""Outputs: from the document that a process returned to the values that Flow reads (wire protocol A.2.2, E.2).

As with inputs, what can be known at deployment is compiled then: a record class that decodes only described members,
and for each member how its value is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from runtime.errors import ProcessFault
from runtime.flow.type_names import Path, generated_types
from runtime.flow.values import exact_float, write_boolean, write_datetime, write_number, write_text
from runtime.flow.wire import OutputObject, OutputProperty, OutputValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.model.profile import Entry, EntryKind, Profile

CONTENT_TYPES: dict[EntryKind, str] = {
    "character": "ContentString",
    "number": "ContentNumber",
    "boolean": "ContentBoolean",
    "datetime": "ContentDateTime",
    "object": "ContentObject",
    "list": "ContentList",
}

WRITERS: dict[EntryKind, Callable[[object], str | None]] = {
    "character": write_text,
    "number": write_number,
    "boolean": write_boolean,
    "datetime": write_datetime,
}
NOTHING = frozenset({b"", b"null"})
_ENCODER = msgspec.json.Encoder()
_MARK = b'"contentValue":""'
IDENTIFIERS = ("externalid", "id")  # names of the entry that identifies an object, in any case (wire protocol E.3)


class Member(Struct, frozen=True, kw_only=True):
    """One entry, `field` of a record: `write` gives the text of a single value, `shape` is that of an object or a row.

    `around` is the JSON before and behind the text of a single value among outputs; before any other only a comma.
    """

    name: str
    field: str
    content_type: str
    type_name: str | None = None
    write: Callable[[object], str | None] | None = None
    shape: Shape | None = None
    around: tuple[bytes, bytes] = (b"", b"")


class Shape(Struct, frozen=True, kw_only=True):
    """The members of an object; `record` decodes it into one field for each."""

    members: tuple[Member, ...]
    record: type[Struct]
    identifier: int | None = None


class OutputCodec(Struct, frozen=True):
    """Reads documents that follow a response profile and writes them as outputs."""

    shape: Shape
    decoder: msgspec.json.Decoder[Struct]


def compile_outputs(action: str, profile: Profile) -> OutputCodec:
    """Prepare the writing of an action's outputs."""
    names = {path: name for path, (name, _) in generated_types(action, "RESPONSE", profile).items()}
    shape = _compile(profile.entries, (), names)
    return OutputCodec(shape, msgspec.json.Decoder(shape.record, float_hook=exact_float))


def write_outputs(document: bytes, codec: OutputCodec) -> list[OutputValue]:
    """Give the outputs of a document; one that is empty gives every output with a null value (wire protocol E.7).

    Raises:
        ProcessFault: the document does not follow the response profile; the message names the output.
    """
    record = _decode(document, codec)
    return [
        OutputValue(member.name, text, member.content_type, objects, member.type_name)
        for member, text, objects in _write_members(record, codec.shape, "")
    ]


def encode_outputs(document: bytes, codec: OutputCodec) -> list[bytes]:
    """Give the outputs of a document as the JSON of `write_outputs`, in pieces, and but for the brackets around them.

    Raises:
        ProcessFault: as `write_outputs`.
    """
    encode = _ENCODER.encode
    pieces: list[bytes] = []
    record = _decode(document, codec)
    for member in codec.shape.members:
        value, (before, behind) = getattr(record, member.field), member.around
        if member.write is None:
            objects = _write_objects(value, member, f"{member.name} / ")
            output = encode(OutputValue(member.name, None, member.content_type, objects, member.type_name))
            pieces += (before, output)
        else:
            text = value if type(value) is str and member.write is write_text else _text(value, member, "")
            pieces += (before, encode(text), behind)
    return pieces


def _around(entry: Entry, type_name: str | None, *, between: bytes) -> tuple[bytes, bytes]:
    """Give what stands before an output, and behind the text of a single value.

    No name can hold the mark, as its quotes are escaped.
    """
    if entry.kind not in WRITERS:
        return between, b""
    output = OutputValue(entry.name, "", CONTENT_TYPES[entry.kind], None, type_name)
    before, _, behind = _ENCODER.encode(output).partition(_MARK)
    return b"%b%b%b" % (between, before, _MARK[:-2]), behind


def _compile(entries: tuple[Entry, ...], above: Path, names: dict[Path, str]) -> Shape:
    members: list[Member] = []
    fields: list[tuple[str, Any, Any]] = []
    for index, entry in enumerate(entries):
        path = (*above, entry.name)
        shape = _compile(entry.entries, path, names) if path in names else None
        members.append(
            Member(
                name=entry.name,
                field=f"m{index}",
                content_type=CONTENT_TYPES[entry.kind],
                type_name=names.get(path),
                write=WRITERS.get(entry.kind),
                shape=shape,
                around=_around(entry, names.get(path), between=b"," if index else b""),
            )
        )
        fields.append((f"m{index}", _field_type(entry, shape), None))
    renamed = {f"m{index}": entry.name for index, entry in enumerate(entries)}
    record = msgspec.defstruct("Record", fields, rename=renamed)
    return Shape(members=tuple(members), record=record, identifier=_identifier(entries))


def _field_type(entry: Entry, shape: Shape | None) -> Any:  # noqa: ANN401 - a type, built at run time
    if shape is None:
        return Any
    return list[shape.record] | None if entry.kind == "list" else shape.record | None  # type: ignore[name-defined]


def _identifier(entries: tuple[Entry, ...]) -> int | None:
    for wanted in IDENTIFIERS:
        for index, entry in enumerate(entries):
            if entry.name.lower() == wanted and entry.kind in WRITERS:
                return index
    return None


def _decode(document: bytes, codec: OutputCodec) -> Struct:
    try:
        return codec.decoder.decode(document)
    except (ValueError, RecursionError) as error:
        if document.strip() in NOTHING:
            return codec.shape.record()
        message = f"The returned document does not follow the response profile: {error}."
        raise ProcessFault("flow.response", message, hint="look at the document before Return Documents") from error


def _write_members(
    record: Struct, shape: Shape, where: str
) -> Iterator[tuple[Member, str | None, list[OutputObject] | None]]:
    for member in shape.members:
        value = getattr(record, member.field)
        if member.write is not None:
            yield member, _text(value, member, where), None
        else:
            yield member, None, _write_objects(value, member, f"{where}{member.name} / ")


def _text(value: object, member: Member, where: str) -> str | None:
    try:
        return None if member.write is None else member.write(value)
    except ValueError as error:
        raise ProcessFault("flow.response", f'The output "{where}{member.name}" {error}.') from error


def _write_objects(value: Any, member: Member, where: str) -> list[OutputObject] | None:  # noqa: ANN401 - decoded
    if member.shape is None or value is None:
        return None
    rows = value if isinstance(value, list) else [value]
    return [_write_object(row, order, member.type_name or "", member.shape, where) for order, row in enumerate(rows)]


def _write_object(row: Struct, order: int, type_name: str, shape: Shape, where: str) -> OutputObject:
    properties = [
        OutputProperty(member.name, text, member.content_type, objects)
        for member, text, objects in _write_members(row, shape, where)
    ]
    identifier = None if shape.identifier is None else properties[shape.identifier].content_value
    return OutputObject(type_name, identifier, order, properties)
