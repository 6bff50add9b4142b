"""API Service components (component XML, section 8; reference 4.6): routes that lead to Web Services Server starts.

An attribute of a route that is empty is as the process' own operation has it. What the format page does not tell (SOAP
and OData endpoints, captured headers, profile overrides, roles) is refused where it stands and says something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.fields import Fields, content_of, fields_in
from runtime.bundle.components.library import find
from runtime.bundle.components.listeners import EXCHANGED
from runtime.model.flow_service import ANY_BUNDLE, ProcessRef
from runtime.model.web_service import ApiRoute, ApiService, Exchanged, Method, parameter_of, segments_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.findings import Findings

# Nothing is as the process' own operation has it.
_METHODS: dict[str, Method | None] = {method: method for method in get_args(Method)}
_EXCHANGED: dict[str, Exchanged | None] = {**EXCHANGED}
_SEGMENT = re.compile(r"[^\s{}?#%\\/]+|\{[\w.-]+\}")
_REFUSED = {
    "odataApi": "OData is not served here",
    "profileOverrides": "a route takes and gives what its process' operation says",
    "capturedHeaders": "the names of captured headers cannot be read from an export",
    "apiRoles": "roles are not known here",
}
_ROLES = "the users of this machine say which services they may call (nuclide user)"
_HEADERS = "name them in the setting server.pass_headers"
_HINTS = {"apiRoles": _ROLES, "capturedHeaders": _HEADERS}


def read_api(
    component: Component, library: Library, listening: Collection[str], findings: Findings
) -> ApiService | None:
    """Read an API Service. `listening` are the process components that start with the Web Services Server."""
    fields = body_of(component, "webservice", findings)
    if fields is None:
        return None
    before = len(findings)
    base = _path(fields, "urlPath", parameters=False)
    title, version, description = _about(fields)
    _soap(fields)
    for tag, why in _REFUSED.items():
        holder = fields_in(fields, tag)
        if holder is None:
            continue
        if holder.element.children or holder.element.text.strip():
            holder.notes.refused(holder.element, why, _HINTS.get(tag))
        else:
            holder.done()
    rest = fields_in(fields, "restApi")
    elements = () if rest is None else rest.children("route")
    routes = [_route(Fields(element, fields.notes), library, listening) for element in elements]
    if rest is not None:
        rest.done()
    fields.done()
    if len(findings) > before:
        return None
    return ApiService(
        name=component.name,
        base=base,
        title=title,
        version=version,
        description=description or component.description or None,
        routes=tuple(route for route in routes if route is not None),
        place=component.place,
    )


def _about(fields: Fields) -> tuple[str | None, str | None, str | None]:
    about = fields_in(fields, "metaInfo")
    if about is None:
        return None, None, None
    about.shown("contactEmail", "contactName", "contactUrl", "licenseName", "licenseUrl")
    title, version, description = about.maybe("title"), about.maybe("version"), content_of(about, "description")
    content_of(about, "termsOfService")
    about.done()
    return title, version, description.strip() or None


def _soap(fields: Fields) -> None:
    """Read what every export says of SOAP; an endpoint of it is refused."""
    soap = fields_in(fields, "soapApi")
    if soap is None:
        return
    soap.shown("fullEnvelopePassthrough", "singleWsdlSchema", "suppressWrappers", "wsdlNamespace", "wsdlServiceName")
    endpoints = [child for child in soap.element.children if child.tag != "SOAPVersion"]
    if endpoints:
        hint = "remove the endpoint; its process may have a REST route"
        soap.notes.refused(endpoints[0], "SOAP is not served here", hint)
    content_of(soap, "SOAPVersion")
    soap.children(*(child.tag for child in endpoints))
    soap.done()


def _route(fields: Fields, library: Library, listening: Collection[str]) -> ApiRoute | None:
    identity, own = fields.required("processId"), fields_in(fields, "overrides")
    content_of(fields, "description")
    fields.done()
    process = _process(identity, fields, library, listening)
    if own is None:
        return None if process is None else ApiRoute(process=process, place=fields.notes.place(fields.element))
    for tag, why in (
        ("inputProfileKey", _REFUSED["profileOverrides"]),
        ("outputProfileKey", _REFUSED["profileOverrides"]),
    ):
        own.only(tag, "", why=why)
    method: Method | None = own.word("httpMethod", _METHODS, None)
    taken: Exchanged | None = own.word("inputType", _EXCHANGED, None)
    given: Exchanged | None = own.word("outputType", _EXCHANGED, None)
    name, path, media = own.maybe("objectName"), _path(own, "urlPath"), own.maybe("contentType")
    own.done()
    if process is None:
        return None
    return ApiRoute(
        process=process,
        method=method,
        object=None if name is None else "/".join(segments_of(name)),
        path=path,
        input=taken,
        output=given,
        content_type=media,
        place=fields.notes.place(fields.element),
    )


def _process(identity: str, fields: Fields, library: Library, listening: Collection[str]) -> ProcessRef | None:
    if identity not in library.components and identity not in library.processes:
        why = "no process with this id is in the bundle, so another deployed one must have it"
        fields.notes.elsewhere(fields.element, f"a route leads to {identity}: {why}")
        return ProcessRef(identity, ANY_BUNDLE)
    process = find(identity, "process", library.processes, library.components, fields)
    if process is None:
        return None
    if identity not in listening:
        message = f"the process '{process}' does not listen with the Web Services Server"
        fields.notes.wrong(fields.element, message)
        return None
    return ProcessRef(process)


def _path(fields: Fields, name: str, *, parameters: bool = True) -> str:
    segments = segments_of(fields.text(name))
    for segment in segments:
        if not _SEGMENT.fullmatch(segment) or (parameter_of(segment) is not None and not parameters):
            fields.notes.wrong(fields.element, f"'{segment}' of '{name}' cannot be a part of an address")
    return "/".join(segments)
