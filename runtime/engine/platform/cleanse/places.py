"""The values of a document in their places: each can be read, and another one put in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from runtime.engine.formats.delimited import dialect_of, write_line
from runtime.engine.formats.flat_files import Record, decode_text, kinds_of, read_records
from runtime.engine.formats.layouts import repeats
from runtime.engine.formats.positional import write_positions
from runtime.engine.mapping.inputs import number_in
from runtime.engine.platform.cleanse.rules import Rule
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.xml_tree import Element, element_called, name_of, parse, text_within, write
from runtime.expressions.json_values import decode, encode
from runtime.expressions.text import text_of
from runtime.model.cleanse import FieldCleanse
from runtime.model.platform_profiles import FlatFileProfile, JsonNode, JsonProfile, PlatformProfile, XmlNode, XmlProfile

Put = Callable[[str], None]
Places = Iterator[tuple[Rule, "str | None", Put]]


class Opened(Struct, frozen=True):
    """A document that was read: its values in their order, and what writes it with those that were put."""

    places: Places
    write: Callable[[], bytes]


Open = Callable[[bytes], Opened]


def opener(profile: PlatformProfile | None, fields: Sequence[FieldCleanse]) -> Open:
    """Give what opens documents of a profile.

    The function raises DocumentFault for what the profile cannot read.

    Raises:
        Refused: documents of such profiles cannot be cleansed.
    """
    by_key = {field.element: field for field in fields}
    match profile:
        case JsonProfile():
            return _json(profile, by_key)
        case XmlProfile():
            return _xml(profile, by_key)
        case FlatFileProfile():
            return _flat(profile, by_key)
        case None:
            raise Refused("its profile is not in the bundle")
        case _:
            raise Refused(f"documents of '{profile.name}' cannot be cleansed: only JSON, XML and flat files are")


Fields = Mapping[int, FieldCleanse]

# --- JSON ---


def _json(profile: JsonProfile, fields: Fields) -> Open:
    rules = {
        node.key: Rule("/".join(str(key or "[]") for key in path) or "/", node.format, required=node.required,
                       field=fields.get(node.key))
        for path, node in profile.walk()
    }  # fmt: skip

    def open_(content: bytes) -> Opened:
        holder = {"": decode(content)} if content.strip() else {}
        return Opened(_in_json(profile.root, holder, "", rules), lambda: encode(holder[""]))

    return open_


def _in_json(
    node: JsonNode, holder: dict[str, object] | list[object], key: str | int, rules: Mapping[int, Rule]
) -> Places:
    """Give the values at a place of an object or list, in the order of the profile."""
    value = _at(holder, key)
    match node.nodes:
        case (JsonNode(kind="object") as inner,) if isinstance(value, dict):
            for entry in inner.nodes:
                yield from _in_json(entry, value, entry.name, rules)
        case (JsonNode(kind="array", fixed=True) as inner,) if isinstance(value, list):
            for place, item in enumerate(inner.nodes[: len(value)]):
                yield from _in_json(item, value, place, rules)
        case (JsonNode(kind="array") as inner,) if isinstance(value, list):
            for place in range(len(value)):
                for item in inner.nodes:
                    yield from _in_json(item, value, place, rules)
        case ():
            yield rules[node.key], _text(value), lambda text: _put(node, holder, key, text)
        case _ if node.required:  # an object or list that is missing, or something else: nothing repairs it
            yield rules[node.key], None, lambda _text: None
        case _:
            return


def _at(holder: dict[str, object] | list[object], key: str | int) -> object:
    if isinstance(holder, dict):
        return holder.get(str(key))
    return holder[key] if isinstance(key, int) and key < len(holder) else None


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) else text_of(value)


def _put(node: JsonNode, holder: dict[str, object] | list[object], key: str | int, text: str) -> None:
    value: object = text
    if node.format.kind == "number" and not node.format.mask:
        value = number_in(text)
    elif node.format.kind == "boolean":
        value = text.strip().lower() in {"true", "1"}
    if isinstance(holder, dict):
        holder[str(key)] = value
    elif isinstance(key, int):
        holder[key] = value


# --- XML ---


def _xml(profile: XmlProfile, fields: Fields) -> Open:
    rules = {
        path[-1].key: Rule("/".join(f"@{node.name}" if node.kind == "attribute" else node.name for node in path),
                           path[-1].format, required=path[-1].least > 0, field=fields.get(path[-1].key))
        for path in profile.walk()
    }  # fmt: skip
    cleansed = {key for key in rules if key in fields}

    def open_(content: bytes) -> Opened:
        root = parse(content)
        return Opened(_in_xml(profile.root, root, rules, cleansed), lambda: write(root))

    return open_


def _in_xml(node: XmlNode, element: Element, rules: Mapping[int, Rule], cleansed: set[int]) -> Places:
    if element.tag != name_of(node):
        return
    yield from _own(node, element, rules, cleansed)
    for below in node.nodes:
        if below.kind == "attribute":
            yield rules[below.key], text_within(element, below), _putter(element, below)
            continue
        found = element.findall(name_of(below))
        for child in found if repeats(below) else found[:1]:
            yield from _in_xml(below, child, rules, cleansed)
        if not found and (below.least > 0 or below.key in cleansed):
            yield rules[below.key], None, _adder(element, below)


def _own(node: XmlNode, element: Element, rules: Mapping[int, Rule], cleansed: set[int]) -> Places:
    """Give the text of an element; of one that holds others only where the step says something of it."""
    if not any(below.kind == "element" for below in node.nodes) or node.key in cleansed:
        yield rules[node.key], text_within(element, node), _putter(element, node)


def _putter(element: Element, node: XmlNode) -> Put:
    def put(text: str) -> None:
        if node.kind == "attribute":
            element.set(name_of(node), text)
        else:
            element.text = text

    return put


def _adder(parent: Element, node: XmlNode) -> Put:
    def put(text: str) -> None:
        made = element_called(name_of(node))
        made.text = text
        parent.append(made)

    return put


# --- flat files ---


def _flat(profile: FlatFileProfile, fields: Fields) -> Open:
    rules = {
        column.key: Rule(f"{kind.name}/{column.name}", column.format, required=column.mandatory,
                         field=_with_lengths(fields.get(column.key), column.key, column.least, column.most))
        for kind in kinds_of(profile)
        for column in kind.columns
    }  # fmt: skip

    def open_(content: bytes) -> Opened:
        records = list(read_records(profile, decode_text(content)))
        return Opened(_in_records(records, rules), lambda: _written(profile, records))

    return open_


def _with_lengths(field: FieldCleanse | None, key: int, least: int, most: int) -> FieldCleanse | None:
    """Give what is asked of a column, with the lengths of an exported profile where the step has none of its own."""
    if not (least or most) or (field is not None and (field.shortest or field.longest)):
        return field
    asked = field or FieldCleanse(element=key)
    return FieldCleanse(
        element=key,
        required=asked.required,
        shortest=least,
        longest=most,
        default=asked.default,
        trim=asked.trim,
        pad=asked.pad,
        character=asked.character,
    )


def _in_records(records: Sequence[Record], rules: Mapping[int, Rule]) -> Places:
    for record in records:
        for place, column in enumerate(record.kind.columns):
            text = record.fields[place] if place < len(record.fields) else None
            yield rules[column.key], text, _filler(record.fields, place)


def _filler(fields: list[str], place: int) -> Put:
    def put(text: str) -> None:
        fields.extend([""] * (place + 1 - len(fields)))
        fields[place] = text

    return put


def _written(profile: FlatFileProfile, records: Sequence[Record]) -> bytes:
    lines: list[str] = []
    if profile.delimiter is None:
        for record in records:
            texts = {column.key: text for column, text in zip(record.kind.columns, record.fields, strict=False)}
            lines.append(write_positions(texts, record.kind, profile))
        return "".join(lines).encode()
    dialect = dialect_of(profile)
    if profile.headers and profile.records:
        lines.append(write_line([(column.name, True) for column in profile.records[0].columns], dialect))
    for record in records:
        kinds = [column.format.kind == "character" for column in record.kind.columns]
        pairs = [(text, place >= len(kinds) or kinds[place]) for place, text in enumerate(record.fields)]
        lines.append(write_line(pairs, dialect))
    return "".join(lines).encode()
