"""Connector shapes: an operation over a connection, with what the step sets for each document (section 2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, number_of
from runtime.bundle.components.filled import filled, put
from runtime.bundle.components.library import find
from runtime.bundle.components.operations import CONNECTORS, LISTENERS
from runtime.model.platform_calls import RequestOf
from runtime.model.platform_shapes import FieldTable, FieldText, PlatformConnectorStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.bundle.components.made import Operation
    from runtime.bundle.components.shape import ShapeSource
    from runtime.model.parameters import Argument, Parameter
    from runtime.model.platform_shapes import FieldValue
    from runtime.model.shapes import AnyShape

AGENT = "boomiai"  # the connector by which exports write an Agent step


def call(source: ShapeSource) -> AnyShape:
    """Read a connector step. Its parameters are the request in the document's place (behaviour 98)."""
    fields = source.fields
    kind, action = fields.required("connectorType"), fields.text("actionType")
    fields.only("allowDynamicCredentials", "NONE", why="credentials are the connection's own")
    arguments = source.parameters.arguments(source.inner("parameters"))
    profile = fields.text("parameter-profile")
    dynamic = _dynamic(source)
    connection, operation_id = fields.text("connectionId"), fields.text("operationId")
    name: str | None = None
    operation: Operation | None = None
    if kind in LISTENERS:
        source.notes.wrong(source.element, f"'{kind}' only listens: it belongs into a start")
    elif kind == AGENT:
        hint = "call the agent's address with an HTTP connection"
        source.notes.refused(source.element, "Agent steps are not run here", hint)
    elif kind not in CONNECTORS:
        hint = f"connectors that are: {', '.join(sorted(CONNECTORS))}"
        source.notes.refused(source.element, f"the connector '{kind}' is not available here", hint)
    else:
        library = source.library
        name = find(connection, "connection", library.connections, library.components, fields)
        operation = find(operation_id, "operation", source.operations, library.components, fields)
    request = None
    if operation is not None and operation.inputs is None and arguments and not profile.startswith("EMBEDDED"):
        request, arguments = _request(profile, arguments, source), ()
    return PlatformConnectorStep(
        **source.common,
        to=source.to(),
        connection=name or "",
        operation=operation.operation if operation is not None else "",
        fields=_fields(operation, arguments, dynamic, source),
        on_error_response="continue" if operation is not None and operation.continues else "fail",
        request=request,
        rows=operation.rows if operation is not None else None,
        operation_component=operation_id,
        action=action,
    )


def _request(profile: str, arguments: Sequence[Argument], source: ShapeSource) -> RequestOf | None:
    """Read of what the request is made, where parameters are elements of its profile."""
    if not profile:
        source.notes.wrong(source.element, "parameters have been defined but no parameter profile has been configured")
        return None
    values = []
    for argument in arguments:
        key = number_of(argument.element)
        if key is None:
            source.notes.wrong(source.element, f"Parameter does not exist in profile for key: {argument.element}")
            continue
        source.library.check_element(profile, key, source.fields)
        values.append((key, argument.value))
    return RequestOf(profile=profile, values=tuple(values))


def _dynamic(source: ShapeSource) -> list[tuple[str, str, Parameter, Fields]]:
    holder = source.inner("dynamicProperties")
    if holder is None:
        return []
    found = []
    for element in holder.children("propertyvalue"):
        inner = Fields(element, source.notes)
        key, child = inner.required("key"), inner.text("childKey")
        found.append((key, child, source.parameters.value(inner), inner))
        inner.done()
    holder.done()
    return found


def _fields(
    operation: Operation | None,
    arguments: Sequence[Argument],
    dynamic: list[tuple[str, str, Parameter, Fields]],
    source: ShapeSource,
) -> dict[str, FieldValue]:
    """Give the fields of the call: the operation's own, and over them what the step sets (behaviour 97)."""
    if operation is None:
        return {}
    texts, tables = filled(operation, arguments, source.fields)
    for key, child, value, at in dynamic:
        field = operation.dynamic.get(key)
        if field is None:
            known = ", ".join(sorted(operation.dynamic))
            source.notes.wrong(at.element, f"the operation has no field '{key}'", f"known: {known}")
        elif field in tables:
            if not child:
                source.notes.wrong(at.element, f"'{key}' is a table: 'childKey' says which entry is meant")
            tables[field] = put(tables[field], child, value)
        else:
            texts[field] = value
    made: dict[str, FieldValue] = {name: FieldText(value) for name, value in texts.items()}
    made.update({name: FieldTable(entries) for name, entries in tables.items() if entries})
    return made
