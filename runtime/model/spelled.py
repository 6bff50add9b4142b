"""Elements of profiles as native bundles spell them: keys with dots between them, ``[]`` after what repeats.

- JSON: the members from the root, ``lines[].sku``
- XML: the elements below the root, attributes with an ``@``: ``@no``, ``Line[].@k``; ``.`` is the text of the root, and
  at the end of a path that of an element that holds others, ``Note..``
- flat files and databases: a kind of record or statement, then its column, ``line[].sku``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from runtime.model.platform_profiles import (
    DatabaseProfile,
    FlatFileProfile,
    FlatRecord,
    Format,
    JsonNode,
    JsonProfile,
    PlatformProfile,
    XmlNode,
    XmlProfile,
)
from runtime.model.profile import Entry, Profile

OWN_TEXT = "."  # of an element of XML that has attributes or holds others


class Spelled(Struct, frozen=True):
    """An element: its key in the profile, and how it is written; `holds`: it only holds others."""

    key: int
    format: Format
    holds: bool = False


def spellings(profile: PlatformProfile) -> Mapping[str, Spelled]:
    """Give the elements of a profile by how they are spelled; what repeats stands there with its ``[]`` as well."""
    match profile:
        case JsonProfile():
            return dict(_json(profile.root, ""))
        case XmlProfile():
            return dict(_xml_members(profile.root, "", profile.prefixes))
        case FlatFileProfile():
            return dict(_records(profile.records, ""))
        case DatabaseProfile():
            return dict(_rows(profile))


def _json(node: JsonNode, path: str) -> Iterator[tuple[str, Spelled]]:
    """Give what is in a node, which is spelled `path`."""
    match node.nodes:
        case (JsonNode(kind="object") as inner,):
            for entry in inner.nodes:
                spelled = f"{path}.{entry.name}" if path else entry.name
                if not entry.nodes or entry.nodes[0].kind == "object":
                    yield spelled, Spelled(entry.key, entry.format, holds=bool(entry.nodes))
                yield from _json(entry, spelled)
        case (JsonNode(kind="array", fixed=False) as inner,):
            for item in inner.nodes:
                yield f"{path}[]", Spelled(item.key, item.format, holds=bool(item.nodes))
                yield from _json(item, f"{path}[]")
        case _:
            return


def _xml_members(node: XmlNode, path: str, prefixes: Mapping[str, str]) -> Iterator[tuple[str, Spelled]]:
    if node.nodes:
        yield (f"{path}.{OWN_TEXT}" if path else OWN_TEXT), Spelled(node.key, node.format)
    for below in node.nodes:
        prefix = prefixes.get(below.namespace or "", "")
        name = f"{prefix}:{below.name}" if prefix else below.name
        if below.kind == "attribute":
            name = f"@{name}"
        elif below.most is None or below.most > 1:
            name = f"{name}[]"
        spelled = f"{path}.{name}" if path else name
        yield spelled, Spelled(below.key, below.format, holds=bool(below.nodes))
        yield from _xml_members(below, spelled, prefixes)


def _rows(profile: DatabaseProfile) -> Iterator[tuple[str, Spelled]]:
    for statement in profile.statements:
        yield f"{statement.name}[]", Spelled(statement.key, Format(), holds=True)
        for column in (*statement.columns, *statement.parameters):
            yield f"{statement.name}[].{column.name}", Spelled(column.key, column.format)
        for condition in statement.conditions:
            yield f"{statement.name}[].{condition.name}", Spelled(condition.key, condition.format)


def _records(records: tuple[FlatRecord, ...], path: str) -> Iterator[tuple[str, Spelled]]:
    for record in records:
        spelled = f"{path}.{record.name}[]" if path else f"{record.name}[]"
        yield spelled, Spelled(record.key, Format(), holds=True)
        for column in record.columns:
            yield f"{spelled}.{column.name}", Spelled(column.key, column.format)
        yield from _records(record.records, spelled)


def json_profile(profile: Profile) -> JsonProfile:
    """Give a profile of JSON Schema as one of keys, which are counted in the order of the schema."""
    numbers = iter(range(1, 1 << 30))
    root = JsonNode(key=next(numbers), name="Root", kind="root", nodes=_object(profile.entries, numbers))
    return JsonProfile(id=profile.name, name=profile.name, root=root, compact=True)


def _object(entries: tuple[Entry, ...], numbers: Iterator[int]) -> tuple[JsonNode, ...]:
    key = next(numbers)
    nodes = tuple(_entry(entry, numbers) for entry in entries)
    return (JsonNode(key=key, name="Object", kind="object", nodes=nodes),)


def _entry(entry: Entry, numbers: Iterator[int]) -> JsonNode:
    key = next(numbers)
    match entry.kind:
        case "object":
            return JsonNode(
                key=key,
                name=entry.name,
                kind="entry",
                required=entry.required,
                nodes=_object(entry.entries, numbers),
            )
        case "list":
            array, item = next(numbers), next(numbers)
            within = JsonNode(key=item, name="Item", kind="item", nodes=_object(entry.entries, numbers))
            nodes = (JsonNode(key=array, name="Array", kind="array", nodes=(within,)),)
            return JsonNode(key=key, name=entry.name, kind="entry", required=entry.required, nodes=nodes)
        case "datetime":  # a text with a form of its own: JSON Schema names no mask
            return JsonNode(key=key, name=entry.name, kind="entry", required=entry.required)
        case "character" | "number" | "boolean":
            return JsonNode(
                key=key, name=entry.name, kind="entry", required=entry.required, format=Format(kind=entry.kind)
            )
