"""Listener operations: the Flow Services Server and the Web Services Server (component XML, sections 2.2 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.flow_profiles import flow_profile
from runtime.bundle.components.operations import shell
from runtime.model.components import InputType, WebServiceListener
from runtime.model.flow_service import DEFAULT_SYNC_TIMEOUT
from runtime.model.platform_profiles import JsonProfile
from runtime.model.process import FlowListener
from runtime.model.profile import Profile

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.findings import Findings

LONGEST_SYNC_TIMEOUT = 55  # seconds: a Flow tenant gives up at about 60, and the answer needs time to travel

_TYPES: Mapping[str, InputType] = MappingProxyType({kind: kind for kind in get_args(InputType)})
_OPERATIONS = {name: name for name in ("GET", "QUERY", "CREATE", "UPDATE", "UPSERT", "DELETE", "EXECUTE")}


class FlowOperation(Struct, frozen=True):
    """What a Flow Services Server start listens for, with the profiles as Flow sees them."""

    listener: FlowListener
    request: Profile | None
    response: Profile | None


def read_flow_operation(component: Component, library: Library, findings: Findings) -> FlowOperation | None:
    """Read an operation of the Flow Services Server."""
    before = len(findings)
    operation, configuration = shell(component, findings)
    fields = fields_in(configuration, "FSSListenAction") if configuration is not None else None
    if operation is None or configuration is None or fields is None:
        return None
    fields.only("operationType", "action", why="only message actions can be called")
    request, response = fields.maybe("requestProfile"), fields.maybe("responseProfile")
    for shown in ("requestProfileType", "responseProfileType"):
        fields.text(shown)
    timeout = fields.whole("syncTimeout", int(DEFAULT_SYNC_TIMEOUT))
    if not 0 < timeout <= LONGEST_SYNC_TIMEOUT:
        message = f"a Sync Timeout is more than 0 and at most {LONGEST_SYNC_TIMEOUT} s, not {timeout} s"
        fields.notes.refused(fields.element, message, "Flow gives up at 60 s; longer work is answered with WAIT")
    read = FlowOperation(
        FlowListener(request_profile=request, response_profile=response, sync_timeout=float(timeout)),
        _profile(request, library, fields),
        _profile(response, library, fields),
    )
    for part in (fields, configuration, operation):
        part.done()
    return read if len(findings) == before else None


def _profile(identity: str | None, library: Library, fields: Fields) -> Profile | None:
    if identity is None:
        return None
    profile = library.profile(identity, fields)
    if profile is None:
        return None
    if not isinstance(profile, JsonProfile):
        fields.notes.wrong(fields.element, f"a Flow action takes and gives JSON; '{profile.name}' is another profile")
        return None
    return flow_profile(profile, fields)


def read_web_operation(component: Component, library: Library, findings: Findings) -> WebServiceListener | None:
    """Read an operation of the Web Services Server. Its address is made of the operation type and the object (103)."""
    before = len(findings)
    operation, configuration = shell(component, findings)
    fields = fields_in(configuration, "WebServicesServerListenAction") if configuration is not None else None
    if operation is None or configuration is None or fields is None:
        return None
    kind, name = fields.word("operationType", _OPERATIONS, "GET"), fields.required("objectName")
    request, response = fields.maybe("requestProfile"), fields.maybe("responseProfile")
    for profile in (request, response):
        if profile is not None:
            library.profile(profile, fields)
    listener = WebServiceListener(
        address=kind.lower() + name[:1].upper() + name[1:],
        input=fields.word("inputType", _TYPES, "none"),
        output=fields.word("outputType", _TYPES, "none"),
        content_type=fields.text("responseContentType"),
        request_profile=request,
        response_profile=response,
    )
    for part in (fields, configuration, operation):
        part.done()
    return listener if len(findings) == before else None
