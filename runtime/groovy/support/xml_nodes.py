"""``XmlParser`` and the nodes that it gives, which can be changed and printed."""

from __future__ import annotations

from typing import Self

from runtime.groovy.support.builders import StringBuilder
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaIterator, JavaObject, Value
from runtime.groovy.support.xml_tree import Element, read_xml, source_bytes, text_bytes
from runtime.groovy.support.xml_writing import attributes_text, escaped


class QName(JavaObject):
    """A name with its namespace."""

    java_name = "groovy.xml.QName"

    def __init__(self, uri: str, local: str = "", prefix: str = "") -> None:
        self._uri, self._local, self._prefix = (uri, local, prefix) if local else ("", uri, prefix)

    def getLocalPart(self) -> str:
        """Give the name without its namespace."""
        return self._local

    def getNamespaceURI(self) -> str:
        """Give the namespace."""
        return self._uri

    def getPrefix(self) -> str:
        """Give the prefix."""
        return self._prefix

    def getQualifiedName(self) -> str:
        """Give the name with its prefix."""
        return f"{self._prefix}:{self._local}" if self._prefix else self._local

    def matches(self, name: Value) -> bool:
        """Whether a name tells this one: the local part alone only where there is no prefix."""
        if isinstance(name, QName):
            return name.equals(self)
        prefix, colon, local = str(name).rpartition(":")
        if not colon:
            return not self._prefix and str(name) == self._local
        return prefix in {self._prefix, self._uri, "*"} and local in {self._local, "*"}

    def equals(self, other: Value) -> bool:
        """Whether another name has the same parts."""
        if isinstance(other, QName):
            return self.toString() == other.toString()
        prefix, colon, local = text_of(other).rpartition(":")
        return bool(colon) and prefix in {self._prefix, self._uri} and local == self._local

    def toString(self) -> str:
        """Write it as Groovy does."""
        return f"{{{self._uri}}}{self._local}" if self._uri else self._local


