"""The forms of the Run API: what is sent and what is read (wire protocol D.2-D.4). Unknown members are skipped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from runtime.sdk.faults import ApplicationFault, NotSent

Form = TypeVar("Form")

STRING, NUMBER, BOOLEAN = "ContentString", "ContentNumber", "ContentBoolean"
OBJECT, LIST = "ContentObject", "ContentList"
_CONTENT = "Content"  # how names of content types begin; anything else names a type of the tenant


class FlowId(Struct, frozen=True, rename="camel"):
    """A flow, and a version of it."""

    id: str
    version_id: str | None = None


class Flow(Struct, frozen=True, rename="camel"):
    """A flow of a listing."""

    id: FlowId
    developer_name: str | None = None


class Login(Struct, frozen=True, rename="camel"):
    """Where a flow wants its user to log in."""

    login_url: str | None = None


class Begun(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer to an initialization. `status_code` is a text; "401" asks for a login."""

    state_id: str
    state_token: str | None = None
    current_map_element_id: str | None = None
    status_code: str | None = None
    authorization_context: Login | None = None


class Property(Struct, frozen=True, kw_only=True, rename="camel"):
    """A property of an object among outputs."""

    developer_name: str | None = None
    content_type: str | None = None
    content_value: str | None = None
    object_data: list[Row] | None = None


class Row(Struct, frozen=True, kw_only=True, rename="camel"):
    """An object among outputs."""

    properties: list[Property] | None = None


class Standing(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a state stands, after an invocation or a join."""

    state_id: str | None = None
    state_token: str | None = None
    invoke_type: str = ""
    wait_message: str | None = None
    not_authorized_message: str | None = None
    join_flow_uri: str | None = None
    outputs: list[Property] | None = None


def read(body: bytes, form: type[Form], what: str) -> Form:
    """Read an answer of the engine.

    Raises:
        ApplicationFault: ``flow-client.unreadable``: it is not of the form.
    """
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"{what} cannot be read: {error}"
        raise ApplicationFault(message, status="200", body=body, code="flow-client.unreadable") from error


def inputs_of(content: bytes, types: str) -> list[dict[str, Any]] | None:
    """Give the inputs of a flow for the members of a document; None for an empty one.

    Raises:
        NotSent: ``flow-client.inputs``: the document or `types` is no JSON object.
    """
    if not content.strip():
        return None
    named = _object(types.encode() or b"{}", "'types'")
    return [_value(name, value, named.get(name)) for name, value in _object(content, "the document").items()]


def outputs_of(standing: Standing) -> bytes:
    """Give the outputs as one JSON object; numbers keep their digits."""
    values = {each.developer_name or "": _plain(each) for each in standing.outputs or ()}
    return msgspec.json.Encoder(decimal_format="number").encode(values)


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        value = msgspec.json.Decoder(float_hook=Decimal).decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotSent("flow-client.inputs", f"{what} is no JSON object: {error}") from error
    if not isinstance(value, dict):
        raise NotSent("flow-client.inputs", f"{what} is no JSON object")
    return value


def _value(name: str, value: object, named: object) -> dict[str, Any]:
    """Give an input or a property; `named` is its content type, or the name of its type in the tenant."""
    content_type, text, rows = _contents(name, value, named)
    told = str(named) if isinstance(named, str) and named.startswith(_CONTENT) else content_type
    of = str(named) if isinstance(named, str) and not named.startswith(_CONTENT) else None
    return {
        "developerName": name,
        "contentType": told,
        "contentValue": text,
        "objectData": rows,
        "typeElementDeveloperName": (of or name) if rows is not None else None,
    }


def _contents(name: str, value: object, named: object) -> tuple[str, str | None, list[dict[str, Any]] | None]:
    match value:
        case None:
            return STRING, None, None
        case bool():
            return BOOLEAN, "true" if value else "false", None
        case int() | Decimal():
            return NUMBER, format(value, "f") if isinstance(value, Decimal) else str(value), None
        case dict():
            return OBJECT, None, [_row(name, value, named, 0)]
        case list():
            return LIST, None, [_row(name, item, named, number) for number, item in enumerate(value)]
        case _:
            return STRING, str(value), None


def _row(name: str, value: object, named: object, order: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotSent(
            "flow-client.inputs", f"the input '{name}' is a list of single values; Flow knows lists of objects"
        )
    of = named if isinstance(named, str) and not named.startswith(_CONTENT) else name
    properties = [_value(member, inner, None) for member, inner in value.items()]
    return {
        "developerName": of,
        "externalId": str(order),
        "internalId": None,
        "isSelected": False,
        "order": order,
        "properties": properties,
    }


def _plain(value: Property) -> object:
    if value.content_type in {OBJECT, LIST}:
        rows = [
            {each.developer_name or "": _plain(each) for each in row.properties or ()}
            for row in value.object_data or ()
        ]
        return rows if value.content_type == LIST else next(iter(rows), None)
    text = value.content_value
    if text is None or text == "":
        return None if value.content_type in {NUMBER, BOOLEAN} else text
    if value.content_type == BOOLEAN:
        return text.lower() == "true"
    if value.content_type == NUMBER:
        return _number(text)
    return text


def _number(text: str) -> object:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    return number if number.is_finite() else text
