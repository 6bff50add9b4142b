"""Flow Service components (component XML, section 8): which process answers which action of which service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.fields import Fields, content_of
from runtime.bundle.components.library import find
from runtime.model.flow_service import ANY_BUNDLE, FlowService, MessageAction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.listeners import FlowOperation
    from runtime.bundle.findings import Findings


def read_service(
    component: Component, library: Library, listening: Mapping[str, FlowOperation | None], findings: Findings
) -> FlowService | None:
    """Read a Flow service. `listening` gives the listener of each process component that has one."""
    fields = body_of(component, "FlowService", findings)
    if fields is None:
        return None
    before = len(findings)
    name, description = fields.required("basePath").strip("/"), content_of(fields, "description")
    fields.text("name")
    if any(character in name for character in "/?#%\\"):
        fields.notes.wrong(fields.element, f"'{name}' is not one part of an address")
    read = (_action(Fields(element, fields.notes), library, listening) for element in fields.children("flowActions"))
    actions = tuple(action for action in read if action is not None)
    fields.done()
    if len(findings) > before:
        return None
    return FlowService(
        external_name=name,
        description=(description or component.description).strip() or None,
        actions=actions,
        place=component.place,
    )


def _action(fields: Fields, library: Library, listening: Mapping[str, FlowOperation | None]) -> MessageAction | None:
    name, path, identity = fields.required("name"), fields.text("path"), fields.required("processId")
    summary = content_of(fields, "description").strip()
    fields.done()
    if identity not in library.components and identity not in library.processes:
        why = "no process with this id is in the bundle, so another deployed one must have it"
        fields.notes.elsewhere(fields.element, f"'{name}' is answered by {identity}: {why}")
        path = (path or name).strip("/")
        return MessageAction(name=name, path=path, process=identity, bundle=ANY_BUNDLE, summary=summary or None)
    process = find(identity, "process", library.processes, library.components, fields)
    if process is None:
        return None
    operation = listening.get(identity)
    if operation is None:
        if identity not in listening:
            fields.notes.wrong(fields.element, f"the process '{process}' does not listen for Flow")
        return None
    return MessageAction(
        name=name,
        path=(path or name).strip("/"),
        process=process,
        summary=summary or None,
        request_profile=operation.request,
        response_profile=operation.response,
        sync_timeout=operation.listener.sync_timeout,
    )