class Node(JavaObject):
    """An element with its attributes, and what is in it: texts and nodes."""

    java_name = "groovy.util.Node"

    def __init__(self, parent: Node | None, name: Value, attributes: Value = None, value: Value = None) -> None:
        if attributes is not None and not isinstance(attributes, dict):
            attributes, value = None, attributes
        self._parent = parent
        self._name = name
        self._attributes: dict[str, Value] = dict(attributes or {})
        self._value: list[Value] = []
        self.setValue(value)
        if parent is not None:
            parent.children().append(self)

    @classmethod
    def of(cls, element: Element, parent: Node | None) -> Self:
        """Give the node of an element that was read."""
        name: Value = element.name if not element.uri else QName(element.uri, element.name, element.prefix)
        node = cls(parent, name, element.attributes)
        for part in element.content:
            if isinstance(part, str):
                node._value.append(part)
            else:
                cls.of(part, node)
        return node

    def name(self) -> Value:
        """Give the name; one with a namespace is a ``QName``."""
        return self._name

    def local(self) -> str:
        """Give the name as it is printed."""
        return self._name.getQualifiedName() if isinstance(self._name, QName) else str(self._name)

    def text(self) -> str:
        """Give all text in it."""
        return "".join(part.text() if isinstance(part, Node) else text_of(part) for part in self._value)

    def localText(self) -> list[str]:
        """Give the texts that stand in the node itself."""
        return [text_of(part) for part in self._value if not isinstance(part, Node)]

    def value(self) -> list[Value]:
        """Give what is in it."""
        return self._value

    def setValue(self, value: Value) -> None:
        """Put something in the place of all that is in it."""
        self._value = [] if value is None else list(value) if isinstance(value, list) else [value]

    def children(self) -> list[Value]:
        """Give what is in it."""
        return self._value

    def parent(self) -> Node | None:
        """Give the node around it."""
        return self._parent

    def attributes(self) -> dict[str, Value]:
        """Give the attributes."""
        return self._attributes

    def attribute(self, name: Value) -> Value:
        """Give an attribute, or null."""
        return self._attributes.get(text_of(name))

    def nodes(self) -> list[Node]:
        """Give the nodes in it, for other parts of the library."""
        return [part for part in self._value if isinstance(part, Node)]

    def getProperty(self, name: str) -> Value:
        """Give the children of a name; ``@a`` is an attribute, ``*`` every child, ``**`` all below, ``..`` above."""
        match name:
            case "**":
                return self.depthFirst()
            case "*":
                return NodeList(self.nodes())
            case "..":
                return self._parent
            case _ if name.startswith("@"):
                return self._attributes.get(name[1:])
            case _:
                return NodeList(node for node in self.nodes() if node.is_named(name))

    def is_named(self, name: Value) -> bool:
        """Whether a name tells the node's."""
        own = self._name
        if isinstance(own, QName):
            return own.matches(name)
        return isinstance(name, str) and name == own

    def get(self, name: str) -> Value:
        """Give the children of a name."""
        return self.getProperty(name)

    def getAt(self, name: Value) -> Value:
        """Give the children of a name, one with a namespace too."""
        if isinstance(name, QName):
            return NodeList(node for node in self.nodes() if node.is_named(name))
        return self.getProperty(str(name))

    def put(self, name: str, value: Value) -> None:
        """Set an attribute, ``value``, or what is in the children of that name."""
        if name.startswith("@"):
            self._attributes[name[1:]] = value
            return
        for node in self.getProperty(name):
            node.setValue(value)

    def putAt(self, name: str, value: Value) -> None:
        """Set an attribute, or what is in the children of that name."""
        self.put(name, value)

    def appendNode(self, name: Value, attributes: Value = None, value: Value = None) -> Node:
        """Put a new node in at the end."""
        return Node(self, name, attributes, value)

    def append(self, node: Node) -> bool:
        """Put a node in at the end."""
        node._parent = self
        self._value.append(node)
        return True

    def remove(self, node: Node) -> bool:
        """Take a node out."""
        place = next((number for number, part in enumerate(self._value) if part is node), None)
        if place is None:
            return False
        del self._value[place]
        node._parent = None
        return True

    def replaceNode(self, node: Node) -> Node:
        """Put a node in its place."""
        parent = self._parent
        if parent is None:
            from runtime.groovy.support.errors import UnsupportedOperationException

            raise UnsupportedOperationException("Replacing the root node is not supported")
        place = next(number for number, part in enumerate(parent.children()) if part is self)
        parent.children()[place] = node
        node._parent, self._parent = parent, None
        return self

    def depthFirst(self) -> NodeList:
        """Give it and every node below it."""
        return NodeList([self, *(inner for node in self.nodes() for inner in node.depthFirst())])

    def breadthFirst(self) -> NodeList:
        """Give it and every node below it, those first that lie less deep."""
        found: list[Node] = []
        level = [self]
        while level:
            found += level
            level = [child for node in level for child in node.nodes()]
        return NodeList(found)

    def iterator(self) -> JavaIterator:
        """Go through what is in it."""
        return JavaIterator(list(self._value))

    def size(self) -> int:
        """Give how much is in it."""
        return len(self._value)

    def asBoolean(self) -> bool:
        """Groovy's truth: a node is always true."""
        return True

    def toString(self) -> str:
        """Write it as Groovy does."""
        pairs = ", ".join(f"{key}={text_of(value)}" for key, value in self._attributes.items())
        return f"{text_of(self._name)}[attributes={{{pairs}}}; value=[{', '.join(map(text_of, self._value))}]]"


