"""What an execution starts with: kept, sealed, until it has ended, so that another owner can begin it anew."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec
from msgspec import Struct

from runtime.errors import StoreError
from runtime.flow.requests import ActionCall
from runtime.model.document import Document, Stored, root_identity
from runtime.model.persisted import Persisted

Passed = tuple[str, "Document | int | None", "dict[str, str] | None"]
"""A step that has run: its id, the document that goes on or the number of its path, the properties that it set."""


class Start(Struct, frozen=True):
    """Start documents, initial dynamic process properties, and the Flow call that the execution answers, if any.

    `uri` is the path of the request, for faults. `deadline` is wall time in seconds since the epoch. `kept` is what its
    processes had kept from earlier runs, by process and name. `depth` counts the executions that have begun each other
    down to this one. `passed` is what was one run of a generated function: its steps that the driver would have written
    down, in the order in which they ran (see `unfolded`).
    """

    documents: tuple[Document, ...]
    properties: dict[str, str] = {}
    call: ActionCall | None = None
    uri: str = ""
    deadline: float | None = None
    kept: dict[str, dict[str, Persisted]] = {}
    depth: int = 0
    passed: tuple[Passed, ...] | None = None

    def __repr__(self) -> str:
        """Say how much there is, not what: it holds credentials and documents."""
        return f"Start({len(self.documents)} documents, call={self.call!r})"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Start)


def encode_start(start: Start) -> bytes:
    """Give a start as bytes (MessagePack)."""
    return _encoder.encode(start)


def decode_start(data: bytes) -> Start:
    """Give the start that `encode_start` made bytes of.

    Raises:
        StoreError: it is damaged, or of a form that this version does not know (code ``engine.unreadable``).
    """
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise StoreError("engine.unreadable", f"the start of an execution cannot be read: {error}") from error


def files_of(start: Start) -> list[str]:
    """Give the names of the files that hold contents too large for memory."""
    return [each.content.name for each in start.documents if isinstance(each.content, Stored)]


def start_documents(contents: Sequence[bytes | Document]) -> tuple[Document, ...]:
    """Give contents as the documents that enter an execution; documents stay what they are."""
    return tuple(
        content if isinstance(content, Document) else Document(root_identity(ordinal), content)
        for ordinal, content in enumerate(contents)
    )


def token_digest(service: str, action: str, tenant: str | None, token: str) -> str:
    """Give the name under which a Flow call is known: its token never stands in the clear."""
    parts = "\0".join((service, action, tenant or "", token))
    return blake2b(parts.encode(), digest_size=16).hexdigest()
