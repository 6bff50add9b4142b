"""The contract of a connector: constructor and specification together, so that none can exist undocumented."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from msgspec import Struct

from runtime.model.document import Document
from runtime.sdk.effect import Effect


class Call(Struct, frozen=True):
    """One call for one document.

    `content` is the document's content as bytes; `fields` the operation's field struct, computed for this document.
    `key` is the idempotency key: the same for every attempt at the same effect, for operations that are keyed.
    `deadline` is on trio's clock, in seconds; infinity when the execution has none. `pieces` gives the content piece by
    piece where it is too large for memory and the operation takes it so; `content` is empty then.
    """

    document: Document
    content: bytes
    fields: Any
    key: str
    deadline: float
    pieces: Callable[[], AsyncGenerator[bytes]] | None = None


class Reply(Struct, frozen=True):
    """One document that a call gave back. `meta` and `properties` are merged over the request document's.

    With `unchanged` it is the request's own document: `content` is left out, however large that is.
    """

    content: bytes
    meta: dict[str, str] = {}
    unchanged: bool = False
    properties: dict[str, str] = {}


class Connection(Protocol):
    """An open connection; shared by all executions of a bundle, safe for concurrent calls."""

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Make the call. No reply ends the document's path.

        Raises:
            ApplicationFault, NotSent, OutcomeUnknown: as their docstrings say; nothing else of the target's library.
        """
        ...


class OperationSpec(Struct, frozen=True, kw_only=True):
    """What an operation is, for people, lint and schema. `fields` is a frozen msgspec Struct type.

    `effect` gives the word for a set of fields (an HTTP operation's depends on its method); it must be decidable from
    the fields that are literal in the bundle, and answers the most careful word where it is not. `takes_pieces` says
    that a content too large for memory may be given piece by piece (`Call.pieces`).
    """

    name: str
    summary: str
    fields: type[Any]
    effect: Callable[[Mapping[str, str | None]], Effect]
    takes_pieces: bool = False


class ConnectorSpec(Struct, frozen=True, kw_only=True):
    """A connector: its name in bundles, its settings and operations, and how a connection is opened.

    `settings` is a frozen msgspec Struct type, whose ``__post_init__`` may say by a ValueError what does not fit
    together, in words without the values; `secrets` names the settings that are never shown. `version` is what
    bundles ask for in `needs`: its first number grows when bundles have to change.
    """

    name: str
    summary: str
    settings: type[Any]
    operations: tuple[OperationSpec, ...]
    open: Callable[[Any], AbstractAsyncContextManager[Connection]]
    secrets: tuple[str, ...] = ()
    version: str = "1.0"

    def operation(self, name: str) -> OperationSpec | None:
        """Give the operation of that name, or None."""
        return next((operation for operation in self.operations if operation.name == name), None)


class Catalogue(Struct, frozen=True):
    """The connectors that are installed, by name; made once at start from the entry points."""

    connectors: dict[str, ConnectorSpec]

    def get(self, name: str) -> ConnectorSpec | None:
        """Give the connector of that name, or None."""
        return self.connectors.get(name)