class NodeList(list[Value]):
    """Nodes that a path leads to, whose children it reaches by their name."""

    def property(self, name: str) -> Value:
        """Give the children of that name of all of them, or their attributes."""
        if name.startswith("@"):
            return [node.getProperty(name) for node in self if isinstance(node, Node)]
        found = NodeList()
        for node in self:
            if isinstance(node, Node):
                made = node.getProperty(name)
                found += made if isinstance(made, list) else [made]
        return found

    def text(self) -> str:
        """Give all text in them."""
        return "".join(node.text() if isinstance(node, Node) else text_of(node) for node in self)


class XmlParser(JavaObject):
    """Reads XML as nodes; it knows namespaces unless it is told otherwise."""

    java_name = "groovy.util.XmlParser"

    def __init__(self, _validating: bool = False, aware: bool = True, *_more: bool) -> None:  # noqa: FBT001, FBT002
        self._aware = aware
        self._keeps_blanks = False
        self._trims = False

    def setNamespaceAware(self, aware: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether names are told apart by their namespaces."""
        self._aware = aware

    def setKeepIgnorableWhitespace(self, keeps: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether texts of nothing but white space are kept."""
        self._keeps_blanks = keeps

    def setTrimWhitespace(self, trims: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether white space around texts is taken away."""
        self._trims = trims

    def setFeature(self, _name: str, _value: bool) -> None:  # noqa: FBT001 - as Java's
        """Do nothing: document types and entities are never read."""

    def parseText(self, text: Value) -> Node:
        """Read a text."""
        return self._read(text_bytes(text))

    def parse(self, source: Value) -> Node:
        """Read a stream or a reader."""
        return self._read(source_bytes(source))

    def _read(self, data: bytes) -> Node:
        root = read_xml(data, aware=self._aware, keeps_blanks=self._keeps_blanks)
        if self._trims:
            for element in (root, *root.below()):
                element.content = [part.strip() if isinstance(part, str) else part for part in element.content]
        return Node.of(root, None)


class XmlNodePrinter(JavaObject):
    """Prints nodes, each on lines of its own."""

    java_name = "groovy.util.XmlNodePrinter"

    def __init__(self, out: StringBuilder, indent: str = "  ", quote: str = '"') -> None:
        self._out, self._indent, self._quote = out, indent, quote
        self._preserves = False
        self._expands = False

    def setPreserveWhitespace(self, preserves: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether texts stand beside their tags."""
        self._preserves = preserves

    def setExpandEmptyElements(self, expands: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether empty nodes have two tags."""
        self._expands = expands

    def print(self, node: Node) -> None:
        """Print a node."""
        self._print(node, 0, {})

    def _print(self, node: Node, depth: int, declared: dict[str, str]) -> None:
        margin = self._indent * depth
        spaces, within = self._spaces(node, declared)
        texts = {name: text_of(value) for name, value in node.attributes().items()}
        head = f"{margin}<{node.local()}{spaces}{attributes_text(texts, self._quote)}"
        if not node.value() and not node.text():
            end = f"></{node.local()}>" if self._expands else "/>"
            self._out.append(f"{head}{end}\n")
            return
        beside = self._preserves and not node.nodes()
        self._out.append(f"{head}>" + ("" if beside else "\n"))
        for part in node.value():
            if isinstance(part, Node):
                self._print(part, depth + 1, within)
            elif self._preserves:
                self._out.append(escaped(text_of(part)))
            else:
                self._out.append(f"{margin}{self._indent}{escaped(text_of(part))}\n")
        self._out.append(f"{'' if beside else margin}</{node.local()}>\n")

    def _spaces(self, node: Node, declared: dict[str, str]) -> tuple[str, dict[str, str]]:
        name = node.name()
        if not isinstance(name, QName) or declared.get(name.getPrefix()) == name.getNamespaceURI():
            return "", declared
        prefix, uri = name.getPrefix(), name.getNamespaceURI()
        shown = f" xmlns{':' if prefix else ''}{prefix}={self._quote}{uri}{self._quote}"
        return shown, {**declared, prefix: uri}
