"""Profiles: the shape of a JSON document, in the kinds that a Flow type can express (wire protocol E.2, E.4).

A profile is written as JSON Schema and read once, at deployment. What Flow cannot express (a list of texts, a null
type, a union) is told as findings, so that a builder sees every mistake at once and at its place.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EntryKind = Literal["character", "number", "boolean", "datetime", "object", "list"]

MAX_DEPTH = 32  # objects within objects: far beyond any form or record, far below Python's recursion limit

SCALARS: frozenset[EntryKind] = frozenset({"character", "number", "boolean", "datetime"})

_SCALARS: dict[str, EntryKind] = {"string": "character", "number": "number", "integer": "number", "boolean": "boolean"}
_NAME = re.compile(r'[^"\\\x00-\x1f\x7f]+')
_NOTES = frozenset({"$comment", "description", "examples", "title"})  # keywords that change nothing
_OF_ROOT = frozenset({"$id", "$schema"})
_OF_OBJECT = frozenset({"properties", "required"})
_NULL_HINT = "leave the null out: every value in Flow may be null"


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One named member of an object. `entries` are the members of an object, or of each item of a list."""

    name: str
    kind: EntryKind
    required: bool = False
    description: str | None = None
    entries: tuple[Entry, ...] = ()


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The shape of a document: an object with `entries`, in the order in which they were written."""

    name: str
    entries: tuple[Entry, ...] = ()
    description: str | None = None

    def find(self, path: Sequence[str]) -> Entry | None:
        """Give the entry at `path`, keys from the root; None when there is none.

        A list may be written with or without ``[]`` after its key: ``("lines[]", "sku")``.
        """
        entries, found = self.entries, None
        for key in path:
            found = _named(entries, key)
            if found is None:
                return None
            entries = found.entries
        return found

    def walk(self) -> Iterator[tuple[tuple[str, ...], Entry]]:
        """Give every entry with its path, each before its members."""
        yield from _walk(self.entries, ())


class SchemaFinding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong with a schema. `pointer` is the JSON pointer (RFC 6901) of the offending value."""

    pointer: str
    message: str
    hint: str | None = None


def from_json_schema(schema: object, name: str) -> tuple[Profile, tuple[SchemaFinding, ...]]:
    """Read the profile `name` from a JSON Schema, given as plain Python data.

    A mistake never raises: the profile then holds what could be understood, and must not be deployed.
    """
    findings: list[SchemaFinding] = []
    reader = _Reader(findings)
    entries = reader.members(schema, "", depth=0)
    return Profile(name=name, entries=entries, description=_text(schema, "description")), tuple(findings)


