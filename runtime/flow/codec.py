"""What can be known of an action before it is called, compiled once at deployment."""

from __future__ import annotations

from msgspec import Struct

from runtime.flow.inputs import Shape, compile_inputs
from runtime.flow.outputs import OutputCodec, compile_outputs
from runtime.flow.properties import secret_properties
from runtime.model.flow_service import ConfigurationValue, FlowService, MessageAction


class ActionCodec(Struct, frozen=True, kw_only=True):
    """Turns calls of one action into documents and documents into answers.

    `inputs` and `outputs` are None where the action has no such profile; `secrets` names the properties that must never
    be shown.
    """

    service: str
    action: str
    configuration: tuple[ConfigurationValue, ...]
    inputs: Shape | None
    outputs: OutputCodec | None
    secrets: frozenset[str]


def compile_action(service: FlowService, action: MessageAction) -> ActionCodec:
    """Prepare an action of a service for its calls."""
    request, response = action.request_profile, action.response_profile
    return ActionCodec(
        service=service.external_name,
        action=action.name,
        configuration=service.configuration,
        inputs=None if request is None else compile_inputs(request.entries),
        outputs=None if response is None else compile_outputs(action.name, response),
        secrets=secret_properties(service.configuration),
    )
