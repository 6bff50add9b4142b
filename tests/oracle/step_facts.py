"""What steps make of the small facts of an oracle: by area, a function of the configuration and the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import trio

from runtime.bundle.components.read import read_components
from runtime.bundle.findings import Findings
from runtime.engine.platform.business_rules import holds, reasons_xml
from runtime.engine.platform.flow_control import blocks
from runtime.model.components import Components
from runtime.model.data_process import DataStep, SplitDocuments, SplitLines
from runtime.model.document import Document, root_identity
from runtime.model.message_format import MessageText, parse_message_format
from runtime.model.parameters import DocumentProperty, Parameter, PropertyName, Static
from runtime.model.platform_profiles import JsonNode, JsonProfile
from runtime.model.platform_shapes import (
    DataProcessStep,
    NotifyStep,
    PlatformAssignment,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
)
from runtime.model.shapes import AnyShape, ReturnDocumentsStep
from runtime.model.web_service import WebListener
from runtime.sdk.connector import Catalogue
from runtime.web.exchange import Request
from runtime.web.ws_requests import QUERY, pairs_of
from tests.engine.platform.shapes import Watching, compiled, process
from tests.engine.runs import Run
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")
_ENVELOPE = (
    '<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="{id}" name="{id}" type="{type}"'
    ' subType="{sub}"><bns:object>{body}</bns:object></bns:Component>'
)


def _run(shapes: Sequence[AnyShape], contents: Sequence[str], watching: Watching | None = None) -> list[str]:
    """Run shapes, from the first on, and give what they return."""
    world = World()
    made = compiled([process("p", shapes[0].id, *shapes, END)], world, _COMPONENTS)
    documents = [Document(root_identity(number), text.encode()) for number, text in enumerate(contents)]
    one = Run(made, world, documents)
    one.observer = watching
    return [content.decode() for content in trio.run(one.go).returned]


_ORDERS = JsonNode(
    key=4,
    name="orders",
    kind="entry",
    nodes=(JsonNode(key=5, name="Array", kind="array", nodes=(JsonNode(key=6, name="Item", kind="item"),)),),
)
_OBJECT = JsonNode(key=2, name="Object", kind="object", nodes=(_ORDERS,))
_COMPONENTS = Components(
    profiles={"o": JsonProfile(id="o", name="o", root=JsonNode(key=1, name="Root", kind="root", nodes=(_OBJECT,)))}
)


def _combined(configuration: str, given: list[list[str]]) -> object:
    """Render a pattern for each document, with its content as the value, and combine."""
    pattern = configuration.partition(" per document")[0]
    value = DocumentProperty(PropertyName("dynamicdocument", "v"))
    text = MessageText(parse_message_format(pattern, 1), (value,))
    world = World()
    shapes = (PlatformMessageStep(id="m", text=text, combine=True, to="end"), END)
    documents = [Document(root_identity(number), b"", {"v": one[0]}) for number, one in enumerate(given)]
    made = Run(compiled([process("p", "m", *shapes)], world, _COMPONENTS), world, documents)
    (content,) = trio.run(made.go).returned
    return content.decode()


def _concatenated(configuration: list[str | None], _given: object) -> object:
    """Set a property to texts and misses, and print it."""
    miss = DocumentProperty(PropertyName("dynamicdocument", "none"))
    sources: list[Parameter] = [miss if text is None else Static(text) for text in configuration]
    target = PropertyName("dynamicdocument", "x")
    one = PlatformAssignment(target=target, sources=tuple(sources))
    say = PlatformMessageStep(id="say", text=MessageText((0,), (DocumentProperty(target),)), to="end")
    (text,) = _run((PlatformSetPropertiesStep(id="set", assignments=(one,), to="say"), say), [""])
    return text


def _split(step: DataStep, content: str) -> list[str]:
    return _run((DataProcessStep(id="d", steps=(step,), to="end"),), [content])


def _split_json(_configuration: object, given: object) -> object:
    parts = _split(SplitDocuments(format="json", profile="o", link=6), msgspec.json.encode(given).decode())
    return [msgspec.json.decode(part) for part in parts]


def _split_lines(configuration: dict[str, int], _given: object) -> object:
    lines = "".join(f"line {number}\n" for number in range(configuration["lines"]))
    return {"documents": len(_split(SplitLines(batch=configuration["batchCount"]), lines))}


def _compared(configuration: list[str], given: list[str]) -> object:
    _, operator, value = configuration
    return holds(operator, given[0], value)  # type: ignore[arg-type]  # a word of the table


def _reasons(configuration: dict[str, list[str]], _given: object) -> object:
    return reasons_xml([(name, f"{name}.") for name in configuration["rules"]])


def _parts(configuration: dict[str, int], given: list[str]) -> object:
    last = int(given[0].rpartition("d")[2])
    names = iter([f"d{number}" for number in range(1, last + 1)])
    parts = blocks(last, max(configuration["chunks"], 1), configuration["forEachCount"])
    return [[next(names) for _ in range(size)] for runs in parts for size in runs]


def _notified(configuration: dict[str, Any], _given: object) -> object:
    documents = configuration.get("docs", [""])
    value = DocumentProperty(PropertyName("dynamicdocument", "v"))
    text = MessageText(parse_message_format(configuration["message"], 1), (value,))
    watching, world = Watching(), World()
    shape = NotifyStep(id="n", text=text, title=configuration["title"], to="end")
    made = compiled([process("p", "n", shape, END)], world, _COMPONENTS)
    one = Run(made, world, [Document(root_identity(n), b"", {"v": v}) for n, v in enumerate(documents)])
    one.observer = watching
    trio.run(one.go)
    (line,) = watching.lines
    return line.removeprefix("info ")


def _levels(configuration: list[str], _given: object) -> object:
    """Read an export with a notify of each level, and name them as the log does."""
    shapes = "".join(
        f'<shape name="n{number}" shapetype="notify"><configuration><notify title="t"><notifyMessage/>'
        f"<notifyMessageLevel>{level}</notifyMessageLevel><notifyParameters/></notify></configuration>"
        f'<dragpoints><dragpoint toShape="n{number + 1}"/></dragpoints></shape>'
        for number, level in enumerate(configuration)
    )
    start = (
        '<shape name="s" shapetype="start"><configuration><noaction/></configuration>'
        '<dragpoints><dragpoint toShape="n0"/></dragpoints></shape>'
    )
    stop = (
        f'<shape name="n{len(configuration)}" shapetype="stop"><configuration><stop continue="true"/></configuration>'
        "<dragpoints/></shape>"
    )
    body = f'<process xmlns=""><shapes>{start}{shapes}{stop}</shapes></process>'
    read = _read("process", "", body)
    (made,) = read.processes.values()
    return [shape.level.upper() for shape in made.shapes if isinstance(shape, NotifyStep)]


def _address(configuration: dict[str, str], _given: object) -> object:
    """Read an operation of the Web Services Server, and give where it listens."""
    action = (
        f'<WebServicesServerListenAction operationType="{configuration["operationType"]}"'
        f' objectName="{configuration["objectName"]}" inputType="none" outputType="none"/>'
    )
    operation = (
        '<Operation xmlns="" returnApplicationErrors="false"><Archiving directory="" enabled="false"/><Configuration>'
        f"{action}</Configuration><Tracking><TrackedFields/></Tracking><Caching/></Operation>"
    )
    listening = (
        '<process xmlns=""><shapes><shape name="s" shapetype="start"><configuration>'
        '<connectoraction actionType="Listen" connectorType="wss" operationId="op"/></configuration>'
        "<dragpoints/></shape></shapes></process>"
    )
    findings = Findings("facts", {})
    files = {
        "op.xml": component_xml("op", "connector-action", "wss", operation),
        "p.xml": component_xml("p", "process", "", listening),
    }
    read = read_components(files, Catalogue({}), findings)
    made = next(iter(read.processes.values()), None)
    assert made is not None
    assert isinstance(made.listener, WebListener)
    return f"/ws/simple/{made.listener.address}"


def _query(configuration: dict[str, str], _given: object) -> object:
    """Give the properties that the query of a request sets."""
    query = configuration["url"].removeprefix("?").encode()
    nothing: dict[str, Any] = {"path": "/", "headers": (), "body": b"", "client": None, "arrived": 0.0}
    request = Request(method="GET", query=query, **nothing)
    return {f"DPP {QUERY}{name}": value for name, value in pairs_of(request)}


def component_xml(identity: str, kind: str, sub: str, body: str) -> bytes:
    """Give a component as it is exported, in its envelope."""
    return _ENVELOPE.format(id=identity, type=kind, sub=sub, body=body).encode()


def _read(kind: str, sub: str, body: str) -> Any:  # noqa: ANN401 - what the reader gives, which is its own
    findings = Findings("facts", {})
    return read_components({"x.xml": component_xml("x", kind, sub, body)}, Catalogue({}), findings)


CHECKS: Mapping[str, Callable[[Any, Any], object]] = {
    "message combined": _combined,
    "set-properties concat": _concatenated,
    "split json": _split_json,
    "split flat file by line": _split_lines,
    "business-rules compare": _compared,
    "business-rules output": _reasons,
    "flow-control fibers": _parts,
    "flow-control batches": _parts,
    "notify log": _notified,
    "notify level": _levels,
    "wss url": _address,
    "wss query": _query,
}
