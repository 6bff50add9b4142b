"""Exported processes made by chance: any graph of any shapes with any values, as the platform would write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from runtime.model.message_format import parse_message_format
from tests.bundle.components.exports import CACHE, CONNECTION, OPERATION, PROFILE, component

TABLE = component(
    "crossref",
    "table",
    "<CrossRefTable><ColumnHeaders><columnHeader>a</columnHeader><columnHeader>b</columnHeader></ColumnHeaders><Rows>"
    '<row><Values><ref colIdx="0" value="1"/><ref colIdx="1" value="one"/></Values></row></Rows></CrossRefTable>',
)
PROPERTIES = component(
    "processproperty",
    "properties",
    '<DefinedProcessProperties><definedProcessProperty key="k"><helpText/><label>K</label><type>string</type>'
    "<defaultValue>d</defaultValue><allowedValues/><persisted>false</persisted></definedProcessProperty>"
    "</DefinedProcessProperties>",
)
MAP = component(
    "transform.map",
    "map",
    '<Map fromProfile="profile" toProfile="profile"><Mappings><Mapping fromKey="3" fromType="profile" toKey="3"'
    ' toType="profile"/></Mappings><Functions/><Defaults/><DocumentCacheJoins/></Map>',
)
CHILD = component(
    "process",
    "child",
    '<process><shapes><shape name="shape1" shapetype="start"><configuration><passthroughaction/></configuration>'
    '<dragpoints><dragpoint toShape="shape2"/></dragpoints></shape><shape name="shape2" shapetype="returndocuments">'
    "<configuration><returndocuments/></configuration></shape></shapes></process>",
    name="The child: of it",
)
BESIDE = (CACHE, CHILD, CONNECTION, MAP, OPERATION, PROFILE, PROPERTIES, TABLE)

_MEANT = [
    "null",
    "yes",
    "1.10",
    "~",
    "${x}",
    "$${y}",
    "a: b",
    "- c",
    "# d",
    "'",
    '"',
    " e ",
    "f\ng\n",
    "h\r\ni",
    "{1}",
    "|",
]
TEXTS = st.one_of(
    st.sampled_from(_MEANT),
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n", exclude_characters="\ufffe\uffff")
    ),
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_. -]{0,8}[A-Za-z0-9]", fullmatch=True)


def _attribute(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _content(text: str) -> str:
    return escape(text, {"\r": "&#13;"})


@st.composite
def values(draw: st.DrawFn, *, deep: bool = True) -> str:
    """Give the inside of a parameter value, from its value type on."""
    text, name = _attribute(draw(TEXTS)), _attribute(draw(NAMES))
    properties = ["dynamicdocument.X", "mime.Date", "meta.base.size", "connector.disk-sdk.fileName", "process.P"]
    property_ = draw(st.sampled_from(properties))
    of = draw(st.sampled_from(["current", "relative", "last", "lastsuccessful"]))
    fact = draw(st.sampled_from(["Execution Id", "Process Name", "Document Count"]))
    unit, number = draw(st.sampled_from(["days", "hours"])), draw(st.integers(0, 9))
    kinds = [
        f'valueType="static"><staticparameter staticproperty={text}/>',
        'valueType="current">',
        'valueType="unique">',
        f'valueType="track"><trackparameter defaultValue={text} propertyId="{property_}" propertyName="p"/>',
        f'valueType="process"><processparameter processproperty={name} processpropertydefaultvalue={text}/>',
        'valueType="definedparameter"><definedprocessparameter componentId="properties" propertyKey="k"/>',
        'valueType="profile"><profileelement elementId="3" elementName="id" profileId="profile"/>',
        (
            f'valueType="date"><dateparameter dateparametertype="{of}" datetimemask="yyyy-MM-dd"><datedelta'
            f' sign="minus" unit="{unit}" value="{number}"/></dateparameter>'
        ),
        f'valueType="execution"><executionparameter executionproperty="{fact}"/>',
        f'valueType="keygen"><keygenparameter keyname={name} keyfixtolength="{number}"/>',
    ]
    if deep:
        inner = draw(values(deep=False))
        kinds += [
            (
                'valueType="crossref"><crossrefparameter crossRefTableId="table" outputParamId="2" outputParamName="b">'
                f'<inputs><parametervalue elementToSetId="1" key="0" {inner}</parametervalue>'
                "</inputs></crossrefparameter>"
            ),
            (
                'valueType="documentcache"><documentcacheparameter docCache="cache" docCacheIndex="1" elementId="3">'
                f'<cacheKeyValues><cacheKeyValue cacheKeyId="1"><parametervalue key="1" {inner}</parametervalue>'
                "</cacheKeyValue></cacheKeyValues></documentcacheparameter>"
            ),
        ]
    return draw(st.sampled_from(kinds))


@st.composite
def _texts(draw: st.DrawFn, tag: str, holder: str) -> str:
    """Give a text in the message format, with its values."""
    given = draw(st.lists(values(), max_size=3))
    text = draw(st.one_of(TEXTS, st.sampled_from(["'{'\"id\":\"'{1}'\"'}'", "{1} and {2}", "it''s {3}", "{9}"])))
    try:
        parse_message_format(text, len(given))
    except ValueError:
        text = text.replace("{", "(")
    inside = "".join(f'<parametervalue key="{number}" {one}</parametervalue>' for number, one in enumerate(given))
    return f"<{tag}>{_content(text)}</{tag}><{holder}>{inside}</{holder}>"


def _flag(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["true", "false"]))


def _message(draw: st.DrawFn) -> str:
    return f'<message combined="{_flag(draw)}">{draw(_texts("msgTxt", "msgParameters"))}</message>'


def _notify(draw: st.DrawFn) -> str:
    text = draw(_texts("notifyMessage", "notifyParameters")).split("<notifyParameters>")
    level = draw(st.sampled_from(["INFO", "WARNING", "ERROR"]))
    title = f"title={_attribute(draw(TEXTS))}" if draw(st.booleans()) else ""
    return (
        f'<notify disableEvent="{_flag(draw)}" enableUserLog="false" perExecution="{_flag(draw)}" {title}>{text[0]}'
        f"<notifyMessageLevel>{level}</notifyMessageLevel><notifyParameters>{text[1]}</notify>"
    )


def _properties(draw: st.DrawFn) -> str:
    made = ""
    for _ in range(draw(st.integers(1, 3))):
        target = draw(st.sampled_from(["dynamicdocument.A", "process.B", "mime.C", "definedprocess.properties@k"]))
        sources = "".join(
            f'<parametervalue key="1" {one}</parametervalue>' for one in draw(st.lists(values(), max_size=3))
        )
        default = _attribute(draw(TEXTS))
        made += (
            f'<documentproperty defaultValue={default} name="n" persist="{_flag(draw)}" propertyId="{target}">'
            f"<sourcevalues>{sources}</sourcevalues></documentproperty>"
        )
    return f"<documentproperties>{made}</documentproperties>"


def _decision(draw: st.DrawFn) -> str:
    comparison = draw(st.sampled_from(["equals", "notequals", "greaterthan", "lessthaneq", "regex", "wildcard"]))
    sides = "".join(f"<decisionvalue {draw(values())}</decisionvalue>" for _ in range(2))
    return f'<decision comparison="{comparison}" name="d">{sides}</decision>'


def _route(draw: st.DrawFn) -> str:
    cases = "".join(
        f'<routevalue key="{key}" name={_attribute(draw(TEXTS))} qualifier="equals" value={_attribute(draw(TEXTS))}/>'
        for key in ("1", "2")
    )
    return f"<route><routeproperty {draw(values())}</routeproperty><routevalues>{cases}</routevalues></route>"


def _try(draw: st.DrawFn) -> str:
    return f'<catcherrors catchAll="{_flag(draw)}" retryCount="{draw(st.integers(0, 5))}"/>'


def _exception(draw: st.DrawFn) -> str:
    text = draw(_texts("exMessage", "exParameters"))
    return f'<exception stopsingledoc="{_flag(draw)}" title={_attribute(draw(TEXTS))}>{text}</exception>'


def _script(draw: st.DrawFn) -> str:
    script = (
        "for (int i = 0; i < dataContext.getDataCount(); i++) {\n\tdataContext.storeStream(dataContext.getStream(i),"
        " dataContext.getProperties(i))\n}\n"
    )
    steps = [
        (
            f'processtype="12"><dataprocessscript language="groovy2" useCache="{_flag(draw)}"><script>'
            f"{_content(script)}</script></dataprocessscript></step>"
        ),
        (
            f'processtype="1"><dataprocessreplace texttofind="a+" replacewith={_attribute(draw(TEXTS))}'
            ' searchType="document"/></step>'
        ),
        'processtype="6"/>',
        (
            'processtype="8"><documentsplit profileType="json"><SplitOptions><JSONOptions linkElementKey="6"'
            ' profileId="profile"/></SplitOptions></documentsplit></step>'
        ),
        (
            'processtype="9"><dataprocesscombine profileType="json"><JSONOptions combineIntoLinkElementKey="null"'
            ' linkElementKey="6" profileId="profile"/></dataprocesscombine></step>'
        ),
    ]
    chosen = draw(st.lists(st.sampled_from(steps), min_size=1, max_size=3))
    made = "".join(
        f'<step index="{number}" key="{number}" name={_attribute(draw(TEXTS))} {step}'
        for number, step in enumerate(chosen, 1)
    )
    return f"<dataprocess>{made}</dataprocess>"


def _connector(draw: st.DrawFn) -> str:
    fields = "".join(
        f'<propertyvalue childKey="{child}" key="{key}" name="n" {draw(values())}</propertyvalue>'
        for key, child in (("path", ""), ("requestHeaders", "X-One"), ("requestHeaders", "X-Two"))
    )
    return (
        '<connectoraction actionType="POST" connectionId="connection" connectorType="officialboomi-X3979C-rest-prod"'
        f' operationId="operation"><parameters/><dynamicProperties>{fields}</dynamicProperties></connectoraction>'
    )


def _retrieve(draw: st.DrawFn) -> str:
    empty = draw(st.sampled_from(["stopprocess", "returnerror"]))
    if draw(st.booleans()):
        every = f'docCache="cache" emptyCacheBehavior="{empty}" loadAllDoc="true"'
        return f"<doccacheretrieve {every}><cacheKeyValues/></doccacheretrieve>"
    return (
        f'<doccacheretrieve docCache="cache" docCacheIndex="1" emptyCacheBehavior="{empty}"><cacheKeyValues>'
        f'<cacheKeyValue cacheKeyId="1"><parametervalue key="1" {draw(values())}</parametervalue></cacheKeyValue>'
        "</cacheKeyValues></doccacheretrieve>"
    )


def _call(draw: st.DrawFn) -> str:
    path = '<returnpaths childShapeName="shape2" returnLabel="back"/>' if draw(st.booleans()) else ""
    return (
        f'<processcall abort="{_flag(draw)}" processId="child" wait="{_flag(draw)}"><parameters/>'
        f"<returnpaths>{path}</returnpaths></processcall>"
    )


def _plain(configuration: str) -> Callable[[st.DrawFn], str]:
    return lambda _: configuration


# By shapetype: what it says, and the identifiers of its ways out; one nameless way where there is one.
SHAPES: dict[str, tuple[Callable[[st.DrawFn], str], tuple[str, ...]]] = {
    "branch": (_plain('<branch numBranches="3"/>'), ("1", "2", "3")),
    "catcherrors": (_try, ("default", "error")),
    "connectoraction": (_connector, ("",)),
    "dataprocess": (_script, ("",)),
    "decision": (_decision, ("true", "false")),
    "doccacheload": (_plain('<doccacheload docCache="cache"/>'), ("",)),
    "doccacheremove": (_plain('<doccacheremove docCache="cache" removeAllDocuments="true"/>'), ("",)),
    "doccacheretrieve": (_retrieve, ("",)),
    "documentproperties": (_properties, ("",)),
    "exception": (_exception, ()),
    "flowcontrol": (_plain('<flowcontrol chunkStyle="threadOnly" chunks="2" forEachCount="1"/>'), ("",)),
    "map": (_plain('<map mapId="map"/>'), ("",)),
    "message": (_message, ("",)),
    "notify": (_notify, ("",)),
    "processcall": (_call, ("shape2",)),
    "returndocuments": (_plain('<returndocuments label="Rows"/>'), ()),
    "route": (_route, ("1", "2", "default")),
    "stop": (lambda draw: f'<stop continue="{_flag(draw)}"/>', ()),
}


@st.composite
def exports(draw: st.DrawFn) -> bytes:
    """Give a process: shapes with names in any order, each of whose ways leads to any shape, or nowhere."""
    count = draw(st.integers(1, 9))
    names = draw(st.permutations([f"shape{number}" for number in range(2, count + 2)]))
    kinds = draw(st.lists(st.sampled_from(sorted(SHAPES)), min_size=count, max_size=count))
    written = [_start(draw, names[0])]
    for name, kind in zip(names, kinds, strict=True):
        said, ways = SHAPES[kind]
        configuration = said(draw)
        if kind == "processcall" and "childShapeName" not in configuration:
            ways = ()
        targets = [draw(st.sampled_from([*names, "unset"])) for _ in ways]
        written.append(_shape(draw, name, kind, configuration, list(zip(ways, targets, strict=True))))
    return component("process", "p", _process(draw, draw(st.permutations(written))), name="Generated: it")


def _process(draw: st.DrawFn, shapes: list[str]) -> str:
    workload = draw(st.sampled_from(["general", "bridge", "low_latency"]))
    about = f'allowSimultaneous="{_flag(draw)}" purgeDataImmediately="{_flag(draw)}" updateRunDates="{_flag(draw)}"'
    return f'<process xmlns="" {about} workload="{workload}"><shapes>{"".join(shapes)}</shapes></process>'


def _start(draw: st.DrawFn, first: str) -> str:
    action = draw(st.sampled_from(["noaction", "passthroughaction"]))
    return _shape(draw, "shape1", "start", f"<{action}/>", [("", first)])


def _shape(draw: st.DrawFn, name: str, kind: str, configuration: str, ways: list[Any]) -> str:
    points = "".join(
        f'<dragpoint identifier="{identifier}" name="{name}.dragpoint{number}" toShape="{to}"/>'
        for number, (identifier, to) in enumerate(ways, 1)
    )
    label = f"userlabel={_attribute(draw(TEXTS))}" if draw(st.booleans()) else ""
    place = f'x="{draw(st.integers(0, 999))}.5" y="8.0"' if draw(st.booleans()) else ""
    note = f"<stepnotes><note title='t'>{_content(draw(TEXTS))}</note></stepnotes>" if draw(st.booleans()) else ""
    return (
        f'<shape name="{name}" shapetype="{kind}" {label} {place}><configuration>{configuration}</configuration>'
        f"<dragpoints>{points}</dragpoints>{note}</shape>"
    )
