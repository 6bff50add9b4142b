"""Documents that become one: what the survivor inherits."""

from __future__ import annotations

from hashlib import blake2b

from runtime.model.document import (
    IDENTITY_BYTES,
    NO_PROPERTIES,
    Content,
    Document,
    Origins,
    Properties,
    Span,
    derived_identity,
    merge_spans,
)


class Merger:
    """Unites identities and origins of documents, one by one, in memory that does not grow with neighbours.

    The survivor has the properties of the first document (reference 1.10).
    """

    def __init__(self, step: bytes) -> None:
        self.count = 0
        self._step = step
        self._identity = blake2b(digest_size=IDENTITY_BYTES)
        self._levels: list[list[Span]] = []
        self._properties: Properties = NO_PROPERTIES
        self._meta: Properties = NO_PROPERTIES

    def add(self, document: Document) -> None:
        """Take one more document in."""
        if self.count == 0:
            self._levels = [[] for _ in document.origins]
            self._properties, self._meta = document.properties, document.meta
        self.count += 1
        self._identity.update(document.id)
        for spans, origins in zip(self._levels, document.origins, strict=True):
            for span in origins:
                if spans and spans[-1][0] <= span[0] <= spans[-1][1]:
                    spans[-1] = (spans[-1][0], max(spans[-1][1], span[1]))
                else:
                    spans.append(span)

    def document(self, content: Content) -> Document:
        """Give the document that all have become."""
        identity = derived_identity(self._identity.digest(), self._step, 0)
        origins: tuple[Origins, ...] = tuple(merge_spans(spans) for spans in self._levels)
        return Document(identity, content, self._properties, self._meta, origins)
