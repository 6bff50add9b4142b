"""``XmlUtil``: documents as texts."""

from __future__ import annotations

from runtime.groovy.support.builders import StringBuilder, StringWriter
from runtime.groovy.support.errors import IllegalArgumentException
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaObject, Value
from runtime.groovy.support.xml import Nodes
from runtime.groovy.support.xml_nodes import Node, XmlNodePrinter
from runtime.groovy.support.xml_tree import Element, read_xml, text_bytes
from runtime.groovy.support.xml_writing import indented

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


class XmlUtil(JavaObject):
    """Writes documents, and escapes texts for them."""

    java_name = "groovy.xml.XmlUtil"

    @staticmethod
    def serialize(value: Value, out: Value = None) -> str | None:
        """Write a document, indented, to a text or to a writer."""
        made = indented(_tree(value))
        if out is None:
            return made
        if not isinstance(out, StringBuilder):
            raise IllegalArgumentException("a document is written to a StringWriter")
        out.append(made)
        return None

    @staticmethod
    def escapeXml(text: Value) -> str:
        """Give a text as it stands in a document."""
        return text_of(text).translate(_ENTITIES)


def _tree(value: Value) -> Element:
    if isinstance(value, Node):
        printed = StringWriter()
        printer = XmlNodePrinter(printed)
        printer.setPreserveWhitespace(True)
        printer.print(value)
        return read_xml(text_bytes(printed.toString()), keeps_blanks=True)
    if isinstance(value, Nodes):
        first = value.items()[0] if value.items() else None
        if not isinstance(first, Element):
            raise IllegalArgumentException("there is no element to write")
        return first
    return read_xml(text_bytes(value), keeps_blanks=True)
