"""Functions of maps that call a connector: SQL look-ups and connector calls (component XML, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.database import DATABASE, marks_in
from runtime.bundle.components.fields import Fields, content_of
from runtime.bundle.components.library import find
from runtime.bundle.components.operations import CONNECTORS
from runtime.bundle.components.scripts import ports
from runtime.model.platform_maps import ConnectorWork, SqlWork

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.made import Operation
    from runtime.model.platform_maps import Work


def sql_lookup(fields: Fields, library: Library) -> Work:
    """Read an SQL look-up. It names a legacy Database connection, and its statement is its own."""
    statement = content_of(fields, "SqlToExecute")
    inputs, outputs = ports(fields, "Input"), ports(fields, "Output")
    procedure = fields.text("storedProcedureName")
    fields.only("spResultOption", "resultset", why="a procedure gives rows, and nothing by its parameters")
    is_procedure = fields.word("executionType", {"sql": False, "storedproc": True}, default=False)
    if is_procedure:
        statement = f"CALL {procedure}({', '.join('?' for _ in inputs)})"
    elif not statement.strip():
        fields.notes.wrong(fields.element, "the look-up has no statement")
    elif marks_in(statement) > len(inputs):
        fields.notes.wrong(fields.element, f"the statement has {marks_in(statement)} '?' and {len(inputs)} inputs")
    identity = fields.required("connection")
    name = find(identity, "connection", library.connections, library.components, fields)
    component = library.components.get(identity)
    if component is not None and component.sub_type != DATABASE:
        fields.notes.wrong(fields.element, f"'{component.name}' is no Database (Legacy) connection")
    return SqlWork(connection=name or "", statement=statement, inputs=inputs, outputs=outputs, changes=is_procedure)


def connector_call(fields: Fields, library: Library) -> Work:
    """Read a connector call: its inputs are elements of the request, or what parameters of a step would set."""
    kind, action = fields.required("connectorType"), fields.text("actionType")
    request, response = fields.text("parameter-profile"), fields.maybe("output-profile")
    single = fields.flag("enforceSingleResult")
    inputs, outputs = _bound(fields, "Input"), _bound(fields, "Output")
    connection, identity = fields.text("connectionId"), fields.text("operationId")
    if kind not in CONNECTORS:
        hint = f"connectors that are: {', '.join(sorted(CONNECTORS))}"
        fields.notes.refused(fields.element, f"the connector '{kind}' is not available here", hint)
        return ConnectorWork(connection="", operation="")
    if kind == DATABASE:
        fields.notes.wrong(fields.element, "a Database (Legacy) connection is asked by an SQL look-up")
    name = find(connection, "connection", library.connections, library.components, fields)
    operation = find(identity, "operation", library.operations, library.components, fields)
    if response is not None:
        library.profile(response, fields)
    if operation is None:
        return ConnectorWork(connection=name or "", operation="")
    embedded = request.startswith("EMBEDDED|")
    if request and not embedded:
        library.profile(request, fields)
    return ConnectorWork(
        connection=name or "",
        operation=operation.operation,
        texts=operation.texts | (operation.with_inputs if embedded and action == "Get" else {}),
        tables=operation.tables,
        places=_places(inputs, operation, fields) if embedded else (),
        elements=() if embedded else inputs,
        outputs=outputs,
        request=None if embedded or not request else request,
        response=response,
        single=single,
    )


def _bound(fields: Fields, tag: str) -> tuple[tuple[int, int], ...]:
    """Read which key of a profile, or of the operation, each port of the function is."""
    found = []
    for element in fields.children(tag):
        inner = Fields(element, fields.notes)
        inner.shown("name")
        found.append((inner.key("index"), inner.key("key")))
        inner.done()
    return tuple(found)


def _places(
    inputs: tuple[tuple[int, int], ...], operation: Operation, fields: Fields
) -> tuple[tuple[int, str, str | None], ...]:
    places = []
    for port, key in inputs:
        place = (operation.inputs or {}).get(str(key))
        if place is None:
            fields.notes.wrong(fields.element, f"Parameter does not exist in profile for key: {key}")
        else:
            places.append((port, *place))
    return tuple(places)
