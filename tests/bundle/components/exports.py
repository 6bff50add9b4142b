"""Small exports of our own writing, and how tests read them."""

from __future__ import annotations

from runtime.bundle.components.read import ReadComponents, read_components
from runtime.bundle.findings import Findings
from runtime.errors import Problem
from runtime.model.process import Process
from runtime.plugins import installed_connectors

Files = dict[str, bytes]


def component(kind: str, identity: str, body: str, *, name: str = "", more: str = "", rest: str = "") -> bytes:
    """Give a component as the platform writes it; `more` are further attributes, `rest` stands after the object."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<bns:Component xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:bns="http://api.platform.boomi.com/" componentId="{identity}" version="2" name="{name or identity}"'
        f' type="{kind}" folderId="Rj" deleted="false" currentVersion="true" {more}>'
        f"<bns:encryptedValues/><bns:description>what it does</bns:description><bns:object>{body}</bns:object>{rest}"
        "</bns:Component>"
    ).encode()


def shape(name: str, kind: str, configuration: str, *ways: str, label: str = "") -> str:
    """Give a shape; a way out is ``to`` or ``identifier>to``."""
    points = "".join(
        f'<dragpoint identifier="{way.partition(">")[0]}" name="{name}.dragpoint{number}" text="" '
        f'toShape="{way.partition(">")[2]}" x="1.0" y="2.0"/>'
        if ">" in way
        else f'<dragpoint name="{name}.dragpoint{number}" toShape="{way}" x="1.0" y="2.0"/>'
        for number, way in enumerate(ways, 1)
    )
    return (
        f'<shape image="{kind}_icon" name="{name}" shapetype="{kind}" userlabel="{label}" x="96.0" y="48.5">'
        f"<configuration>{configuration}</configuration><dragpoints>{points}</dragpoints></shape>"
    )


def process(*shapes: str, identity: str = "p", first: str = "shape2", attributes: str = "", rest: str = "") -> bytes:
    """Give a process that begins without data and goes on at `first`."""
    start = shape("shape1", "start", "<noaction/>", first)
    body = (
        f'<process xmlns="" allowSimultaneous="false" workload="general" updateRunDates="true" {attributes}>'
        f"<shapes>{start}{''.join(shapes)}</shapes></process>"
    )
    return component("process", identity, body, name=f"Process {identity}", rest=rest or "<bns:processOverrides/>")


STOP = shape("shape9", "stop", '<stop continue="true"/>')

PROFILE = component(
    "profile.json",
    "profile",
    '<JSONProfile xmlns="" strict="false"><DataElements><JSONRootValue dataType="character" isMappable="true"'
    ' isNode="true" key="1" name="Root"><DataFormat><ProfileCharacterFormat/></DataFormat>'
    '<JSONObject isMappable="false" isNode="true" key="2" name="Object">'
    '<JSONObjectEntry dataType="character" isMappable="true" isNode="true" key="3" name="id"><DataFormat>'
    "<ProfileCharacterFormat/></DataFormat></JSONObjectEntry>"
    '<JSONObjectEntry dataType="character" isMappable="true" isNode="true" key="4" name="lines"><DataFormat>'
    '<ProfileCharacterFormat/></DataFormat><JSONArray elementType="repeating" isMappable="false" isNode="true" key="5"'
    ' name="Array"><JSONArrayElement dataType="character" isMappable="true" isNode="true" key="6" maxOccurs="-1"'
    ' minOccurs="0" name="ArrayElement1"><DataFormat><ProfileCharacterFormat/></DataFormat>'
    '<JSONObject isMappable="false" isNode="true" key="7" name="Object"><JSONObjectEntry dataType="number"'
    ' isMappable="true" isNode="true" key="8" name="qty"><DataFormat><ProfileNumberFormat numberFormat="#.00"/>'
    "</DataFormat></JSONObjectEntry></JSONObject></JSONArrayElement></JSONArray></JSONObjectEntry></JSONObject>"
    "</JSONRootValue></DataElements><tagLists/></JSONProfile>",
    name="Order",
)

CACHE = component(
    "documentcache",
    "cache",
    '<DocumentCache xmlns="" enforceSingleLucene="true" profile="profile" profileType="profile.json">'
    '<CacheIndex indexId="1" indexName="by id"><cacheKey alias="id" elementKey="3" id="1" name="id" taglistKey="0"'
    ' xsi:type="ProfileElementKeyConfig"/></CacheIndex></DocumentCache>',
)

CONNECTION = component(
    "connector-settings",
    "connection",
    '<GenericConnectionConfig xmlns=""><field id="url" type="string" value="https://shop.example/api"/>'
    '<field id="auth" type="string" value="NONE"/></GenericConnectionConfig>',
    name="Shop",
    more='subType="officialboomi-X3979C-rest-prod"',
)

OPERATION = component(
    "connector-action",
    "operation",
    '<Operation xmlns="" returnApplicationErrors="true" trackResponse="true"><Archiving directory="" enabled="false"/>'
    '<Configuration><GenericOperationConfig customOperationType="POST" operationType="EXECUTE">'
    '<field id="path" type="string" value="/orders"/><field id="queryParameters" type="customproperties">'
    '<customProperties><properties key="limit" value="10"/></customProperties></field><Options/>'
    "</GenericOperationConfig></Configuration><Tracking><TrackedFields/></Tracking><Caching/></Operation>",
    more='subType="officialboomi-X3979C-rest-prod"',
)

TRACK = (
    '<trackparameter defaultValue="none" propertyId="dynamicdocument.DDP_ID"'
    ' propertyName="Dynamic Document Property - DDP_ID"/>'
)


def read(*exports: bytes) -> tuple[ReadComponents, tuple[Problem, ...]]:
    """Read exports together; give what they are, and everything that was found."""
    findings = Findings("exports", {})
    files = {f"components/{number}.xml": content for number, content in enumerate(exports)}
    return read_components(files, installed_connectors(), findings), findings.problems()


def sound(*exports: bytes) -> Process:
    """Read exports of which the first is a process without a mistake; give that process."""
    result, problems = read(*exports)
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    return next(iter(result.processes.values()))


def errors(*exports: bytes) -> list[str]:
    """Give the errors in exports, each as its code and message."""
    _, problems = read(*exports)
    return [f"{problem.code}: {problem.message}" for problem in problems if problem.severity == "error"]
