"""XML documents by profile (component XML, section 4.2; platform behaviour 89)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from runtime.engine.formats.layouts import repeats
from runtime.engine.formats.rows import Row
from runtime.engine.formats.values import into_map, out_of_map
from runtime.engine.formats.xml_documents import Name, Node, parse_xml, write_xml
from runtime.errors import DocumentFault
from runtime.model.platform_profiles import XmlNode, XmlProfile

Fill = Callable[[Node, Row], None]

_ENCODINGS = {"utf8": "utf-8", "utf16": "utf-16", "ascii": "us-ascii", "latin1": "iso-8859-1"}


def xml_reader(profile: XmlProfile, keys: Collection[int]) -> Callable[[bytes], Row]:
    """Give the function that reads the elements `keys` of a document, and the loops around them.

    Blanks around a value are cut off (behaviour 89). A document with another root holds nothing. The function raises
    DocumentFault for what is no XML, and for a value that is not of its element's format.
    """
    fill = _filler(profile.root, frozenset(keys))
    name = _name(profile.root)

    def read(content: bytes) -> Row:
        row = Row()
        if content.strip():
            root = parse_xml(content)
            if root.name == name:
                fill(root, row)
        return row

    return read


def _name(node: XmlNode) -> Name:
    return node.namespace or None, node.name


def _filler(node: XmlNode, keys: frozenset[int]) -> Fill:
    convert = into_map(node.format) if node.key in keys else None
    attributes = [(_name(one), one.key, into_map(one.format))
                  for one in node.nodes if one.kind == "attribute" and one.key in keys]  # fmt: skip
    children = {
        _name(one): (one.key if repeats(one) else None, _filler(one, keys))
        for one in node.nodes
        if one.kind == "element" and _holds(one, keys)
    }

    def fill(element: Node, row: Row) -> None:
        if convert is not None:
            row.values[node.key] = convert(element.text.strip())
        for name, key, convert_attribute in attributes:
            if name in element.attributes:
                row.values[key] = convert_attribute(element.attributes[name].strip())
        seen: set[Name] = set()
        for child in element.children:
            loop, fill_child = children.get(child.name, (None, None))
            if fill_child is None:
                continue
            if loop is not None:
                fill_child(child, row.open(loop))
            elif child.name not in seen:  # one that may stand once and stands twice is read once
                seen.add(child.name)
                fill_child(child, row)

    return fill


def _holds(node: XmlNode, keys: frozenset[int]) -> bool:
    return node.key in keys or any(_holds(below, keys) for below in node.nodes)


def xml_writer(profile: XmlProfile) -> Callable[[Row], bytes]:
    """Give the function that writes a document, elements in the order of the profile; what has no value is left out.

    Where the profile respects least occurrences, an element that must stand is written empty. A document without any
    value is empty. The function raises DocumentFault for a value that is not of its element's format.
    """
    build = _builder(profile.root, least=profile.least)
    prefixes = {uri: prefix for uri, prefix in profile.prefixes.items() if uri}
    encoding = _ENCODINGS.get(profile.encoding.lower(), profile.encoding)

    def write(row: Row) -> bytes:
        root = build(row)
        return b"" if root is None else write_xml(root, prefixes, encoding)

    return write


def _builder(node: XmlNode, *, least: bool) -> Callable[[Row], Node | None]:
    name, value = _name(node), _valuer(node)
    attributes = [(_name(one), _valuer(one)) for one in node.nodes if one.kind == "attribute"]
    children = [
        (one, one.key if repeats(one) else None, _builder(one, least=least))
        for one in node.nodes
        if one.kind == "element"
    ]

    def build(row: Row) -> Node | None:
        text = value(row)
        made = Node(name, {}, text or "")
        for attribute, value_of in attributes:
            found = value_of(row)
            if found is not None:
                made.attributes[attribute] = found
        missing: list[tuple[int, XmlNode]] = []
        for child, loop, build_child in children:
            rows = [row] if loop is None else row.rows.get(loop, [])
            built = [one for each in rows if (one := build_child(each)) is not None]
            if not built and least and child.least > 0:
                missing.append((len(made.children), child))
            made.children += built
        if text is None and not made.attributes and not made.children:
            return None
        for place, child in reversed(missing):
            made.children.insert(place, Node(_name(child), {}))
        return made

    return build


def _valuer(node: XmlNode) -> Callable[[Row], str | None]:
    key, convert = node.key, out_of_map(node.format)

    def value(row: Row) -> str | None:
        text = row.values.get(key)
        try:
            return None if text is None else convert(text)
        except DocumentFault as fault:
            raise DocumentFault(fault.code, f"'{node.name}': {fault.message}") from fault

    return value
