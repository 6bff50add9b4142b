"""Listener operations: the Flow Services Server and the Web Services Server (component XML, sections 2.2 and 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.flow_profiles import flow_profile
from runtime.bundle.components.operations import shell
from runtime.model.flow_service import DEFAULT_SYNC_TIMEOUT
from runtime.model.platform_profiles import JsonProfile
from runtime.model.process import FlowListener
from runtime.model.profile import Profile
from runtime.model.web_service import Exchanged, OperationType, WebListener

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.findings import Findings

LONGEST_SYNC_TIMEOUT = 55  # seconds: a Flow tenant gives up at about 60, and the answer needs time to travel

# How the platform spells what goes in and out.
EXCHANGED: Mapping[str, Exchanged] = MappingProxyType(
    {
        "none": "none",
        "singledata": "single data",
        "singlejson": "single json",
        "multijson": "multiple json",
        "singlexml": "single xml",
        "multixml": "multiple xml",
    }
)
_OPERATIONS: Mapping[str, OperationType] = MappingProxyType({kind.upper(): kind for kind in get_args(OperationType)})
_IN_AN_ADDRESS = re.compile(r"[\w.~-]*")  # what the object of an operation may be made of


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
    operation.only("returnApplicationErrors", "false", why="a listener makes no calls")
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


def read_web_operation(component: Component, library: Library, findings: Findings) -> WebListener | None:
    """Read an operation of the Web Services Server.

    Its address is made of the operation type and the object (103); without an object only routes lead to it.
    """
    before = len(findings)
    operation, configuration = shell(component, findings)
    fields = fields_in(configuration, "WebServicesServerListenAction") if configuration is not None else None
    if operation is None or configuration is None or fields is None:
        return None
    operation.only("returnApplicationErrors", "false", why="a listener makes no calls")
    fields.required("operationType")
    operation_type: OperationType = fields.word("operationType", _OPERATIONS, "get")
    name = fields.text("objectName")
    if not _IN_AN_ADDRESS.fullmatch(name):
        message = f"the object '{name}' is not one part of an address"
        fields.notes.wrong(fields.element, message, "letters, digits, '-', '.', '_' and '~'")
    request, response = fields.maybe("requestProfile"), fields.maybe("responseProfile")
    for profile in (request, response):
        if profile is not None:
            library.profile(profile, fields)
    listener = WebListener(
        operation=operation_type,
        object=name,
        input=fields.word("inputType", EXCHANGED, "none"),
        output=fields.word("outputType", EXCHANGED, "none"),
        content_type=fields.text("responseContentType"),
        request_profile=request,
        response_profile=response,
    )
    for part in (fields, configuration, operation):
        part.done()
    return listener if len(findings) == before else None
