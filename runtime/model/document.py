"""Documents: the unit of flow. Content, properties, identity, and where each one came from.

Reference: engine model 0.1 (ordered batches), 2.1-2.2 (content and properties).
"""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct

IDENTITY_BYTES = 12  # 96 bits: no collision within an execution, and short enough to journal by the million

Properties = dict[str, str]
Span = tuple[int, int]  # positions [start, stop) of the batch that entered a fork
Origins = tuple[Span, ...]  # sorted, disjoint, merged

NO_PROPERTIES: Properties = {}


class Stored(Struct, frozen=True, tag="stored"):
    """Content that is too large for memory: a sealed file of the execution's work folder.

    `name` is the file's name within that folder; `size` the number of bytes of the clear content.
    """

    name: str
    size: int


Content = bytes | Stored


class Document(Struct, frozen=True, array_like=True, gc=False):
    """One document. It is never changed: a step that alters it makes another with the same identity.

    `properties` are the dynamic document properties, `meta` what steps and connectors tell about the document
    (status code, caught error, MIME headers); both are read-only by convention, as copies cost more than discipline.
    `origins` says, for each enclosing fork that follows failures (outermost first), which documents of the batch that
    entered the fork this one descends from. Nothing that a document holds can refer to it: no garbage collector has to
    look for it.
    """

    id: bytes
    content: Content = b""
    properties: Properties = NO_PROPERTIES
    meta: Properties = NO_PROPERTIES
    origins: tuple[Origins, ...] = ()

    @property
    def size(self) -> int:
        """Give the size of the content, in bytes."""
        content = self.content
        return len(content) if isinstance(content, bytes) else content.size


def root_identity(ordinal: int) -> bytes:
    """Give the identity of the `ordinal`-th document (from 0) that entered an execution."""
    return ordinal.to_bytes(IDENTITY_BYTES, "big")


def derived_identity(parent: bytes, step: bytes, ordinal: int) -> bytes:
    """Give the identity of the `ordinal`-th document that `step` made out of `parent`.

    It depends on nothing else, so that a repeated or resumed step makes documents with the same identities; an
    idempotency key built on it names the same effect however often the step is tried.
    """
    return blake2b(parent + step + ordinal.to_bytes(8, "big"), digest_size=IDENTITY_BYTES).digest()


def merge_spans(spans: list[Span]) -> Origins:
    """Sort and unite spans; neighbours become one."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return tuple(merged)
