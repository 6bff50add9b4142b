"""How an execution answers Flow: the same result, told at once or later."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec import Struct

from runtime.engine.batch import Batch, sole_chunk
from runtime.engine.contents import Contents
from runtime.engine.result import Result
from runtime.errors import Fault
from runtime.flow.answers import forward, wait
from runtime.flow.callbacks import CallbackRequest, callback_request, faulted
from runtime.flow.outputs import OutputCodec
from runtime.flow.requests import ActionCall
from runtime.flow.wire import OutputValue
from runtime.model.document import Document
from runtime.model.journal import NewCallback, Status

_log = structlog.get_logger("nuclide.engine")
UNREADABLE = "recovery.unreadable"  # code of an ending: what was written down of the work cannot be read
_encoder = msgspec.msgpack.Encoder()


class Ending(Struct, frozen=True, kw_only=True):
    """The finishing result of a call. `body` is the FORWARD answer; where it is None the call failed with `message`."""

    status: Status
    body: bytes | None = None
    code: str | None = None
    message: str | None = None

    def encode(self) -> bytes:
        """Give the ending as bytes (MessagePack)."""
        return _encoder.encode(self)


_decoder = msgspec.msgpack.Decoder(Ending)


def decode_ending(data: bytes) -> Ending:
    """Give the ending that `Ending.encode` made bytes of."""
    return _decoder.decode(data)


async def ending_of(result: Result, call: ActionCall, outputs: OutputCodec | None, contents: Contents) -> Ending:
    """Turn the documents that an execution returned into the answer of its call."""
    if result.status is not Status.COMPLETE:
        return failed(result.status, result.code, result.message)
    documents: list[bytes] = []
    count = 0
    for batch in result.returned:
        count += len(batch)
        if documents or not len(batch):
            continue
        documents.append(await contents.read(await _first(batch)))
    try:
        answer = forward(call, outputs, documents)
    except Fault as fault:
        return failed(Status.ERROR, fault.code, fault.message)
    if count > 1:
        _log.warning("a message action answers with its first document only", documents=count)
    return Ending(status=Status.COMPLETE, body=answer.body)


async def _first(batch: Batch) -> Document:
    sole = sole_chunk(batch)
    if sole:
        return sole[0]
    async with aclosing(batch.chunks()) as chunks:
        return (await anext(chunks))[0]


def failed(status: Status, code: str | None, message: str | None) -> Ending:
    """Give the ending of a call that brings no result."""
    return Ending(status=status, code=code, message=message or "The process failed.")


def callback_of(ending: Ending, call: ActionCall, uri: str, execution: str) -> CallbackRequest | None:
    """Give the callback that tells an ending, or None where the call left no address."""
    body = ending.body
    if body is None:
        body = faulted(call, ending.message or "The process failed.", uri=uri, execution=execution)
    return callback_request(call, body)


def progress_of(call: ActionCall, message: str | None, outputs: Sequence[OutputValue] = ()) -> CallbackRequest | None:
    """Give the callback that tells whoever waits how things stand, or None where the call left no address."""
    return callback_request(call, wait(call, message, outputs))


def new_callback(
    request: CallbackRequest, execution: str, epoch: int, now: float, expire_after: float, *, after: float = 0.0
) -> NewCallback:
    """Give the operation that puts a callback into the outbox, due `after` seconds; it expires so long after that."""
    return NewCallback(
        execution=execution,
        epoch=epoch,
        host=urlsplit(request.url).netloc,
        request=_encoder.encode(request),
        created_at=now,
        due=now + after,
        expires_at=now + after + expire_after,
    )
