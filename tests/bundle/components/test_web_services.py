"""Starts with the Web Services Server and API Services, as the platform exports them."""

from __future__ import annotations

import pytest

from runtime.model.flow_service import ANY_BUNDLE, ProcessRef
from runtime.model.process import Process
from runtime.model.web_service import ApiRoute, WebListener
from tests.bundle.components.exports import STOP, component, errors, read, shape

WRITTEN = 'operationType="CREATE" objectName="order" inputType="singlejson" outputType="multixml"'
_UNUSED = (
    '<soapApi fullEnvelopePassthrough="false" singleWsdlSchema="false" suppressWrappers="false" wsdlNamespace=""'
    ' wsdlServiceName=""><SOAPVersion>SOAP_1_1</SOAPVersion></soapApi><odataApi/><metaInfo contactEmail=""'
    ' contactName="" contactUrl="" licenseName="" licenseUrl="" title="Shop" version="1.0.0"><description/>'
    "<termsOfService/></metaInfo><profileOverrides/><capturedHeaders/><apiRoles/>"
)


def operation(written: str = WRITTEN, identity: str = "op") -> bytes:
    """Give an operation of the Web Services Server."""
    body = (
        '<Operation xmlns="" returnApplicationErrors="false" trackResponse="false"><Archiving directory=""'
        f' enabled="false"/><Configuration><WebServicesServerListenAction {written}/></Configuration>'
        "<Tracking><TrackedFields/></Tracking><Caching/></Operation>"
    )
    return component("connector-action", identity, body, more='subType="wss"')


def listening(identity: str = "p", operation_id: str = "op", action: str = "Listen") -> bytes:
    """Give a process that starts with an operation."""
    begin = (
        f'<connectoraction actionType="{action}" allowDynamicCredentials="NONE" connectorType="wss" hideSettings="true"'
        f' operationId="{operation_id}"><parameters/></connectoraction>'
    )
    body = (
        '<process xmlns="" allowSimultaneous="true" workload="general"><shapes>'
        f"{shape('shape1', 'start', begin, 'shape9')}{STOP}</shapes></process>"
    )
    return component("process", identity, body, name=f"Process {identity}")


def api(routes: str, base: str = "base", rest: str = _UNUSED) -> bytes:
    """Give an API Service."""
    return component(
        "webservice", "api", f'<webservice xmlns="" urlPath="{base}"><restApi>{routes}</restApi>{rest}</webservice>'
    )


def route(overrides: str, process: str = "p") -> str:
    """Give a route with overrides."""
    return f'<route processId="{process}"><overrides {overrides}/><description/></route>'


INHERITED = 'httpMethod="" inputProfileKey="" inputType="" objectName="" outputProfileKey="" outputType="" urlPath=""'


def listener_of(process: Process) -> WebListener:
    """Give what a process listens for."""
    assert isinstance(process.listener, WebListener)
    return process.listener


def test_a_start_listens_at_its_simple_address() -> None:
    """Operation type and object make the address (103); what goes in and out is in the words of a bundle."""
    result, problems = read(listening(), operation())
    assert problems == ()
    listener = listener_of(result.processes["Process p"])
    assert (listener.address, listener.input, listener.output) == ("createOrder", "single json", "multiple xml")


def test_a_route_inherits_what_it_leaves_open() -> None:
    """What is empty is as the operation has it; a process that a route leads to has no simple address (4.4)."""
    routes = route(INHERITED) + route('httpMethod="PUT" objectName="a/b" outputType="none" urlPath="/x/{id}/"')
    result, problems = read(api(routes), listening(), operation())
    assert [problem for problem in problems if problem.severity == "error"] == []
    (service,) = result.apis
    first, second = service.routes
    assert (service.base, service.title, service.version) == ("base", "Shop", "1.0.0")
    assert first == ApiRoute(process=ProcessRef("Process p"), place=first.place)
    assert second == ApiRoute(
        process=ProcessRef("Process p"), method="PUT", object="a/b", path="x/{id}", output="none", place=second.place
    )
    assert listener_of(result.processes["Process p"]).address is None


