"""The operations of an HTTP connection, and what each does to the world (RFC 9110, 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from runtime.sdk.connector import OperationSpec
from runtime.sdk.effect import Effect

Follows = Literal["none", "safe", "all"]
Method = Annotated[str, Meta(pattern=r"^[A-Za-z]{1,20}$", description="a method of HTTP")]


class Reading(Struct, frozen=True, kw_only=True):
    """Fields of a request without a body.

    `path` is plain text, added to the connection's url and percent-encoded here. `query` and `headers` are JSON objects
    of texts and numbers, such as ``${{'sku': document.sku}}``; nothing in a value can become another name.
    """

    path: str = ""
    query: str = ""
    headers: str = ""
    accept: str = "application/json, */*;q=0.5"


class Deleting(Reading, frozen=True, kw_only=True):
    """Fields of a deletion; the document is sent only on demand."""

    send_document: bool = False
    content_type: str = "application/json"


class Replacing(Reading, frozen=True, kw_only=True):
    """Fields of a request whose body is the document; an empty document is no body."""

    send_document: bool = True
    content_type: str = "application/json"


class Writing(Replacing, frozen=True, kw_only=True):
    """Fields of a request that does something each time.

    `idempotency_header` names the header by which the server knows a repeated request again, usually Idempotency-Key;
    the call may then be repeated. Leave it out unless the server honours it.
    """

    idempotency_header: str = ""


class Requesting(Writing, frozen=True, kw_only=True):
    """Fields of a request with any method.

    `follow_redirects` says where the client goes as the server sends it, as long as that is the same server: with
    ``safe`` requests that only read, with ``all`` every one.
    """

    method: Method
    follow_redirects: Follows = "none"


class Composing(Struct, frozen=True, kw_only=True):
    """Fields of a request as the HTTP Client of the Boomi platform composes it (component XML, section 6).

    `segments` is a JSON object whose values, in their order, are joined to path and query: as they are, so that what
    may not stand in an address must be encoded already. The document is the body where `send_document` says so; an
    empty one is none. `returns` is what goes on: the ``response``, or the ``document`` that was sent. An answer with a
    status of 300 or more is an error.

    `properties` is a JSON object: the headers of the answer that become properties of the document, with their names.
    `credentials` is one too: the ids of segments, and the names of headers, in whose places the connection's
    ``username`` or ``password`` stands, where its authentication is ``custom``. With `follow_redirects` the client goes
    where the server sends it, as long as that is the same server.
    """

    method: Method
    segments: str = ""
    headers: str = ""
    content_type: str = ""
    send_document: bool = False
    returns: Literal["response", "document"] = "response"
    properties: str = ""
    credentials: str = ""
    follow_redirects: bool = False


_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_REPEATABLE = {"PUT", "DELETE"}


def method_of(operation: str, fields: Reading) -> str:
    """Give the method of an operation."""
    return fields.method.upper() if isinstance(fields, Requesting) else operation.upper()


def _always(effect: Effect) -> Callable[[Mapping[str, str | None]], Effect]:
    return lambda _fields: effect


def _of_writing(fields: Mapping[str, str | None]) -> Effect:
    return Effect.KEYED if fields.get("idempotency_header") else Effect.ONCE


def _of_request(fields: Mapping[str, str | None]) -> Effect:
    method = (fields.get("method") or "").upper()
    if method in _SAFE:
        return Effect.PURE
    return Effect.IDEMPOTENT if method in _REPEATABLE else _of_writing(fields)


def _operation(
    name: str, summary: str, fields: type[Any], effect: Callable[[Mapping[str, str | None]], Effect]
) -> OperationSpec:
    return OperationSpec(name=name, summary=summary, fields=fields, effect=effect)


OPERATIONS = (
    _operation("get", "reads a resource", Reading, _always(Effect.PURE)),
    _operation("head", "reads the headers of a resource; the document becomes empty", Reading, _always(Effect.PURE)),
    _operation("post", "sends the document to be processed", Writing, _of_writing),
    _operation("put", "puts the document in a resource's place", Replacing, _always(Effect.IDEMPOTENT)),
    _operation("patch", "changes a resource by the document", Writing, _of_writing),
    _operation("delete", "deletes a resource", Deleting, _always(Effect.IDEMPOTENT)),
    _operation("request", "sends a request with any method", Requesting, _of_request),
    _operation("platform request", "sends a request as the platform's HTTP Client does", Composing, _of_request),
)
