"""``XmlSlurper`` and what it reads: elements, reached by the names of their children."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.groovy.support.closures import Function, call
from runtime.groovy.support.errors import IndexOutOfBoundsException, MissingMethodException
from runtime.groovy.support.numbers import parse_decimal, parse_whole
from runtime.groovy.support.operators import truth
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import LONG_BITS, JavaIterator, JavaObject, Value
from runtime.groovy.support.xml_tree import Element, read_xml, source_bytes, text_bytes


class XmlSlurper(JavaObject):
    """Reads XML; it knows namespaces unless it is told otherwise."""

    java_name = "groovy.util.XmlSlurper"

    def __init__(self, _validating: bool = False, aware: bool = True, *_more: bool) -> None:  # noqa: FBT001, FBT002
        self._aware = aware
        self._keeps_blanks = False

    def setKeepIgnorableWhitespace(self, keeps: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether texts of nothing but white space are kept."""
        self._keeps_blanks = keeps

    def setKeepWhitespace(self, keeps: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether texts of nothing but white space are kept."""
        self._keeps_blanks = keeps

    def setFeature(self, _name: str, _value: bool) -> None:  # noqa: FBT001 - as Java's
        """Do nothing: document types and entities are never read."""

    def parseText(self, text: Value) -> Nodes:
        """Read a text."""
        return self._read(text_bytes(text))

    def parse(self, source: Value) -> Nodes:
        """Read a stream or a reader."""
        return self._read(source_bytes(source))

    def _read(self, data: bytes) -> Nodes:
        root = read_xml(data, aware=self._aware, keeps_blanks=self._keeps_blanks)
        return Nodes([root], root.name, {})


Item = Element | str


class Nodes(JavaObject):
    """Elements (or attributes) that a path leads to; none are no error but an empty text."""

    java_name = "groovy.util.slurpersupport.NodeChildren"

    def __init__(self, elements: list[Item], name: str, spaces: dict[str, str]) -> None:
        self._elements = elements
        self._name = name
        self._spaces = spaces  # those that the script declared, by prefix

    def items(self) -> list[Item]:
        """Give what the path leads to, for other parts of the library."""
        return self._elements

    def _made(self, elements: list[Item], name: str | None = None) -> Nodes:
        return Nodes(elements, self._name if name is None else name, self._spaces)

    def property(self, name: str) -> Value:
        """Give the children of that name; ``@a`` is an attribute, ``*`` every child, ``**`` everything below."""
        if name == "**":
            return self.depthFirst()
        if name == "..":
            return self.parent()
        if name == "*":
            return self.children()
        found: list[Item] = []
        for element in self._elements:
            if isinstance(element, Element):
                found += self._attribute(element, name[1:]) if name.startswith("@") else self._children(element, name)
        return self._made(found, name)

    def _attribute(self, element: Element, name: str) -> Iterable[Item]:
        """Give the attribute of that name; without a prefix any namespace will do."""
        if name in element.attributes:
            return [element.attributes[name]]
        if ":" in name:
            return []
        return [held for key, held in element.attributes.items() if key.rpartition(":")[2] == name][:1]

    def _children(self, element: Element, name: str) -> Iterable[Item]:
        prefix, colon, local = name.rpartition(":")
        if not colon:
            return [child for child in element.children if child.name == name]
        uri = self._spaces.get(prefix, element.spaces.get(prefix))
        return [
            child
            for child in element.children
            if child.qualified == name
            or (child.name == local and (prefix == "*" or (uri is not None and child.uri == uri)))
        ]

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
        return first.name if isinstance(first, Element) else self._name.removeprefix("@")

    def namespaceURI(self) -> str:
        """Give the namespace of the element."""
        first = self._elements[0] if self._elements else None
        return first.uri if isinstance(first, Element) else ""

    def declareNamespace(self, spaces: dict[str, Value]) -> Nodes:
        """Let prefixes in paths stand for namespaces."""
        self._spaces = {**self._spaces, **{str(key): text_of(value) for key, value in spaces.items()}}
        return self

    def lookupNamespace(self, prefix: str) -> str | None:
        """Give the namespace that a prefix stands for in the document."""
        first = self._elements[0] if self._elements else None
        return first.spaces.get(prefix) if isinstance(first, Element) else None

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
        return self._made(
            [child for item in self._elements if isinstance(item, Element) for child in item.children], "*"
        )

    def parent(self) -> Nodes:
        """Give the element around it; the root is its own."""
        found: list[Item] = []
        for item in self._elements:
            if isinstance(item, Element):
                above = item.parent if item.parent is not None else item
                found += [] if any(above is other for other in found) else [above]
        return self._made(found, "..")

    def depthFirst(self) -> list[Value]:
        """Give it and everything below it."""
        return [
            self._made([inner], inner.name)
            for item in self._elements
            if isinstance(item, Element)
            for inner in (item, *item.below())
        ]

    def breadthFirst(self) -> list[Value]:
        """Give it and everything below it, those first that lie less deep."""
        level = [item for item in self._elements if isinstance(item, Element)]
        found: list[Value] = []
        while level:
            found += [self._made([item], item.name) for item in level]
            level = [child for item in level for child in item.children]
        return found

    def attributes(self) -> dict[str, str]:
        """Give the attributes of the element."""
        first = self._elements[0] if self._elements else None
        return {key.rpartition(":")[2]: value for key, value in first.attributes.items()} if isinstance(
            first, Element) else {}  # fmt: skip

    def getAt(self, index: Value) -> Value:
        """Give the one of that number, or none; of a range, a list."""
        if isinstance(index, str):
            return self.property(index)
        if isinstance(index, range | list):
            from runtime.groovy.support.members import item

            return item([self._made([one]) for one in self._elements], index)
        return self._made(self._elements[index : index + 1] if index >= 0 else self._elements[index:][:1])

    def iterator(self) -> JavaIterator:
        """Go through them one by one."""
        return JavaIterator([self._made([item]) for item in self._elements])

    def list(self) -> list[Value]:
        """Give them one by one."""
        return [self._made([item]) for item in self._elements]

    def findAll(self, function: Function) -> Nodes:
        """Give those for which a closure holds."""
        return self._made([item for item in self._elements if truth(call(function, self._made([item])))])

    def find(self, function: Function) -> Nodes:
        """Give the first for which a closure holds, or none."""
        return self._made(self.findAll(function)._elements[:1])  # noqa: SLF001 - of its own class

    # --- changes ---

    def replaceBody(self, value: Value) -> None:
        """Put something in the place of all that is within the elements."""
        for item in self._elements:
            if isinstance(item, Element):
                item.content = []
                _append(item, value, self)

    def replaceNode(self, value: Value) -> None:
        """Put what a closure builds in the place of the elements; one that builds nothing takes them out."""
        for item in self._elements:
            above = item.parent if isinstance(item, Element) else None
            if above is None or not isinstance(item, Element):
                raise MissingMethodException("only an element within another can be replaced")
            place = next(number for number, part in enumerate(above.content) if part is item)
            made = Element("made")
            _append(made, value, self._made([item]))
            for part in made.content:
                if isinstance(part, Element):
                    part.parent = above
            above.content[place : place + 1] = made.content

    def appendNode(self, value: Value) -> None:
        """Put something in behind all that is within the elements."""
        for item in self._elements:
            if isinstance(item, Element):
                _append(item, value, self)

    def leftShift(self, value: Value) -> Nodes:
        """Put something in behind all that is within the elements."""
        self.appendNode(value)
        return self

    def put(self, name: str, value: Value) -> None:
        """Set an attribute, or what is within the children of that name."""
        if name.startswith("@"):
            for item in self._elements:
                if isinstance(item, Element):
                    item.attributes[name[1:]] = text_of(value)
            return
        target = self.property(name)
        if callable(value):
            target.replaceNode(value)
        else:
            target.replaceBody(value)

    def putAt(self, index: Value, value: Value) -> None:
        """Set what is within the element of a number, or the children of a name."""
        if isinstance(index, str):
            self.put(index, value)
        elif self.getAt(index).size() == 0:
            raise IndexOutOfBoundsException(str(index))
        else:
            self.getAt(index).replaceBody(value)

    # --- values ---

    def toInteger(self) -> int:
        """Read the text as an Integer."""
        return parse_whole(self.text().strip())

    def toLong(self) -> int:
        """Read the text as a Long."""
        return parse_whole(self.text().strip(), LONG_BITS)

    def toBigDecimal(self) -> Value:
        """Read the text as a BigDecimal."""
        return parse_decimal(self.text().strip())

    def toDouble(self) -> float:
        """Read the text as a Double."""
        return float(parse_decimal(self.text().strip()))

    def toBoolean(self) -> bool:
        """Read the text as true or false."""
        return self.text().strip().lower() in {"true", "y", "1"}

    def equals(self, other: Value) -> bool:
        """Whether the text is the same."""
        return self.text() == text_of(other)

    def plus(self, other: Value) -> str:
        """Give the text with another behind it."""
        return self.text() + text_of(other)

    def toString(self) -> str:
        """Give all text in it."""
        return self.text()


def _append(element: Element, value: Value, nodes: Nodes) -> None:
    """Put a value, or what a closure builds, behind all that is within an element."""
    if isinstance(value, Nodes):
        for item in value.items():
            element.add(item)
    elif callable(value) and not isinstance(value, JavaObject):
        from runtime.groovy.support.markup import built

        root = read_xml(text_bytes(f"<made>{built(value, nodes)}</made>"), keeps_blanks=True)
        for part in root.content:
            element.add(part)
    else:
        element.add(text_of(value))
