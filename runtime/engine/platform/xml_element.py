"""The border of expat: the first element or attribute at a path of an XML document, as a text."""

from __future__ import annotations

from collections.abc import Sequence
from xml.parsers import expat

from runtime.errors import DocumentFault
from runtime.model.platform_profiles import XmlNode

_SEPARATOR = "\n"  # between namespace and name: it stands in neither


def first_text(content: bytes, path: Sequence[XmlNode]) -> str | None:
    """Give the text of the first occurrence, without blanks around it (behaviour 89); None where there is none.

    Raises:
        DocumentFault: ``xml.malformed``: it is no XML, or has a document type.
    """
    finder = _Finder(path)
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.StartElementHandler = finder.start
    parser.EndElementHandler = finder.end
    parser.CharacterDataHandler = finder.text
    _parse(parser, content)
    return finder.found


def check_xml(content: bytes) -> None:
    """Pass if the content is XML; raises as `first_text`."""
    _parse(expat.ParserCreate(namespace_separator=_SEPARATOR), content)


def _parse(parser: expat.XMLParserType, content: bytes) -> None:
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(content, True)  # noqa: FBT003 - as the library has it
    except expat.ExpatError as error:
        raise DocumentFault("xml.malformed", f"the document is no XML: {error}") from error


class _Finder:
    """Follows a document; `_matched` of the `_depth` open elements lie on the path."""

    def __init__(self, path: Sequence[XmlNode]) -> None:
        self.found: str | None = None
        last = path[-1]
        self._attribute = _name(last) if last.kind == "attribute" else None
        self._elements = [_name(node) for node in path if node.kind == "element"]
        self._depth = 0
        self._matched = 0
        self._collected: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        on_path = self._matched == self._depth < len(self._elements) and self._elements[self._depth] == name
        self._depth += 1
        if not on_path:
            return
        self._matched += 1
        if self._matched < len(self._elements) or self.found is not None:
            return
        if self._attribute is None:
            self._collected = []
        elif self._attribute in attributes:
            self.found = attributes[self._attribute].strip()

    def text(self, text: str) -> None:
        if self._collected is not None and self._depth == len(self._elements):
            self._collected.append(text)

    def end(self, _name: str) -> None:
        if self._collected is not None and self._depth == len(self._elements):
            self.found, self._collected = "".join(self._collected).strip(), None
        if self._matched == self._depth:
            self._matched -= 1
        self._depth -= 1


def _name(node: XmlNode) -> str:
    return f"{node.namespace}{_SEPARATOR}{node.name}" if node.namespace else node.name


def _refuse_document_type(*_: object) -> None:
    raise DocumentFault("xml.malformed", "the document has a document type, which is not read")
