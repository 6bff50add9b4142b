"""Answers to an action: FORWARD with outputs when it has finished, WAIT when it has not (wire protocol A.2.2, C.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from runtime.flow.outputs import OutputCodec, write_outputs
from runtime.flow.wire import ServiceResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.flow.requests import ActionCall

_ENCODER = msgspec.json.Encoder()


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
    outputs = [] if codec is None else write_outputs(documents[0] if documents else b"", codec)
    response = ServiceResponse(token=call.token, tenant_id=call.tenant_id, invoke_type="FORWARD", outputs=outputs)
    warnings: tuple[str, ...] = ()
    if len(documents) > 1:
        warnings = (f"The process returned {len(documents)} documents; a message action answers with the first.",)
    return Forward(_ENCODER.encode(response), warnings)


def wait(call: ActionCall, message: str | None = None) -> bytes:
    """Give the answer of a call whose result comes later; `message` is shown to the person who waits.

    Sent as a callback it tells progress, as often as wanted.
    """
    return _ENCODER.encode(
        ServiceResponse(token=call.token, tenant_id=call.tenant_id, invoke_type="WAIT", wait_message=message)
    )