def test_a_route_may_lead_to_another_bundle() -> None:
    """A process that is not among the components is looked for in the other bundles, which is told."""
    result, problems = read(api(route(INHERITED, "elsewhere")))
    assert [(problem.severity, problem.code) for problem in problems] == [("warning", "bundle.component-elsewhere")]
    assert [one.process for one in result.apis[0].routes] == [ProcessRef("elsewhere", ANY_BUNDLE)]


def test_an_operation_without_an_object_has_routes_alone() -> None:
    """On an Advanced runtime the object may be empty: then only an API Service leads to the process."""
    result, problems = read(listening(), operation(WRITTEN.replace('"order"', '""')))
    assert problems == ()
    assert listener_of(result.processes["Process p"]).address is None


SOAP = _UNUSED.replace("<SOAPVersion>", '<endpoint processId="p"/><SOAPVersion>')
REFUSED: dict[str, tuple[tuple[bytes, ...], str]] = {
    "SOAP": ((api("", rest=SOAP), listening(), operation()), "component-refused: api: SOAP is not served here"),
    "OData": (
        (api("", rest=_UNUSED.replace("<odataApi/>", "<odataApi><entity/></odataApi>")),),
        "component-refused: api: OData is not served here",
    ),
    "captured headers": (
        (api("", rest=_UNUSED.replace("<capturedHeaders/>", "<capturedHeaders><h/></capturedHeaders>")),),
        "component-refused: api: the names of captured headers",
    ),
    "roles": (
        (api("", rest=_UNUSED.replace("<apiRoles/>", "<apiRoles><role/></apiRoles>")),),
        "component-refused: api: roles are not known here",
    ),
    "a profile of its own": (
        (api(route('inputProfileKey="1"')), listening(), operation()),
        "component-refused: api: 'inputProfileKey' of 'overrides' is '1'",
    ),
    "a method that is none": (
        (api(route('httpMethod="TRACE"')), listening(), operation()),
        "component-unknown: api: 'httpMethod' of 'overrides' is 'TRACE'",
    ),
    "an attribute nobody knows": (
        (api(route('speed="1"')), listening(), operation()),
        "component-unknown: api: the attribute 'speed' of 'overrides' is not understood",
    ),
    "a parameter within a segment": (
        (api(route('urlPath="v{a}"')), listening(), operation()),
        "component-wrong: api: 'v{a}' of 'urlPath' cannot be a part of an address",
    ),
    "another component": (
        (api(route(INHERITED, "op")), listening(), operation()),
        "component-wrong: api: 'op' is a connector-action component, where a process is wanted",
    ),
    "multipart": (
        (listening(), operation(WRITTEN.replace("singlejson", "multipartformdata"))),
        "component-unknown: op: 'inputType' of 'WebServicesServerListenAction' is 'multipartformdata'",
    ),
    "an object that is no part of an address": (
        (listening(), operation(WRITTEN.replace('"order"', '"a b"'))),
        "component-wrong: op: the object 'a b' is not one part of an address",
    ),
    "an operation type of its own": (
        (listening(), operation(WRITTEN.replace("CREATE", "create"))),
        "component-unknown: op: 'operationType' of 'WebServicesServerListenAction' is 'create'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_served_is_refused_where_it_stands(name: str) -> None:
    """With the component and the attribute or element; nothing is passed over."""
    exports, told = REFUSED[name]
    code, who, message = told.split(": ", 2)
    (error,) = errors(*exports)
    assert error.startswith(f"bundle.{code}: ")
    assert f"'{who}': {message}" in error


def test_a_start_that_does_not_listen_is_refused() -> None:
    """On the platform another action deploys and never serves (reference 0): here it is told."""
    (error,) = errors(listening(action="Get"), operation())
    assert "shape1" in error


def test_a_route_to_a_process_without_a_listener_is_wrong() -> None:
    """Only a start with the Web Services Server can be reached."""
    body = f'<process xmlns=""><shapes>{shape("shape1", "start", "<noaction/>", "shape9")}{STOP}</shapes></process>'
    (error,) = errors(api(route(INHERITED)), component("process", "p", body))
    assert "does not listen with the Web Services Server" in error
