"""The forms of the wire, as structs: what Flow sends and what it reads (wire protocol A.1-A.3, C.4).

What Flow sends is read loosely: members that nobody here needs are skipped, any may be absent or null. What we send is
complete: every member is written, because no reader of it is known to bear a missing one.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct, field

from runtime.errors import RequestError
from runtime.model.flow_service import Culture

Form = TypeVar("Form")


class InputObject(Struct, frozen=True, rename="camel"):
    """An object or a row of a list, as Flow sends it."""

    properties: list[InputValue] | None = None


class InputValue(Struct, frozen=True, rename="camel"):
    """A value as Flow sends it: an input, a configuration value, or a property of an object.

    Some clients send a nested object bare instead of in a list of one (wire protocol A.3).
    """

    developer_name: str | None = None
    content_value: str | None = None
    object_data: list[InputObject] | InputObject | None = None

    @property
    def objects(self) -> list[InputObject] | None:
        """Give the objects as a list; None when the value holds none at all."""
        data = self.object_data
        return [data] if isinstance(data, InputObject) else data


class ServiceRequest(Struct, frozen=True, rename="camel"):
    """The call of an action: the members that we read."""

    token: str | None = None
    tenant_id: str | None = None
    state_id: str | None = None
    callback_uri: str | None = None
    culture: Culture | None = None
    configuration_values: list[InputValue] | None = None
    inputs: list[InputValue] | None = None


class OutputProperty(Struct, frozen=True, rename="camel"):
    """A property of an object that we send."""

    developer_name: str
    content_value: str | None
    content_type: str
    object_data: list[OutputObject] | None
    type_element_property_id: None = None
    content_format: None = None


class OutputObject(Struct, frozen=True, rename="camel"):
    """An object or a row of a list that we send."""

    developer_name: str
    external_id: str | None
    order: int
    properties: list[OutputProperty]
    internal_id: str | None = None
    type_element_id: None = None
    is_selected: bool = False


class OutputValue(Struct, frozen=True, rename="camel"):
    """An output of an action. `content_value` is text or null, never a JSON number or boolean."""

    developer_name: str
    content_value: str | None
    content_type: str
    object_data: list[OutputObject] | None
    type_element_developer_name: str | None
    value_element_id: None = None
    type_element_id: None = None
    type_element_property_id: None = None
    type_element_property_developer_name: None = None


class ServiceResponse(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer to a call, or a callback."""

    token: str
    tenant_id: str | None
    invoke_type: str
    culture: None = None
    annotations: dict[str, str] = field(default_factory=dict)
    wait_message: str | None = None
    outputs: list[OutputValue] = field(default_factory=list)
    selected_outcome_id: None = None
    root_faults: dict[str, str] = field(default_factory=dict)
    value_faults: list[str] = field(default_factory=list)
    mode: None = None


class ServiceProblem(Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of every answer that is not 2xx (wire protocol C.4)."""

    kind: str
    uri: str
    status_code: int
    response_body: str | None = None
    response_headers: dict[str, list[str]] | None = None
    message: str
    invoke_type: None = None
    action: str | None = None


class ExecutionProblem(ServiceProblem, frozen=True, kw_only=True, rename="camel"):
    """The problem of an execution; no engine knows the member, whoever looks for the execution does."""

    execution_id: str


_SERVICE_REQUEST = msgspec.json.Decoder(ServiceRequest)


def read_service_request(body: bytes) -> ServiceRequest:
    """Decode the body of an action's call; raises as `read_request`."""
    try:
        return _SERVICE_REQUEST.decode(body)
    except (ValueError, RecursionError):
        return read_request(body, _SERVICE_REQUEST)


def read_request(body: bytes, decoder: msgspec.json.Decoder[Form]) -> Form:
    """Decode the body of a request.

    Raises:
        RequestError: the body is no JSON, no UTF-8, nested too deeply, or not of the form; the message names the place.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise RequestError("flow.bad-request", f"The request has a wrong form: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError("flow.bad-json", f"The request is not JSON in UTF-8: {error}.") from error
    except RecursionError as error:
        raise RequestError("flow.bad-json", "The request nests objects too deeply.") from error
