"""Profiles for tests, and what the tests of formats share."""

from __future__ import annotations

from typing import Literal

from runtime.model.platform_profiles import (
    DatabaseColumn,
    DatabaseProfile,
    DatabaseStatement,
    DataKind,
    Escapes,
    FlatColumn,
    FlatFileProfile,
    FlatRecord,
    Format,
    JsonNode,
    JsonProfile,
    XmlNode,
    XmlProfile,
)


def entry(key: int, name: str, kind: DataKind = "character", mask: str = "", *nodes: JsonNode) -> JsonNode:
    """Give a member of a JSON object."""
    return JsonNode(key=key, name=name, kind="entry", format=Format(kind=kind, mask=mask), nodes=nodes)


def objected(key: int, *members: JsonNode) -> JsonNode:
    """Give a JSON object."""
    return JsonNode(key=key, name="Object", kind="object", nodes=members)


def listed(key: int, *items: JsonNode, fixed: bool = False) -> JsonNode:
    """Give a JSON array."""
    return JsonNode(key=key, name="Array", kind="array", nodes=items, fixed=fixed)


def item(key: int, *nodes: JsonNode) -> JsonNode:
    """Give what an array holds."""
    return JsonNode(key=key, name="ArrayElement1", kind="item", nodes=nodes)


def json_profile(root: JsonNode, identity: str = "json") -> JsonProfile:
    """Give a JSON profile of an object or array."""
    return JsonProfile(id=identity, name=identity, root=JsonNode(key=1, name="Root", kind="root", nodes=(root,)))


def element(key: int, name: str, *nodes: XmlNode, most: int | None = 1, **fields: object) -> XmlNode:
    """Give an XML element."""
    return XmlNode(key=key, name=name, kind="element", nodes=nodes, most=most, **fields)  # type: ignore[arg-type]


def attribute(key: int, name: str) -> XmlNode:
    """Give an XML attribute."""
    return XmlNode(key=key, name=name, kind="attribute")


def xml_profile(root: XmlNode, identity: str = "xml", **fields: object) -> XmlProfile:
    """Give an XML profile."""
    return XmlProfile(id=identity, name=identity, root=root, **fields)  # type: ignore[arg-type]


def column(key: int, name: str, kind: DataKind = "character", **fields: object) -> FlatColumn:
    """Give a column of a flat file."""
    mask = str(fields.pop("mask", ""))
    return FlatColumn(key=key, name=name, format=Format(kind=kind, mask=mask), **fields)  # type: ignore[arg-type]


def record(key: int, *columns: FlatColumn, records: tuple[FlatRecord, ...] = ()) -> FlatRecord:
    """Give a kind of record; told by its identity where a column has one."""
    detect: Literal["numberofcolumns", "uniquevalues"] = "numberofcolumns"
    if any(one.identity is not None for one in columns):
        detect = "uniquevalues"
    return FlatRecord(key=key, name=f"Record{key}", columns=columns, detect=detect, elements=key + 1, records=records)


def flat_profile(*records: FlatRecord, identity: str = "flat", **fields: object) -> FlatFileProfile:
    """Give a flat file profile."""
    return FlatFileProfile(id=identity, name=identity, records=records, **fields)  # type: ignore[arg-type]


def database_profile(*names: str, identity: str = "db") -> DatabaseProfile:
    """Give a database profile of one statement with these columns, keys from 4 on."""
    columns = tuple(DatabaseColumn(key=key, name=name) for key, name in enumerate(names, 4))
    statement = DatabaseStatement(key=2, name="Statement", kind="select", columns=columns, fields=3)
    return DatabaseProfile(id=identity, name=identity, writes=False, statements=(statement,))


BACKSLASHED = Escapes(delimiter="\\", escape="\\")