class _Reader:
    """Walks a schema and notes what Flow cannot express."""

    def __init__(self, findings: list[SchemaFinding]) -> None:
        self._findings = findings

    def members(self, schema: object, pointer: str, *, depth: int) -> tuple[Entry, ...]:
        """Read the members of an object; `schema` is the object's own schema."""
        if not isinstance(schema, dict):
            self._note(pointer, "a schema is an object", hint='write {"type": "object", "properties": {...}}')
            return ()
        if schema.get("type") != "object":
            what = "the root" if not pointer else "the items of a list"
            self._note(f"{pointer}/type", f"{what} must be an object", hint='write "type": "object"')
            return ()
        self._keywords(schema, pointer, _OF_OBJECT | (_OF_ROOT if not pointer else frozenset()))
        properties = schema.get("properties", {})
        if not isinstance(properties, dict) or (not properties and pointer):
            self._note(f"{pointer}/properties", "an object needs properties", hint="Flow has no type without any")
            return ()
        if depth >= MAX_DEPTH:
            self._note(pointer, f"objects nest deeper than {MAX_DEPTH} levels")
            return ()
        required = self._required(schema, properties, pointer)
        read = (
            self._entry(key, value, f"{pointer}/properties/{_escape(key)}", required=key in required, depth=depth)
            for key, value in properties.items()
        )
        return tuple(entry for entry in read if entry is not None)

    def _entry(self, name: str, schema: object, pointer: str, *, required: bool, depth: int) -> Entry | None:
        if not name.strip() or not _NAME.fullmatch(name):
            self._note(pointer, "a property's name is blank, or holds a quote, a backslash or a control character")
            return None
        if not isinstance(schema, dict):
            self._note(pointer, "the schema of a property is an object", hint='write {"type": "string"}')
            return None
        kind = self._kind(schema, pointer)
        if kind is None:
            return None
        entries: tuple[Entry, ...] = ()
        if kind == "object":
            entries = self.members(schema, pointer, depth=depth + 1)
        elif kind == "list":
            entries = self.members(schema.get("items"), f"{pointer}/items", depth=depth + 1)
        return Entry(name=name, kind=kind, required=required, description=_text(schema, "description"), entries=entries)

    def _kind(self, schema: dict[str, object], pointer: str) -> EntryKind | None:
        written = schema.get("type")
        if written == "object":
            return "object"
        if written == "array":
            self._keywords(schema, pointer, frozenset({"items"}))
            if _is_scalar(schema.get("items")):
                hint = 'write "items": {"type": "object", "properties": {...}}'
                self._note(f"{pointer}/items", "a list in Flow holds objects, not single values", hint=hint)
                return None
            return "list"
        if isinstance(written, str) and written in _SCALARS:
            return self._scalar(written, schema, pointer)
        types = ", ".join(f'"{known}"' for known in (*_SCALARS, "object", "array"))
        nullable = isinstance(written, list) and "null" in written
        self._note(f"{pointer}/type", f"the type must be one of {types}", hint=_NULL_HINT if nullable else None)
        return None

    def _scalar(self, written: str, schema: dict[str, object], pointer: str) -> EntryKind:
        self._keywords(schema, pointer, frozenset({"format"} if written == "string" else ()))
        if written == "string" and "format" in schema:
            if schema["format"] == "date-time":
                return "datetime"
            hint = 'leave "format" out for a text; the only format is "date-time"'
            self._note(f"{pointer}/format", "Flow has no such format", hint=hint)
        return _SCALARS[written]

    def _keywords(self, schema: dict[str, object], pointer: str, meant: frozenset[str]) -> None:
        known = meant | _NOTES | {"type"}
        for keyword in schema:
            if keyword not in known:
                hint = _suggest(keyword, known)
                self._note(f"{pointer}/{_escape(keyword)}", f"'{keyword}' cannot be expressed in Flow", hint=hint)

    def _required(self, schema: dict[str, object], properties: dict[str, object], pointer: str) -> frozenset[str]:
        written = schema.get("required", [])
        if not isinstance(written, list) or not all(isinstance(item, str) for item in written):
            self._note(f"{pointer}/required", "'required' is a list of property names")
            return frozenset()
        for index, item in enumerate(written):
            if item not in properties:
                self._note(f"{pointer}/required/{index}", f"there is no property '{item}'", _suggest(item, properties))
        return frozenset(written)

    def _note(self, pointer: str, message: str, hint: str | None = None) -> None:
        self._findings.append(SchemaFinding(pointer=pointer, message=message, hint=hint))


def _named(entries: tuple[Entry, ...], key: str) -> Entry | None:
    exact = next((entry for entry in entries if entry.name == key), None)
    if exact is not None or not key.endswith("[]"):
        return exact
    return next((entry for entry in entries if entry.name == key[:-2] and entry.kind == "list"), None)


def _walk(entries: tuple[Entry, ...], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Entry]]:
    for entry in entries:
        path = (*above, entry.name)
        yield path, entry
        yield from _walk(entry.entries, path)


def _is_scalar(schema: object) -> bool:
    written = schema.get("type") if isinstance(schema, dict) else None
    return isinstance(written, str) and written in _SCALARS


def _text(schema: object, key: str) -> str | None:
    value = schema.get(key) if isinstance(schema, dict) else None
    return value if isinstance(value, str) else None


def _suggest(word: str, known: Iterable[str]) -> str | None:
    close = get_close_matches(word, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else None


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
