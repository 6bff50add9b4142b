"""A profile out of sample documents: the JSON Schema that they, and others like them, fit.

What a sample leaves open, null or an empty list, is left out or taken for a text, and noted. What Flow cannot express
is a mistake of the sample, told at its JSON pointer: lists of single values or of lists, two kinds under one name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from runtime.flow.values import read_datetime
from runtime.model.profile import MAX_DEPTH, from_json_schema

Schema = dict[str, Any]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_SCHEMAS: dict[str, Schema] = {
    "text": {"type": "string"},
    "instant": {"type": "string", "format": "date-time"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
}
_CALLED = {
    "text": "a text",
    "instant": "a datetime",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "list": "a list",
}


class SampleFinding(Struct, frozen=True):
    """What a sample says that no profile can, or (a `note`) leaves open. `pointer` is its first JSON pointer."""

    pointer: str
    message: str
    note: bool = False


class _Seen:
    """What was seen of a value: its kinds, and of objects and of the items of lists the members."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        self.kinds: set[str] = set()
        self.members: dict[str, _Seen] = {}
        self.items: _Seen | None = None

    def take(self, value: object, pointer: str) -> None:
        kind = _kind(value)
        if kind is not None:
            self.kinds.add(kind)
        if isinstance(value, dict):
            for name, inner in value.items():
                where = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
                self.members.setdefault(name, _Seen(where)).take(inner, where)
        elif isinstance(value, list):
            self.items = self.items or _Seen(f"{pointer}/0")
            for number, inner in enumerate(value):
                self.items.take(inner, f"{pointer}/{number}")


def schema_of(samples: Sequence[object]) -> tuple[Schema, tuple[SampleFinding, ...]]:
    """Give the JSON Schema of these documents, and what is to be said of it; with a finding that is no note it is none.

    Members keep the order in which they come first.
    """
    root = _Seen("")
    for sample in samples:
        root.take(sample, "")
    findings: list[SampleFinding] = []
    if root.kinds != {"object"}:
        findings.append(SampleFinding("", "the root of a document for Flow is an object"))
        return {}, tuple(findings)
    schema = _object(root, findings, 0)
    if schema is None:
        return {}, tuple(findings)
    _, mistakes = from_json_schema(schema, "sample")
    findings += (SampleFinding(mistake.pointer, mistake.message) for mistake in mistakes)  # such as an odd name
    return schema, tuple(findings)


def _object(seen: _Seen, findings: list[SampleFinding], depth: int) -> Schema | None:
    if depth > MAX_DEPTH:
        findings.append(SampleFinding(seen.pointer, f"objects nest deeper than {MAX_DEPTH} levels"))
        return None
    read = ((name, _schema(inner, findings, depth)) for name, inner in seen.members.items())
    properties = {name: schema for name, schema in read if schema is not None}
    if not properties:
        findings.append(
            SampleFinding(seen.pointer, "an object without members says nothing: it is left out", note=True)
        )
        return None
    return {"type": "object", "properties": properties}


def _schema(seen: _Seen, findings: list[SampleFinding], depth: int) -> Schema | None:
    kinds = {"text"} if seen.kinds == {"text", "instant"} else seen.kinds
    if len(kinds) > 1:
        both = " and ".join(_CALLED[kind] for kind in sorted(kinds))
        findings.append(SampleFinding(seen.pointer, f"a value has one kind, and this is {both}"))
        return None
    if not kinds:
        findings.append(SampleFinding(seen.pointer, "only null is seen: it is taken for a text", note=True))
        return dict(_SCHEMAS["text"])
    (kind,) = kinds
    if kind == "object":
        return _object(seen, findings, depth + 1)
    return _list(seen, findings, depth) if kind == "list" else dict(_SCHEMAS[kind])


def _list(seen: _Seen, findings: list[SampleFinding], depth: int) -> Schema | None:
    items = seen.items
    if items is None or not items.kinds:
        findings.append(
            SampleFinding(seen.pointer, "an empty list says nothing of its items: it is left out", note=True)
        )
        return None
    if items.kinds != {"object"}:
        others = " and ".join(_CALLED[kind] for kind in sorted(items.kinds - {"object"}))
        findings.append(SampleFinding(items.pointer, f"a list in Flow holds objects, and this holds {others}"))
        return None
    inner = _object(items, findings, depth + 1)
    return None if inner is None else {"type": "array", "items": inner}


def _kind(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case dict():
            return "object"
        case list():
            return "list"
        case _:
            return "instant" if _is_instant(str(value)) else "text"


def _is_instant(text: str) -> bool:
    if not _INSTANT.fullmatch(text):
        return False
    try:
        return read_datetime(text) is not None
    except ValueError:
        return False
