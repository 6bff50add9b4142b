"""Connectors that a case does not call: calls of a stubbed operation become calls over HTTP to a stand-in.

The stand-in answers with one empty document; an operation that fails to connect is led to where nobody listens.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from lxml import etree

from tests.connectors.http.server import Answer, running_server
from tests.oracle.cases import Stub

_REST = "officialboomi-X3979C-rest-prod"
_NOBODY = "http://127.0.0.1:1"  # a port that no server has
_ENVELOPE = (
    '<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="{id}" name="{id}" type="{type}"'
    f' subType="{_REST}"><bns:object>{{body}}</bns:object></bns:Component>'
)
_CONNECTION = (
    '<GenericConnectionConfig xmlns=""><field id="url" type="string" value="{url}"/>'
    '<field id="auth" type="string" value="NONE"/></GenericConnectionConfig>'
)
_OPERATION = (
    '<Operation xmlns="" returnApplicationErrors="false"><Configuration><GenericOperationConfig'
    ' customOperationType="GET" operationType="EXECUTE"><field id="path" type="string" value="/stub"/>'
    "</GenericOperationConfig></Configuration></Operation>"
)


@asynccontextmanager
async def standing_in() -> AsyncGenerator[str]:
    """Run the stand-in until the block is left; give its address."""
    async with running_server() as server:
        server.answer = lambda _: Answer(body=b"")
        yield server.url


def stubbed(files: dict[str, bytes], stubs: Sequence[Stub], stand_in: str) -> dict[str, bytes]:
    """Give the components with every call of a stubbed operation led to the stand-in, or to nobody."""
    made = dict(files)
    for number, stub in enumerate(stubs):
        gone = {stub.operation_id}
        for file, content in made.items():
            made[file] = _led(content, stub, number, gone)
        made = {file: content for file, content in made.items() if _identity(content) not in gone}
        url = _NOBODY if "fails to connect" in stub.behaviour else stand_in
        made[f"stub-{number}-connection.xml"] = _component(
            f"stub-{number}-connection", "connector-settings", _CONNECTION.format(url=url)
        )
        made[f"stub-{number}-operation.xml"] = _component(f"stub-{number}-operation", "connector-action", _OPERATION)
    return made


def unavailable(files: dict[str, bytes], available: frozenset[str]) -> tuple[Stub, ...]:
    """Give a stub for each operation that components call by a connector which is not available."""
    found: dict[str, Stub] = {}
    for content in files.values():
        for call in _parsed(content).iter("connectoraction"):
            connector, operation = call.get("connectorType", ""), call.get("operationId", "")
            if connector not in available:
                found[operation] = Stub(connector, operation, "returns one document")
    return tuple(found.values())


def _component(identity: str, kind: str, body: str) -> bytes:
    return _ENVELOPE.format(id=identity, type=kind, body=body).encode()


def _parsed(content: bytes) -> etree._Element:
    """Give the root of a component; of what is no XML an empty one, since reading the bundle will say so."""
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return etree.Element("none")


def _identity(content: bytes) -> str:
    return _parsed(content).get("componentId", "")


def _led(content: bytes, stub: Stub, number: int, gone: set[str]) -> bytes:
    """Lead the calls of one file elsewhere; the connections that they had are added to `gone`."""
    root = _parsed(content)
    calls = [call for call in root.iter("connectoraction") if call.get("operationId") == stub.operation_id]
    for call in calls:
        gone.add(call.get("connectionId", ""))
        call.set("connectorType", _REST)
        call.set("actionType", "GET")
        call.set("connectionId", f"stub-{number}-connection")
        call.set("operationId", f"stub-{number}-operation")
    return etree.tostring(root) if calls else content
