"""XML documents: the borders of expat, which reads, and of lxml, which writes; without entities, DTD or network.

A document that was read is a tree of `Node`s; `children` of a node are elements alone, its `text` is what stands
directly in it.
"""

from __future__ import annotations

from xml.parsers import expat

from lxml import etree
from msgspec import Struct, field

from runtime.errors import DocumentFault

MAX_DEPTH = 256  # elements within elements: far beyond any profile, far below Python's recursion limit

_SEPARATOR = "\n"  # between namespace and name: it stands in neither

Name = tuple[str | None, str]  # namespace and local name


class Node(Struct):
    """An element. `attributes` and `name` by namespace, None for none."""

    name: Name
    attributes: dict[Name, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)


def parse_xml(content: bytes) -> Node:
    """Read a document.

    Raises:
        DocumentFault: ``xml.malformed``: it is no XML, has a document type, or nests too deeply.
    """
    tree = _Tree()
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(content, True)  # noqa: FBT003 - as the library has it
    except expat.ExpatError as error:
        raise DocumentFault("xml.malformed", f"the document is no XML: {error}") from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        raise DocumentFault("xml.malformed", f"the document cannot be read: {error}") from error
    return tree.root


class _Tree:
    def __init__(self) -> None:
        self.root = Node((None, ""), {})
        self._open: list[tuple[Node, list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise DocumentFault("xml.malformed", f"the document nests deeper than {MAX_DEPTH} elements")
        node = Node(_name(name), {_name(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1][0].children.append(node)
        else:
            self.root = node
        self._open.append((node, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, _name: str) -> None:
        node, pieces = self._open.pop()
        node.text = "".join(pieces)


def _name(written: str) -> Name:
    namespace, found, local = written.rpartition(_SEPARATOR)
    return (namespace if found else None, local)


def _refuse_document_type(*_: object) -> None:
    raise DocumentFault("xml.malformed", "the document has a document type, which is not read")


def write_xml(root: Node, prefixes: dict[str, str], encoding: str) -> bytes:
    """Write a document, indented by two blanks. `prefixes` gives the prefix of each namespace.

    Raises:
        DocumentFault: ``xml.not-writable``: a text holds characters that XML has not.
    """
    spaces = {prefix or None: uri for uri, prefix in prefixes.items() if _has(root, uri)}
    try:
        made = etree.Element(_tag(root.name), nsmap=spaces)
        _fill(made, root)
        written: bytes = etree.tostring(made, xml_declaration=False, encoding=encoding, pretty_print=True)
    except (ValueError, LookupError) as error:
        raise DocumentFault("xml.not-writable", f"the document cannot be written as XML: {error}") from error
    return f'<?xml version="1.0" encoding="{encoding.upper()}"?>\n'.encode("ascii") + written


def _has(node: Node, uri: str) -> bool:
    names = (node.name, *node.attributes)
    return any(space == uri for space, _ in names) or any(_has(child, uri) for child in node.children)


def _tag(name: Name) -> str:
    return f"{{{name[0]}}}{name[1]}" if name[0] else name[1]


def _fill(made: etree._Element, node: Node) -> None:
    for name, value in node.attributes.items():
        made.set(_tag(name), value)
    if node.text:
        made.text = node.text
    for child in node.children:
        _fill(etree.SubElement(made, _tag(child.name)), child)
