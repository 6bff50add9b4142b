"""XML as a tree: elements with their namespaces, read without document types and entities."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from msgspec import Struct, field

from runtime.groovy.support.charsets import encode
from runtime.groovy.support.errors import SAXParseException
from runtime.groovy.support.streams import InputStream, Reader
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Value

DEEPEST_XML = 500  # elements within elements
XML_SPACE = "http://www.w3.org/XML/1998/namespace"


class Element(Struct, eq=False):
    """An element: texts and elements in turn. Attributes go by whole names; `spaces` are the namespaces in force."""

    name: str
    prefix: str = ""
    uri: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[str | Element] = field(default_factory=list)
    parent: Element | None = None
    spaces: dict[str, str] = field(default_factory=dict)

    @property
    def qualified(self) -> str:
        """The name with its prefix."""
        return f"{self.prefix}:{self.name}" if self.prefix else self.name

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    @property
    def children(self) -> list[Element]:
        """The elements in it."""
        return [part for part in self.content if isinstance(part, Element)]

    def below(self) -> Iterator[Element]:
        """Give every element in it, in the order of the document."""
        for child in self.children:
            yield child
            yield from child.below()

    def add(self, child: str | Element) -> None:
        """Put something in at the end."""
        if isinstance(child, Element):
            child.parent = self
        self.content.append(child)


class _Building:
    def __init__(self, *, aware: bool, keeps_blanks: bool) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._aware = aware
        self._keeps_blanks = keeps_blanks

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST_XML:
            raise SAXParseException("the document is nested too deeply")
        above = self._open[-1] if self._open else None
        spaces = above.spaces if above is not None else {"xml": XML_SPACE}
        element = Element(name, attributes=attributes, spaces=spaces)
        if self._aware:
            self._resolve(element)
        if above is None:
            self.root = element
        else:
            above.add(element)
        self._open.append(element)

    def _resolve(self, element: Element) -> None:
        declared = {key.partition(":")[2]: value for key, value in element.attributes.items()
                    if key == "xmlns" or key.startswith("xmlns:")}  # fmt: skip
        if declared:
            element.spaces = {**element.spaces, **declared}
            element.attributes = {key: value for key, value in element.attributes.items()
                                  if key != "xmlns" and not key.startswith("xmlns:")}  # fmt: skip
        prefix, colon, local = element.name.rpartition(":")
        if colon and prefix not in element.spaces:
            raise SAXParseException(f'The prefix "{prefix}" for element "{element.name}" is not bound.')
        element.name, element.prefix, element.uri = local, prefix, element.spaces.get(prefix, "")

    def end(self, _name: str) -> None:
        element = self._open.pop()
        if not self._keeps_blanks:
            element.content = [part for part in element.content if isinstance(part, Element) or part.strip()]

    def text(self, text: str) -> None:
        if self._open:
            self._open[-1].content.append(text)


def _refuse_dtd(*_: object) -> None:
    raise SAXParseException("DOCTYPE is disallowed")


def read_xml(data: bytes, *, aware: bool = True, keeps_blanks: bool = False) -> Element:
    """Give the root of a document.

    `aware`: names are told apart by their namespaces. `keeps_blanks`: text of nothing but white space is kept.

    Raises:
        SAXParseException: it is no XML, or has a document type.
    """
    building = _Building(aware=aware, keeps_blanks=keeps_blanks)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = False
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    try:
        parser.Parse(data, True)  # noqa: FBT003 - as the library has it
    except expat.ExpatError as error:
        raise SAXParseException(str(error)) from error
    if building.root is None:
        raise SAXParseException("Premature end of file.")
    return building.root


def source_bytes(source: Value) -> bytes:
    """Give the document that a stream, a reader or bytes hold."""
    if isinstance(source, Reader):
        return text_bytes(source.getText())
    return source.rest() if isinstance(source, InputStream) else bytes(source)


def text_bytes(text: Value) -> bytes:
    """Give the document that a text tells; what it says of its encoding is not true of a text."""
    shown = text_of(text)
    if shown.startswith("<?xml"):
        shown = shown[shown.find("?>") + 2 :]
    return encode(shown)
