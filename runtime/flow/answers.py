"""Answers to an action: FORWARD with outputs when it has finished, WAIT when it has not (wire protocol A.2.2, C.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from runtime.flow.outputs import OutputCodec, encode_outputs, write_outputs
from runtime.flow.wire import OutputValue, ServiceResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.flow.requests import ActionCall

_ENCODER = msgspec.json.Encoder()


def _written_around() -> tuple[bytes, bytes, bytes, bytes]:
    """Give a FORWARD answer as JSON around its token, its tenant and its outputs: no other text of it is empty."""
    whole = _ENCODER.encode(ServiceResponse(token="", tenant_id="", invoke_type="FORWARD"))
    token, tenant, rest = whole.split(b'""')
    others, end = rest.split(b'"outputs":[]')
    return token, tenant, others + b'"outputs":[', b"]" + end


_TOKEN, _TENANT, _OTHERS, _END = _written_around()


class Forward(Struct, frozen=True):
    """A finishing answer, and what the builder should know about it."""

    body: bytes
    warnings: tuple[str, ...] = ()


def forward(call: ActionCall, codec: OutputCodec | None, documents: Sequence[bytes]) -> Forward:
    """Give the answer of a finished call; the body serves as its callback as well. `codec` is None without outputs.

    The first document becomes the outputs, the others are warned about; none at all, or an empty one, gives every
    output with a null value (wire protocol E.7).

    Raises:
        ProcessFault: the document does not follow the response profile; the message names the output.
    """
    warnings: tuple[str, ...] = ()
    if len(documents) > 1:
        warnings = (f"The process returned {len(documents)} documents; a message action answers with the first.",)
    return Forward(forwarded(call.token, call.tenant_id, codec, documents[0] if documents else b""), warnings)


def forwarded(token: str, tenant_id: str | None, codec: OutputCodec | None, document: bytes) -> bytes:
    """Give the body of the answer of a finished call; raises as `forward`."""
    encode, outputs = _ENCODER.encode, () if codec is None else encode_outputs(document, codec)
    return b"".join((_TOKEN, encode(token), _TENANT, encode(tenant_id), _OTHERS, *outputs, _END))


class Progress(Struct, frozen=True):
    """How things stand with a call: a message for the person who waits, and the outputs that there are so far."""

    message: str | None = None
    outputs: tuple[OutputValue, ...] = ()


def progress(message: str, codec: OutputCodec | None, document: bytes | None) -> Progress:
    """Give how things stand; `document` follows the response profile, and may be a part of the result.

    Raises:
        ProcessFault: it does not follow the profile; the message names the output.
    """
    if codec is None or document is None:
        return Progress(message)
    written = write_outputs(document, codec)
    return Progress(message, tuple(each for each in written if each.content_value is not None or each.object_data))


NOTHING_TOLD = Progress()


def wait(call: ActionCall, message: str | None = None, outputs: Sequence[OutputValue] = ()) -> bytes:
    """Give the answer of a call whose result comes later; `message` is shown to the person who waits.

    Sent as a callback it tells progress, as often as wanted; the engine takes its outputs at once.
    """
    return _ENCODER.encode(
        ServiceResponse(
            token=call.token,
            tenant_id=call.tenant_id,
            invoke_type="WAIT",
            wait_message=message,
            outputs=list(outputs),
        )
    )
