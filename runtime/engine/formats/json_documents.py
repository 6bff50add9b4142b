"""JSON documents by profile (component XML, section 4.1; platform behaviours 85, 86)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from runtime.engine.formats.pretty_json import pretty
from runtime.engine.formats.rows import Row
from runtime.engine.formats.values import into_map, out_of_map, truth_in
from runtime.engine.mapping.inputs import number_in
from runtime.errors import DocumentFault
from runtime.expressions.comparisons import number_of
from runtime.expressions.json_values import decode, encode
from runtime.expressions.text import text_of
from runtime.model.platform_profiles import JsonNode, JsonProfile

Fill = Callable[[object, Row], None]
Build = Callable[[Row], object]

_NOTHING = object()


def json_reader(profile: JsonProfile, keys: Collection[int]) -> Callable[[bytes], Row]:
    """Give the function that reads the elements `keys` of a document, and the loops around them.

    A single value where an array stands in the profile is one occurrence. The function raises DocumentFault for what is
    no JSON, and for a value that is not of its element's format.
    """
    fill = _filler(profile.root, frozenset(keys))

    def read(content: bytes) -> Row:
        row = Row()
        if content.strip():
            fill(decode(content), row)
        return row

    return read


def _filler(node: JsonNode, keys: frozenset[int]) -> Fill:
    """Give what reads a value that stands where `node` does."""
    match node.nodes:
        case (JsonNode(kind="object") as inner,):
            return _object(inner, keys)
        case (JsonNode(kind="array") as inner,):
            return _fixed(inner, keys) if inner.fixed else _list(inner, keys)
        case _:
            return _leaf(node) if node.key in keys else _pass


def _pass(_value: object, _row: Row) -> None:
    """Read nothing."""


def _leaf(node: JsonNode) -> Fill:
    key, convert = node.key, into_map(node.format)

    def fill(value: object, row: Row) -> None:
        if value is None or isinstance(value, str):
            row.values[key] = None if value is None else convert(value)
        elif not isinstance(value, dict | list):
            row.values[key] = convert(text_of(value))

    return fill


def _object(node: JsonNode, keys: frozenset[int]) -> Fill:
    members = [(entry.name, _filler(entry, keys)) for entry in node.nodes if _holds(entry, keys)]

    def fill(value: object, row: Row) -> None:
        if isinstance(value, dict):
            for name, member in members:
                if name in value:
                    member(value[name], row)

    return fill


def _list(node: JsonNode, keys: frozenset[int]) -> Fill:
    items = [(item.key, _filler(item, keys)) for item in node.nodes if _holds(item, keys)]

    def fill(value: object, row: Row) -> None:
        if value is None:
            return
        for occurrence in value if isinstance(value, list) else [value]:
            for loop, item in items:
                item(occurrence, row.open(loop))

    return fill


def _fixed(node: JsonNode, keys: frozenset[int]) -> Fill:
    items = [(place, _filler(item, keys)) for place, item in enumerate(node.nodes) if _holds(item, keys)]

    def fill(value: object, row: Row) -> None:
        if isinstance(value, list):
            for place, item in items:
                if place < len(value):
                    item(value[place], row)

    return fill


def _holds(node: JsonNode, keys: frozenset[int]) -> bool:
    return node.key in keys or any(_holds(below, keys) for below in node.nodes)


def json_writer(profile: JsonProfile) -> Callable[[Row], bytes]:
    """Give the function that writes a document, members in the order of the profile; what has no value is left out.

    A document without any value is empty. The function raises DocumentFault for a value that is not of its element's
    format.
    """
    build, written = _builder(profile.root), encode if profile.compact else pretty

    def write(row: Row) -> bytes:
        built = build(row)
        return b"" if built is _NOTHING else written(built)

    return write


def _builder(node: JsonNode) -> Build:
    match node.nodes:
        case (JsonNode(kind="object") as inner,):
            return _build_object(inner)
        case (JsonNode(kind="array") as inner,):
            return _build_fixed(inner) if inner.fixed else _build_list(inner)
        case _:
            return _build_leaf(node)


def _build_leaf(node: JsonNode) -> Build:
    key, finish = node.key, _finisher(node)

    def build(row: Row) -> object:
        text = row.values.get(key)
        return _NOTHING if text is None else finish(text)

    return build


def _finisher(node: JsonNode) -> Callable[[str], object]:
    """Give what makes a text of the map JSON; an empty one is no number, date or truth value, and is left out."""
    convert = out_of_map(node.format)

    def finish(text: str) -> object:
        try:
            match node.format.kind:
                case "number":
                    return _number(convert(text)) if text.strip() else _NOTHING
                case "boolean":
                    return truth_in(text) if text.strip() else _NOTHING
                case "datetime":
                    return convert(text) if text.strip() else _NOTHING
                case _:
                    return text
        except DocumentFault as fault:
            raise DocumentFault(fault.code, f"'{node.name}': {fault.message}") from fault

    return finish


def _number(text: str) -> object:
    """Give a number; one that a mask has made into another text is that text: JSON has no such numbers."""
    return number_in(text) if number_of(text.strip()) is not None or not text[:1].isdigit() else text


def _build_object(node: JsonNode) -> Build:
    members = [(entry.name, _builder(entry)) for entry in node.nodes]

    def build(row: Row) -> object:
        made = {name: value for name, member in members if (value := member(row)) is not _NOTHING}
        return made or _NOTHING

    return build


def _build_list(node: JsonNode) -> Build:
    items = [(item.key, _builder(item)) for item in node.nodes]

    def build(row: Row) -> object:
        rows = [(item, one) for loop, item in items for one in row.rows.get(loop, ())]
        return [value for item, one in rows if (value := item(one)) is not _NOTHING] or _NOTHING

    return build


def _build_fixed(node: JsonNode) -> Build:
    """Build a list by position: what is missing before the last value is null."""
    items = [_builder(item) for item in node.nodes]

    def build(row: Row) -> object:
        made = [item(row) for item in items]
        while made and made[-1] is _NOTHING:
            made.pop()
        return [None if value is _NOTHING else value for value in made] or _NOTHING

    return build
