"""Objects: records of a flat type, between documents and the objects of Flow (wire protocol A.3, E.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from runtime.errors import ProcessFault
from runtime.flow.filters import Column
from runtime.flow.inputs import Shape, compile_inputs
from runtime.flow.outputs import CONTENT_TYPES, IDENTIFIERS, NOTHING, WRITERS
from runtime.flow.values import exact_float, write_boolean
from runtime.flow.wire import OutputObject, OutputProperty
from runtime.model.profile import SCALARS

if TYPE_CHECKING:
    from runtime.model.profile import Entry

Record = Mapping[str, Any]  # a decoded document
Texts = dict[str, str | None]  # of each property, as Flow reads it

_DECODER = msgspec.json.Decoder(float_hook=exact_float)
_HINT = "look at the documents before Return Documents"


class ObjectMember(Struct, frozen=True):
    """A property: its column, its content type, how its text is written."""

    column: Column
    folded: str
    content_type: str
    write: Callable[[object], str | None]


class ObjectCodec(Struct, frozen=True, kw_only=True):
    """Turns records into objects of the type `name` and back. `identifier` names the property with a record's key."""

    name: str
    members: tuple[ObjectMember, ...]
    inputs: Shape
    identifier: str

    def column(self, name: str) -> Column | None:
        """Give the property of that name, matched exactly or else without regard to case."""
        folded = name.casefold()
        near = None
        for member in self.members:
            if member.column.name == name:
                return member.column
            if member.folded == folded:
                near = near or member.column
        return near

    @property
    def key(self) -> Column:
        """The property that identifies a record."""
        return next(member.column for member in self.members if member.column.name == self.identifier)


def compile_objects(name: str, entries: Sequence[Entry], identifier: str | None = None) -> ObjectCodec:
    """Prepare the objects of a type; only single values belong to it, and there must be one (wire protocol E.3)."""
    single = tuple(entry for entry in entries if entry.kind in SCALARS)
    members = tuple(
        ObjectMember(
            Column(entry.name, entry.kind),
            entry.name.casefold(),
            CONTENT_TYPES[entry.kind],
            _write_flag if entry.kind == "boolean" else WRITERS[entry.kind],
        )
        for entry in single
    )
    return ObjectCodec(
        name=name,
        members=members,
        inputs=compile_inputs(single),
        identifier=identifier or _identifier([entry.name for entry in single]),
    )


def _write_flag(value: object) -> str | None:
    """Give ``true`` or ``false``; 1 and 0 count as well, since they are what databases without the kind hold.

    Raises:
        ValueError: `value` is neither.
    """
    return write_boolean(bool(value) if type(value) is int and value in {0, 1} else value)


def _identifier(names: Sequence[str]) -> str:
    found = (name for wanted in IDENTIFIERS for name in names if name.lower() == wanted)
    return next(found, names[0])


def read_records(documents: Sequence[bytes]) -> list[Record]:
    """Give the records of returned documents: each is one object, or a list of objects, or nothing.

    Raises:
        ProcessFault: a document is something else; the message says which.
    """
    records: list[Record] = []
    for number, document in enumerate(documents, 1):
        records += _records_of(document, number)
    return records


def _records_of(document: bytes, number: int) -> list[Record]:
    if document.strip() in NOTHING:
        return []
    try:
        value = _DECODER.decode(document)
    except (ValueError, RecursionError) as error:
        message = f"The returned document {number} is not JSON: {error}."
        raise ProcessFault("flow.response", message, hint=_HINT) from error
    records = [each for each in value if each is not None] if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in records):
        message = f"The returned document {number} is neither an object nor a list of objects."
        raise ProcessFault("flow.response", message, hint=_HINT)
    return records


def write_texts(record: Record, codec: ObjectCodec, missing: Texts | None = None) -> Texts:
    """Give the text of each property of a record; one that it does not have comes from `missing`, or is null.

    Raises:
        ProcessFault: a value is not of its type; the message names the property.
    """
    folded: dict[str, Any] | None = None
    texts: Texts = {}
    for member in codec.members:
        name = member.column.name
        if name in record:
            value = record[name]
        else:
            folded = folded if folded is not None else {key.casefold(): each for key, each in record.items()}
            if member.folded not in folded:
                texts[name] = (missing or {}).get(name)
                continue
            value = folded[member.folded]
        try:
            texts[name] = member.write(value)
        except ValueError as error:
            message = f'The property "{name}" of a returned {codec.name} {error}.'
            raise ProcessFault("flow.response", message, hint=_HINT) from error
    return texts


def write_object(
    texts: Texts, codec: ObjectCodec, order: int, *, external: str | None = None, internal: str | None = None
) -> OutputObject:
    """Give the object with these texts; its external id is that of its identifying property, or else `external`.

    Raises:
        ProcessFault: it has none, and Flow needs one of every object that it may save again.
    """
    identity = texts[codec.identifier] or external
    if not identity:
        message = f'A returned {codec.name} has no "{codec.identifier}", by which Flow knows it again.'
        raise ProcessFault("flow.response", message, hint=_HINT)
    properties = [
        OutputProperty(member.column.name, texts[member.column.name], member.content_type, [])
        for member in codec.members
    ]
    return OutputObject(codec.name, identity, order, properties, internal_id=internal)
