"""The forms of the wire as an engine has them: it sends them whole and reads them loosely (wire protocol A.1-A.3)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from runtime.model.flow_service import Culture
from runtime.testkit.player.failures import Refused

T = TypeVar("T")


class Form(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of the forms; names are lower camel case on the wire."""


class EngineProperty(Form, frozen=True, kw_only=True):
    """A property of an object."""

    developer_name: str | None = None
    content_type: str | None = None
    content_value: str | None = None
    content_format: str | None = None
    object_data: list[EngineObject] | None = None
    type_element_property_id: str | None = None


class EngineObject(Form, frozen=True, kw_only=True):
    """An object, or a row of a list."""

    developer_name: str | None = None
    external_id: str | None = None
    internal_id: str | None = None
    order: int = 0
    is_selected: bool = False
    type_element_id: str | None = None
    properties: list[EngineProperty] | None = None


class EngineValue(Form, frozen=True, kw_only=True):
    """An input, an output or a configuration value."""

    developer_name: str | None = None
    content_type: str | None = None
    content_value: str | None = None
    object_data: list[EngineObject] | None = None
    type_element_developer_name: str | None = None
    type_element_id: str | None = None
    type_element_property_developer_name: str | None = None
    type_element_property_id: str | None = None
    value_element_id: str | None = None


class DescribeRequest(Form, frozen=True, kw_only=True):
    """What an installer sends."""

    culture: Culture
    uri: str
    configuration_values: list[EngineValue]


class ActionRequest(Form, frozen=True, kw_only=True):
    """The call of an action. Members that only a running flow can fill are null, as captures have them."""

    token: str
    tenant_id: str
    state_id: str
    callback_uri: str
    uri: str
    join_player_uri: str
    player_uri: str
    culture: Culture
    configuration_values: list[EngineValue]
    inputs: list[EngineValue]
    outcomes: list[Any] = []
    authorization: None = None
    annotations: None = None
    attributes: None = None
    execution_mode: None = None


class ActionResponse(Form, frozen=True, kw_only=True):
    """The answer to a call, or a callback."""

    token: str
    invoke_type: str
    wait_message: str | None = None
    outputs: list[EngineValue] | None = None
    root_faults: dict[str, str] | None = None

    @property
    def waits(self) -> bool:
        """Whether another answer follows."""
        return self.invoke_type == "WAIT"


class Problem(Form, frozen=True, kw_only=True):
    """What of a ServiceProblem is shown to the person who runs the flow (wire protocol C.4)."""

    message: str


def read(body: bytes, form: type[T]) -> T:
    """Read an answer.

    Raises:
        Refused: it is not of the form; an engine could not use it either.
    """
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("player.unreadable", f"the service's answer cannot be read: {error}") from error


def problem_message(text: str | bytes) -> str | None:
    """Give the message of a problem; None when the text is no problem."""
    try:
        return msgspec.json.decode(text, type=Problem).message
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
