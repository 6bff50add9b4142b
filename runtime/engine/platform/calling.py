"""Calls of connectors that maps and parameter values make, between the steps that are calls themselves."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
from msgspec import Struct

from runtime.engine.context import Context
from runtime.engine.effects import Replies, perform
from runtime.engine.positions import idempotency_key
from runtime.errors import DocumentFault
from runtime.expressions.json_values import encode
from runtime.model.document import IDENTITY_BYTES, Document
from runtime.sdk.connector import Call, OperationSpec
from runtime.sdk.effect import Effect


class Called(Struct, frozen=True):
    """The contents of what a call of an operation over a connection gives. `fields` are its fields as texts.

    `place` is who asks within the step. What may change something is called once for each time that it is asked for a
    document, which `nth` counts from 0; `single`: more than one answer is an error.
    """

    connection: str
    spec: OperationSpec
    fields: tuple[tuple[str, str], ...]
    content: bytes = b""
    place: int = 0
    nth: int = 0
    single: bool = False

    @property
    def effect(self) -> Effect:
        """What the call does to the world."""
        return self.spec.effect(dict(self.fields))


async def called(request: Called, document: Document, context: Context) -> list[bytes]:
    """Make a call for a document, and give the contents of its answers.

    Raises:
        DocumentFault: the call failed, or gave more than one answer where one is wanted.
        Parked: it may have happened, and must not happen twice.
    """
    connection = context.connections[request.connection]
    told = encode([request.place, request.nth, [list(pair) for pair in request.fields]]) + request.content
    identity = blake2b(document.id + told, digest_size=IDENTITY_BYTES).digest()
    key = idempotency_key(context.facts.id, context.name, identity)
    try:
        fields = msgspec.convert(dict(request.fields), request.spec.fields, strict=False)
    except msgspec.ValidationError as error:
        raise DocumentFault("connector.fields", f"a call of a map: {error}") from error

    async def make() -> Replies:
        call = Call(document, request.content, fields, key, context.deadline)
        return await connection.execute(request.spec.name, call)

    replies = await perform(context, request.effect, make, document=identity, key=key)
    if request.single and len(replies) > 1:
        raise DocumentFault("map.more-than-one", "Nested connector call returned more than 1 document.")
    return [reply.content for reply in replies]
