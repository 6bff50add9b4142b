"""The border of lxml: documents as trees, within bounds, without entities, document types or the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from runtime.errors import DocumentFault
from runtime.model.platform_profiles import XmlNode

MALFORMED = "xml.malformed"

Element = etree._Element  # noqa: SLF001 - the library has no public name for the type of its elements


def parse(content: bytes) -> Element:
    """Give the root of a document.

    Raises:
        DocumentFault: ``xml.malformed``: it is no XML, is nested too deeply, or has a document type.
    """
    try:
        root = etree.fromstring(content, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentFault(MALFORMED, f"the document is no XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise DocumentFault(MALFORMED, "the document has a document type, which is not read")
    return root


def write(root: Element) -> bytes:
    """Give the XML of a tree, in UTF-8 and with a declaration."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def parts_of(content: bytes, most: int) -> list[bytes]:
    """Give each element of a list as a document of its own, whatever the list is called.

    Raises:
        DocumentFault: the content cannot be parsed, or has more than `most` elements.
    """
    root = parse(content)
    elements = [child for child in root if isinstance(child.tag, str)]
    if len(elements) > most:
        raise DocumentFault("xml.too-many", f"it has more than {most} elements (setting web.objects)")
    return [etree.tostring(each, encoding="UTF-8", xml_declaration=True, with_tail=False) for each in elements]


def bare(content: bytes) -> bytes:
    """Give the root of a document as it may stand in another one: without a declaration, in UTF-8.

    Raises:
        DocumentFault: the content cannot be parsed.
    """
    return etree.tostring(parse(content), encoding="UTF-8", xml_declaration=False, with_tail=False)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def element_called(name: str) -> Element:
    """Give a new element."""
    return etree.Element(name)


def name_of(node: XmlNode) -> str:
    """Give the name of an element or attribute as lxml writes it."""
    return f"{{{node.namespace}}}{node.name}" if node.namespace else node.name


def reached(root: Element, path: Sequence[XmlNode]) -> Iterator[tuple[tuple[int, ...], Element]]:
    """Give the elements at a path of elements, with the position of each level among its like."""
    if not path or root.tag != name_of(path[0]):
        return
    yield from _below(root, path[1:], (0,))


def _below(element: Element, path: Sequence[XmlNode], at: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Element]]:
    if not path:
        yield at, element
        return
    for number, child in enumerate(element.findall(name_of(path[0]))):
        yield from _below(child, path[1:], (*at, number))


def text_within(element: Element, node: XmlNode) -> str | None:
    """Give what an element holds for a node: its own text, or its attribute; blanks around it go (behaviour 89)."""
    if node.kind == "attribute":
        found = element.get(name_of(node))
        return None if found is None else found.strip()
    return (element.text or "").strip() + "".join((child.tail or "").strip() for child in element)
