"""The border of lxml: bytes become a tree of plain elements, within bounds, without entities, DTD or network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 16 * 1024 * 1024  # bytes: the largest exported profiles have a few million
DEEPEST = (
    200  # elements within elements: a JSON profile takes three for each level of the document; libxml2 stops at 256
)
MOST_ELEMENTS = 200_000  # beyond any export; an element costs about half a kilobyte while it is read
MOST_ATTRIBUTES = 100  # of one element: exports have twenty, and walking them costs the square of their number
LONGEST_ATTRIBUTE = 1024 * 1024  # characters: a literal that a person typed or pasted

_CHUNK = 64 * 1024  # bytes between two looks at the bounds
_ENCODINGS = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)[\"']")
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PLATFORM = "{http://api.platform.boomi.com/}"


class XmlError(Exception):
    """Raised when bytes are no XML that is read here; `line` is where, counted from 1, or None."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Element(Struct, frozen=True):
    """An element: its name without the platform's namespace, its attributes (``xsi:type`` included), text and children.

    `text` is what stands directly in it, before, between and after its children.
    """

    tag: str
    attributes: dict[str, str]
    text: str
    children: tuple[Element, ...]
    line: int

    def child(self, tag: str) -> Element | None:
        """Give the first child of that name, or None."""
        return next((child for child in self.children if child.tag == tag), None)

    def find(self, *tags: str) -> Element | None:
        """Give the element at the end of a path of names, or None."""
        found: Element | None = self
        for tag in tags:
            found = found.child(tag) if found is not None else None
        return found

    def walk(self) -> Iterator[Element]:
        """Give the element and everything in it, in the order of the file."""
        waiting: list[Element] = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))


def parse(content: bytes) -> Element:
    """Give the root of an XML document.

    Raises:
        XmlError: it is not well-formed, not in UTF-8, declares a document type, or is beyond the bounds.
    """
    if len(content) > LARGEST:
        raise XmlError(f"the file has {len(content)} bytes; the limit is {LARGEST}")
    _check_encoding(content)
    try:
        return _plain(_pull(content))
    except etree.XMLSyntaxError as error:
        raise XmlError(f"the file is not XML: {error.msg}", error.lineno or None) from error


def _check_encoding(content: bytes) -> None:
    """Hold the file to one encoding: what a parser guesses, another one may guess otherwise."""
    declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf"))
    if declared is not None and declared[1].lower() not in _ENCODINGS:
        raise XmlError(f"the file says that it is in {declared[1][:40]!r}; exports are in UTF-8", 1)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise XmlError("the file is not UTF-8", content.count(b"\n", 0, error.start) + 1) from error
    if b"\0" in content:
        raise XmlError("the file is not UTF-8: it holds the character 0", content.partition(b"\0")[0].count(b"\n") + 1)


def _pull(content: bytes) -> etree._Element:
    """Parse in portions, so that a document beyond the bounds is left before it is whole."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = count = 0
    for start in range(0, len(content), _CHUNK):
        parser.feed(content[start : start + _CHUNK])
        for event, element in parser.read_events():
            if event == "end":
                depth -= 1
                continue
            depth, count = depth + 1, count + 1
            _check_document(element, first=count == 1)
            _check_bounds(element, depth, count)
    root: etree._Element = parser.close()
    return root


def _check_document(element: etree._Element, *, first: bool) -> None:
    if not first:
        return
    document = element.getroottree().docinfo
    if document.doctype or document.internalDTD is not None:
        raise XmlError("the file declares a document type; exports have none", 1)


def _check_bounds(element: etree._Element, depth: int, count: int) -> None:
    if depth > DEEPEST:
        raise XmlError(f"elements nest deeper than {DEEPEST} levels", element.sourceline)
    if count > MOST_ELEMENTS:
        raise XmlError(f"the file has more than {MOST_ELEMENTS} elements", element.sourceline)
    if len(element.attrib) > MOST_ATTRIBUTES:
        raise XmlError(f"an element has more than {MOST_ATTRIBUTES} attributes", element.sourceline)
    if any(len(value) > LONGEST_ATTRIBUTE for value in element.attrib.values()):
        raise XmlError(f"an attribute has more than {LONGEST_ATTRIBUTE} characters", element.sourceline)


def _plain(element: etree._Element) -> Element:
    """Copy an element; it nests no deeper than `DEEPEST`, so that recursion is safe."""
    children = [child for child in element if isinstance(child.tag, str)]
    if len(children) != len(element):
        raise XmlError("the file refers to an entity; exports write characters", element.sourceline)
    text = (element.text or "") + "".join(child.tail or "" for child in children)
    return Element(
        tag=_name(element.tag),
        attributes={_name(name): value for name, value in _attributes(element)},
        text=text,
        children=tuple(_plain(child) for child in children),
        line=element.sourceline or 1,
    )


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield str(name), str(value)


def _name(name: object) -> str:
    text = str(name)
    return "xsi:type" if text == _XSI_TYPE else text.removeprefix(_PLATFORM)
