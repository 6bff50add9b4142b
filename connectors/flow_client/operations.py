"""The operations of a connection to a Flow tenant."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from runtime.sdk.connector import OperationSpec
from runtime.sdk.effect import Effect
from runtime.sdk.units import Duration


class Execute(Struct, frozen=True, kw_only=True):
    """Fields of the launch of a flow. The document is a JSON object: a member for each input, or it is empty.

    `flow` is the id of a flow, or its name. Without a `version` the engine takes the published one. `types` is a JSON
    object that names the Flow type of inputs that are objects or lists, and the content type of those whose JSON does
    not tell it: ``{"Due": "ContentDateTime", "Lines": "Order line"}``.

    The answer is what the engine says of the new state; with `answer: outputs` it is one JSON object of the flow's
    outputs, which exist only once it is done. `wait`: go on when the flow waits for nothing any more; it is asked how
    it stands every `poll`, for `wait_limit` at the longest.
    """

    flow: Annotated[str, Meta(min_length=1)]
    version: str = ""
    player: str = "default"
    types: str = ""
    answer: Literal["state", "outputs"] = "state"
    wait: bool = False
    poll: Duration = "2 s"
    wait_limit: Duration = "1 h"


class ListFlows(Struct, frozen=True, kw_only=True):
    """Fields of a listing; without a `name` it gives every published flow. One document a flow."""

    name: str = ""


class Start(Struct, frozen=True, kw_only=True):
    """Fields of a launch in one request, as the flow's own user: no login is tried, and nothing is waited for.

    The document is a JSON object of inputs, or empty. `flow` is the id of a flow, or its name.
    """

    flow: Annotated[str, Meta(min_length=1)]
    version: str = ""
    types: str = ""


OPERATIONS = (
    OperationSpec(
        name="execute",
        summary="Launch a flow, logging in where it asks for it",
        fields=Execute,
        effect=lambda _: Effect.ONCE,
    ),
    OperationSpec(
        name="start", summary="Launch a flow with a single request", fields=Start, effect=lambda _: Effect.ONCE
    ),
    OperationSpec(name="list", summary="List published flows", fields=ListFlows, effect=lambda _: Effect.PURE),
)
