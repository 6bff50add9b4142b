"""What an expression sees: one document, its properties, and the execution around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.errors import DocumentFault
from runtime.expressions.json_values import decode
from runtime.expressions.parsed import Parsed
from runtime.model.document import Content, Document

ROOTS = ("document", "properties", "meta", "process", "execution")


class Scope:
    """The names that expressions know, for one document.

    `content` is the document's content where it is not in memory; it is decoded once, and only when an expression
    reads `document`. `process` may change between two expressions: it is read at the moment of evaluation.
    `parsed` are forms that are known from other steps.
    """

    __slots__ = ("_content", "_decoded", "_document", "_execution", "_has_decoded", "_meta", "_parsed", "_process")

    def __init__(
        self,
        document: Document,
        process: Mapping[str, str],
        execution: Mapping[str, object],
        content: bytes | None = None,
        parsed: Parsed | None = None,
    ) -> None:
        self._document = document
        self._parsed = parsed
        self._process = process
        self._execution = execution
        self._content: Content = document.content if content is None else content
        self._has_decoded = False
        self._decoded: object = None
        self._meta: dict[str, object] | None = None

    def with_document(self, document: Document) -> Scope:
        """Give the scope of a document with the same content but other properties; nothing is decoded again."""
        other = Scope(document, self._process, self._execution, parsed=self._parsed)
        other._content = self._content
        other._has_decoded, other._decoded = self._has_decoded, self._decoded
        return other

    def knowing(self, decoded: object) -> Scope:
        """Give the same scope, whose content has been decoded already."""
        self._has_decoded, self._decoded = True, decoded
        return self

    @property
    def document(self) -> object:
        """Give the decoded JSON of the content.

        Raises:
            DocumentFault: the content is not JSON, or was not brought into memory.
        """
        if not self._has_decoded:
            content = self._content
            if not isinstance(content, bytes):
                raise DocumentFault("expression.content-too-large", "the document is too large for an expression")
            self._decoded = self.decoded(content)
            self._has_decoded = True
        return self._decoded

    def decoded(self, content: bytes) -> object:
        """Give the decoded JSON of a content, which may be known; it is read, and not changed.

        Raises:
            DocumentFault: it is not JSON.
        """
        if self._has_decoded and content is self._content:
            return self._decoded
        return decode(content) if self._parsed is None else self._parsed.value(content)

    @property
    def properties(self) -> Mapping[str, str]:
        """Give the dynamic document properties."""
        return self._document.properties

    @property
    def meta(self) -> Mapping[str, object]:
        """Give what steps tell about the document; `status` is a number where it reads as one."""
        if self._meta is None:
            self._meta = meta_of(self._document)
        return self._meta

    @property
    def process(self) -> Mapping[str, str]:
        """Give the dynamic process properties."""
        return self._process

    @property
    def execution(self) -> Mapping[str, object]:
        """Give the facts of the execution."""
        return self._execution


def meta_of(document: Document) -> dict[str, object]:
    """Give what expressions see as `meta`."""
    meta: dict[str, object] = dict(document.meta)
    status = document.meta.get("status", "")
    if status.isascii() and status.isdigit() and len(status) < 10:  # noqa: PLR2004 - far beyond any status
        meta["status"] = int(status)
    return meta


def root(name: str) -> Callable[[Scope], object] | None:
    """Give the reader of a root name, or None when expressions do not know it."""
    return _READERS.get(name)


_READERS: dict[str, Callable[[Scope], object]] = {
    "document": lambda scope: scope.document,
    "properties": lambda scope: scope.properties,
    "meta": lambda scope: scope.meta,
    "process": lambda scope: scope.process,
    "execution": lambda scope: scope.execution,
}
