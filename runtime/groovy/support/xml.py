"""``XmlSlurper`` and what it reads: elements, reached by the names of their children. No DTD, no entities."""

from __future__ import annotations

from xml.parsers import expat

from msgspec import Struct, field

from runtime.groovy.support.charsets import encode
from runtime.groovy.support.closures import Function, call
from runtime.groovy.support.errors import SAXParseException
from runtime.groovy.support.numbers import parse_decimal, parse_whole
from runtime.groovy.support.operators import truth
from runtime.groovy.support.streams import InputStream, Reader
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import LONG_BITS, JavaIterator, JavaObject, Value

DEEPEST_XML = 500  # elements within elements


class Element(Struct):
    """An element: texts and elements in turn."""

    name: str
    attributes: dict[str, str]
    content: list[str | Element] = field(default_factory=list)
    parent: Element | None = None

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    @property
    def children(self) -> list[Element]:
        """The elements in it."""
        return [part for part in self.content if isinstance(part, Element)]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Building:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST_XML:
            raise SAXParseException("the document is nested too deeply")
        plain = {_local(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        parent = self._open[-1] if self._open else None
        element = Element(_local(name), plain, parent=parent)
        if parent is None:
            self.root = element
        else:
            parent.content.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        if element.children:  # XmlSlurper leaves out blanks between elements
            element.content = [part for part in element.content if isinstance(part, Element) or part.strip()]

    def text(self, text: str) -> None:
        if self._open:
            self._open[-1].content.append(text)


def _refuse_dtd(*_: object) -> None:
    raise SAXParseException("DOCTYPE is disallowed")


def read_xml(data: bytes) -> Element:
    """Give the root of a document.

    Raises:
        SAXParseException: it is no XML, or has a document type.
    """
    building = _Building()
    parser = expat.ParserCreate()
    parser.buffer_text = True
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


class XmlSlurper(JavaObject):
    """Reads XML."""

    java_name = "groovy.util.XmlSlurper"

    def __init__(self, *_options: bool) -> None:
        pass

    def parseText(self, text: Value) -> Nodes:
        """Read a text."""
        return Nodes([read_xml(encode(text_of(text).strip()))], "")

    def parse(self, source: Value) -> Nodes:
        """Read a stream or a reader."""
        if isinstance(source, Reader):
            return self.parseText(source.getText())
        data = source.rest() if isinstance(source, InputStream) else source
        return Nodes([read_xml(data)], "")


class Nodes(JavaObject):
    """Elements (or attributes) that a path leads to; none are no error but an empty text."""

    java_name = "groovy.util.slurpersupport.NodeChildren"

    def __init__(self, elements: list[Element | str], name: str) -> None:
        self._elements = elements
        self._name = name

    def property(self, name: str) -> Value:
        """Give the children of that name; ``@a`` is an attribute, ``*`` every child, ``**`` everything below."""
        found: list[Element | str] = []
        for element in self._elements:
            if isinstance(element, str):
                continue
            if name.startswith("@"):
                value = element.attributes.get(_local(name[1:]))
                found += [] if value is None else [value]
            elif name == "**":
                found += _below(element)
            elif name == "..":
                found += [] if element.parent is None else [element.parent]
            else:
                found += [child for child in element.children if name in {"*", child.name}]
        return Nodes(found, name)

    def text(self) -> str:
        """Give all text in it."""
        return "".join(item if isinstance(item, str) else item.text for item in self._elements)

    def localText(self) -> list[str]:
        """Give the texts that stand in the element itself."""
        return [
            part
            for item in self._elements
            if isinstance(item, Element)
            for part in item.content
            if isinstance(part, str)
        ]

    def name(self) -> str:
        """Give the name of the element."""
        first = self._elements[0] if self._elements else None
        return first.name if isinstance(first, Element) else self._name

    def size(self) -> int:
        """Give how many there are."""
        return len(self._elements)

    def isEmpty(self) -> bool:
        """Whether there are none."""
        return not self._elements

    def asBoolean(self) -> bool:
        """Groovy's truth: whether there are any."""
        return bool(self._elements)

    def children(self) -> Nodes:
        """Give the children."""
        return Nodes([child for item in self._elements if isinstance(item, Element) for child in item.children], "*")

    def parent(self) -> Nodes:
        """Give the element around it."""
        found = [item.parent for item in self._elements if isinstance(item, Element) and item.parent is not None]
        return Nodes(list(found), "..")

    def depthFirst(self) -> list[Value]:
        """Give it and everything below it."""
        return [
            Nodes([inner], "")
            for item in self._elements
            if isinstance(item, Element)
            for inner in [item, *_below(item)]
        ]

    def attributes(self) -> dict[str, str]:
        """Give the attributes of the element."""
        first = self._elements[0] if self._elements else None
        return dict(first.attributes) if isinstance(first, Element) else {}

    def getAt(self, index: Value) -> Value:
        """Give the one of that number, or none."""
        if isinstance(index, str):
            return self.property(index)
        return Nodes(self._elements[index : index + 1] if index >= 0 else self._elements[index:][:1], self._name)

    def iterator(self) -> JavaIterator:
        """Go through them one by one."""
        return JavaIterator([Nodes([item], self._name) for item in self._elements])

    def findAll(self, function: Function) -> Nodes:
        """Give those for which a closure holds."""
        return Nodes([item for item in self._elements if truth(call(function, Nodes([item], self._name)))], self._name)

    def find(self, function: Function) -> Nodes:
        """Give the first for which a closure holds, or none."""
        return Nodes(self.findAll(function)._elements[:1], self._name)  # noqa: SLF001 - of its own class

    def toInteger(self) -> int:
        """Read the text as an Integer."""
        return parse_whole(self.text().strip())

    def toLong(self) -> int:
        """Read the text as a Long."""
        return parse_whole(self.text().strip(), LONG_BITS)

    def toBigDecimal(self) -> Value:
        """Read the text as a BigDecimal."""
        return parse_decimal(self.text().strip())

    def equals(self, other: Value) -> bool:
        """Whether the text is the same."""
        return self.text() == text_of(other)

    def plus(self, other: Value) -> str:
        """Give the text with another behind it."""
        return self.text() + text_of(other)

    def toString(self) -> str:
        """Give all text in it."""
        return self.text()


def _below(element: Element) -> list[Element]:
    return [inner for child in element.children for inner in [child, *_below(child)]]
