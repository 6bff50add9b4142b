"""The call of an action, from bytes to what an execution starts with (wire protocol A.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.errors import RequestError
from runtime.flow.inputs import read_document
from runtime.flow.properties import CONFIGURATION_PREFIX, call_properties, read_configuration, user_properties
from runtime.flow.who import ANONYMOUS, Authorization
from runtime.flow.wire import read_service_request

if TYPE_CHECKING:
    from runtime.flow.codec import ActionCodec


class ActionCall(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One call. It can be journalled whole, and holds secrets: the work copy only (promise 6).

    `document` is what the process receives, empty when the action has no request profile; `properties` are its initial
    dynamic process properties. `authorization` is the header to send back with a callback.
    """

    service: str
    action: str
    token: str
    tenant_id: str | None = None
    state_id: str | None = None
    callback_uri: str | None = None
    document: bytes = b""
    properties: dict[str, str] = {}
    authorization: str | None = None

    @property
    def may_wait(self) -> bool:
        """Whether a result can be sent later; without a callback address only the answer itself can tell it."""
        return bool(self.callback_uri)

    def __repr__(self) -> str:
        """Say which call it is, without its document, its properties or its token."""
        return f"ActionCall(service={self.service!r}, action={self.action!r}, state_id={self.state_id!r})"


def parse_action(
    body: bytes,
    codec: ActionCodec,
    authorization: Authorization = ANONYMOUS,
    user: dict[str, str] | None = None,
    *,
    asked: bool = True,
) -> ActionCall:
    """Read the call of an action; `user` are the properties of its user, where they are known already.

    There are no properties in it where nobody has `asked` for them.

    Raises:
        RequestError: status 400, with a text for the person who looks at the flow: the body is not JSON in UTF-8 of the
            right form, it has no token, a required configuration value is absent, or a value is not of its type.
    """
    request = read_service_request(body)
    if not request.token:
        raise RequestError("flow.no-token", "The request has no token.")
    tenant_id = request.tenant_id or authorization.who.tenant_id
    properties: dict[str, str] = {}
    if asked:
        properties = call_properties(request, tenant_id, user_properties(authorization.who) if user is None else user)
    if codec.configuration:
        for name, text in read_configuration(request.configuration_values, codec.configuration).items():
            properties[CONFIGURATION_PREFIX + name] = text
    return ActionCall(
        service=codec.service,
        action=codec.action,
        token=request.token,
        tenant_id=tenant_id,
        state_id=request.state_id,
        callback_uri=request.callback_uri,
        document=b"" if codec.inputs is None else read_document(request.inputs, codec.inputs),
        properties=properties,
        authorization=authorization.replay,
    )
