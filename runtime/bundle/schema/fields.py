"""The fields of connectors as schemas, from the same types that their texts are converted to."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from runtime.bundle.schema.words import COMPUTED, SCALARS, Schema, ref

_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_LENGTHS = {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}
# Each plain type as YAML knows it, and as a quoted text that is read all the same.
_PLAIN: dict[object, tuple[str, str]] = {
    int: ("integer", r"^[-+]?[0-9]+$"),
    float: ("number", r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$"),
    bool: ("boolean", r"^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[01])$"),
}


def fields_of(struct: type[Any], value: str) -> tuple[dict[str, Schema], list[str]]:
    """Give the schema of each field of `struct` by its name in a bundle, and the names that are required.

    `value` names the definition of a text of the place: ``template`` or ``filled``.
    """
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for field in msgspec.structs.fields(struct):
        name = field.encode_name.replace("_", " ")
        schema = _field(field.type, value)
        if isinstance(field.default, str | int | float | bool):
            schema["default"] = field.default
        properties[name] = schema
        if field.required:
            required.append(name)
    return properties, required


def _field(kind: object, value: str) -> Schema:
    base, notes = _unwrapped(kind)
    description = next((note.description for note in notes if note.description is not None), None)
    plain = _plain(base, notes)
    if plain is None:
        return ref(value, description)
    schema: Schema = {"anyOf": [*plain, COMPUTED]}
    return {**schema, "description": description} if description is not None else schema


def _plain(base: object, notes: list[Meta]) -> list[Schema] | None:
    """Give what may be written without ``${…}``; None where any text may be."""
    if get_origin(base) is Literal:
        return [{"enum": list(get_args(base))}]
    if base is str:
        limits = _keywords(notes, _LENGTHS)
        others = [kind for kind in SCALARS if kind != "string"]
        return [{"type": "string", **limits}, {"type": others}] if limits else None
    if base in _PLAIN:
        name, quoted = _PLAIN[base]
        return [{"type": name, **_keywords(notes, _BOUNDS)}, {"type": "string", "pattern": quoted}]
    return None


def _keywords(notes: list[Meta], names: dict[str, str]) -> Schema:
    found = ((keyword, getattr(note, name)) for note in notes for name, keyword in names.items())
    return {keyword: limit for keyword, limit in found if limit is not None}


def _unwrapped(kind: object) -> tuple[object, list[Meta]]:
    """Give the type itself and what is said of it, without ``Annotated`` and ``| None``."""
    notes: list[Meta] = []
    while True:
        if get_origin(kind) is Annotated:
            notes.extend(note for note in get_args(kind)[1:] if isinstance(note, Meta))
            kind = get_args(kind)[0]
        elif get_origin(kind) in {Union, types.UnionType}:
            kinds = [one for one in get_args(kind) if one is not type(None)]
            if len(kinds) != 1:
                return object, notes
            kind = kinds[0]
        else:
            return kind, notes
