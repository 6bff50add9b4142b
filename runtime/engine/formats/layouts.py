"""Where the elements of a profile stand: in which repeating elements, one within the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from runtime.model.platform_profiles import (
    DatabaseColumn,
    DatabaseCondition,
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

_TEXT = Format()


class Element(Struct, frozen=True):
    """One element of a profile.

    `loops` are the keys of the repeating elements around it, the outermost first; a repeating element stands in its own
    loop. `has_value`: a document can hold a value for it.
    """

    key: int
    name: str
    loops: tuple[int, ...]
    has_value: bool
    format: Format = _TEXT


class Layout(Struct, frozen=True):
    """The elements of a profile by key, in the order of the profile. `unique` are loops that merge equal rows."""

    elements: Mapping[int, Element]
    unique: frozenset[int] = frozenset()

    def above(self, loop: int) -> tuple[int, ...]:
        """Give the loops around a loop, the outermost first."""
        return self.elements[loop].loops[:-1]


def layout_of(profile: PlatformProfile) -> Layout:
    """Give the layout of a profile."""
    unique = frozenset(_unique_elements(profile.root)) if isinstance(profile, XmlProfile) else frozenset[int]()
    return Layout({element.key: element for element in _elements(profile)}, unique)


def _elements(profile: PlatformProfile) -> Iterator[Element]:
    match profile:
        case JsonProfile():
            return _json(profile.root, "", ())
        case XmlProfile():
            return _xml(profile.root, "", (), root=True)
        case FlatFileProfile():
            return _flat(profile.records, ())
        case DatabaseProfile():
            return _database(profile)


def _json(node: JsonNode, above: str, loops: tuple[int, ...], *, repeats: bool = False) -> Iterator[Element]:
    name = f"{above}/{node.name}" if above else node.name
    if repeats:
        loops = (*loops, node.key)
    yield Element(node.key, name, loops, has_value=_is_json_leaf(node), format=node.format)
    for below in node.nodes:
        yield from _json(below, name, loops, repeats=below.kind == "item" and not node.fixed)


def _is_json_leaf(node: JsonNode) -> bool:
    return node.kind in {"root", "entry", "item"} and not node.nodes


def _xml(node: XmlNode, above: str, loops: tuple[int, ...], *, root: bool = False) -> Iterator[Element]:
    name = f"{above}/{node.name}" if above else node.name
    if repeats(node) and not root:
        loops = (*loops, node.key)
    yield Element(node.key, name, loops, has_value=True, format=node.format)
    for below in node.nodes:
        yield from _xml(below, name, loops)


def repeats(node: XmlNode) -> bool:
    """Whether an element may stand more than once."""
    return node.kind == "element" and (node.most is None or node.most > 1)


def _unique_elements(node: XmlNode) -> Iterator[int]:
    if node.unique and repeats(node):
        yield node.key
    for below in node.nodes:
        yield from _unique_elements(below)


def _flat(records: tuple[FlatRecord, ...], above: tuple[int, ...]) -> Iterator[Element]:
    for record in records:
        loops = (*above, record.key)
        yield Element(record.key, record.name, loops, has_value=False)
        if record.elements:
            yield Element(record.elements, record.name, loops, has_value=False)
        for column in record.columns:
            yield Element(column.key, f"{record.name}/{column.name}", loops, has_value=True, format=column.format)
        yield from _flat(record.records, loops)


def _database(profile: DatabaseProfile) -> Iterator[Element]:
    for statement in profile.statements:
        loops = (statement.key,)
        yield Element(statement.key, statement.name, loops, has_value=False)
        if statement.fields:
            yield Element(statement.fields, statement.name, loops, has_value=False)
        columns: tuple[DatabaseColumn | DatabaseCondition, ...] = (*statement.columns, *statement.parameters)
        for column in (*columns, *statement.conditions):
            name = f"{statement.name}/{column.name}"
            yield Element(column.key, name, loops, has_value=True, format=column.format)
