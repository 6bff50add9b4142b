"""Maps under test as users write them: component XML of profiles, maps, tables, caches and functions, read and run."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.model.components import Components
from runtime.model.document import Document
from runtime.model.platform_shapes import AddToCacheStep, PlatformMapStep
from runtime.model.shapes import BranchStep, ReturnDocumentsStep
from tests.bundle.components.exports import component, errors, read
from tests.engine.platform.shapes import compiled, process
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch
from tests.engine.worlds import World

_FORMATS = {
    "character": "<ProfileCharacterFormat/>",
    "number": '<ProfileNumberFormat numberFormat=""/>',
    "datetime": '<ProfileDateFormat dateFormat="yyyy-MM-dd"/>',
}


def _node(tag: str, key: int, name: str, inner: str = "", *, kind: str = "character", more: str = "") -> str:
    return (
        f'<{tag} dataType="{kind}" isMappable="true" isNode="true" key="{key}" name="{name}" {more}><DataFormat>'
        f"{_FORMATS[kind]}</DataFormat>{inner}</{tag}>"
    )


def tag_list(element: int, key: int, expression: str) -> str:
    """Give the instance identifier `key` of an element."""
    return (
        f'<TagList elementKey="{element}" listKey="{key}"><GroupingExpression operator="and">{expression}'
        "</GroupingExpression></TagList>"
    )


def qualified(identifier: int, value: str) -> str:
    """Tell an instance by the value of an element; by its place with -1."""
    kind = "occurrence" if identifier == -1 else "value"
    return (
        f'<TagExpression identifierKey="{identifier}" identifierName="q" identifierType="{kind}">'
        f"<identifierValue>{value}</identifierValue></TagExpression>"
    )


def json_profile(identity: str = "json", tags: str = "") -> bytes:
    """A JSON profile: ``id`` (3), ``qty`` (4, number), ``day`` (9, date), ``lines`` (7) of ``k`` (10) and ``v`` (11).

    `tags` are its instance identifiers.
    """
    item = _node("JSONObjectEntry", 10, "k") + _node("JSONObjectEntry", 11, "v")
    array = (
        '<JSONArray elementType="repeating" isMappable="false" isNode="true" key="6" name="Array">'
        + _node(
            "JSONArrayElement",
            7,
            "Item",
            f'<JSONObject isMappable="false" isNode="true" key="8" name="Object">{item}</JSONObject>',
            more='maxOccurs="-1" minOccurs="0"',
        )
        + "</JSONArray>"
    )
    members = (
        _node("JSONObjectEntry", 3, "id")
        + _node("JSONObjectEntry", 4, "qty", kind="number")
        + _node("JSONObjectEntry", 9, "day", kind="datetime")
        + _node("JSONObjectEntry", 5, "lines", array)
    )
    root = _node(
        "JSONRootValue",
        1,
        "Root",
        f'<JSONObject isMappable="false" isNode="true" key="2" name="O">{members}</JSONObject>',
    )
    body = f'<JSONProfile xmlns="" strict="false"><DataElements>{root}</DataElements><tagLists>{tags}</tagLists>'
    return component("profile.json", identity, body + "</JSONProfile>")


def xml_profile(identity: str = "xml") -> bytes:
    """An XML profile: ``Order`` (1) with the attribute ``no`` (2), ``Id`` (3), and any number of ``Line`` (4).

    A line has the attribute ``k`` (5) and ``V`` (6); all elements are in one namespace.
    """
    space = 'useNamespace="2" maxOccurs="1" minOccurs="0"'
    line = _node("XMLAttribute", 5, "k", more='useNamespace="-1"') + _node("XMLElement", 6, "V", more=space)
    inner = (
        _node("XMLAttribute", 2, "no", more='useNamespace="-1"')
        + _node("XMLElement", 3, "Id", more=space)
        + _node("XMLElement", 4, "Line", line, more='useNamespace="2" maxOccurs="-1" minOccurs="0"')
    )
    return component(
        "profile.xml",
        identity,
        '<XMLProfile xmlns="" modelVersion="2" strict="true"><ProfileProperties><XMLGeneralInfo/><XMLOptions'
        ' encoding="utf8" respectMinOccurs="false"/></ProfileProperties><DataElements>'
        + _node("XMLElement", 1, "Order", inner, more=space)
        + '</DataElements><Namespaces><XMLNamespace key="2" name="urn:example" prefix="ns1"><Types/></XMLNamespace>'
        '<XMLNamespace key="-1" name="Empty Namespace" prefix="ns2"><Types/></XMLNamespace></Namespaces><tagLists/>'
        "</XMLProfile>",
    )


def flat_profile(identity: str = "flat") -> bytes:
    """A flat file of records (1) with a header line and the columns ``Id`` (3) and ``V`` (4)."""
    return component(
        "profile.flatfile",
        identity,
        '<FlatFileProfile xmlns="" modelVersion="2" strict="true"><ProfileProperties><GeneralInfo fileType="delimited"'
        ' useColumnHeaders="true"/><Options><DataOptions padcharacter=""/><DelimitedOptions'
        ' fileDelimiter="commadelimited" removeEscape="false" textQualifier="na"/></Options></ProfileProperties>'
        '<DataElements><FlatFileRecord detectFormat="numberofcolumns" isNode="true" key="1" name="Record">'
        '<FlatFileElements isNode="true" key="2" name="Elements">'
        + _node("FlatFileElement", 3, "Id")
        + _node("FlatFileElement", 4, "V")
        + "</FlatFileElements></FlatFileRecord></DataElements></FlatFileProfile>",
    )


def link(source: int, target: int, more: str = "") -> str:
    """Link an element to an element."""
    return f'<Mapping fromKey="{source}" fromType="profile" toKey="{target}" toType="profile" {more}/>'


def into(source: int, function: int, port: int = 1) -> str:
    """Link an element to an input of a function."""
    return f'<Mapping fromKey="{source}" fromType="profile" toFunction="{function}" toKey="{port}" toType="function"/>'


def out(function: int, port: int, target: int) -> str:
    """Link an output of a function to an element."""
    return (
        f'<Mapping fromFunction="{function}" fromKey="{port}" fromType="function" toKey="{target}" toType="profile"/>'
    )


def between(source: int, output: int, target: int, port: int) -> str:
    """Link functions."""
    return (
        f'<Mapping fromFunction="{source}" fromKey="{output}" fromType="function" toFunction="{target}"'
        f' toKey="{port}" toType="function"/>'
    )


def ports(tag: str, keys: Sequence[int], defaults: Sequence[str] = ()) -> str:
    """Give inputs or outputs."""
    shown = "".join(
        f'<{tag} default="{defaults[place]}" key="{key}" name="p{key}"/>'
        if place < len(defaults)
        else f'<{tag} key="{key}" name="p{key}"/>'
        for place, key in enumerate(keys)
    )
    return f"<{tag}s>{shown}</{tag}s>"


def function(
    key: int,
    kind: str,
    inputs: Sequence[int] = (1,),
    outputs: Sequence[int] = (2,),
    configuration: str = "",
    *,
    defaults: Sequence[str] = (),
    cache: str = "none",
    more: str = "",
) -> str:
    """Give a function; its position is its key."""
    return (
        f'<FunctionStep cacheEnabled="true" cacheOption="{cache}" category="C" key="{key}" name="F{key}"'
        f' position="{key}" sumEnabled="false" type="{kind}" x="1.0" y="1.0" {more}>{ports("Input", inputs, defaults)}'
        f"{ports('Output', outputs)}<Configuration>{configuration}</Configuration></FunctionStep>"
    )


def script(text: str, inputs: Sequence[int] = (1,), outputs: Sequence[int] = (2,), language: str = "groovy2") -> str:
    """Give the configuration of a script."""
    bound = "".join(f'<Input dataType="character" index="{key}" name="p{key}"/>' for key in inputs)
    bound += "".join(f'<Output index="{key}" name="p{key}"/>' for key in outputs)
    return (
        f'<Scripting language="{language}" preserveOrder="true" useCache="true" useComponent="false">'
        f"<ScriptToExecute>{text}</ScriptToExecute>{bound}</Scripting>"
    )


def written(
    links: str,
    functions: str = "",
    defaults: str = "",
    joins: str = "",
    *,
    source: str = "json",
    target: str = "json",
    optimize: str = "true",
) -> bytes:
    """Give the map ``map`` between two profiles."""
    return component(
        "transform.map",
        "map",
        f'<Map xmlns="" fromProfile="{source}" toProfile="{target}"><Mappings>{links}</Mappings>'
        f'<Functions optimizeExecutionOrder="{optimize}">{functions}</Functions><Defaults>{defaults}</Defaults>'
        f"<DocumentCacheJoins>{joins}</DocumentCacheJoins></Map>",
        name="M",
    )


CACHE = component(
    "documentcache",
    "cache",
    '<DocumentCache xmlns="" enforceSingleLucene="false" profile="json" profileType="profile.json">'
    '<CacheIndex indexId="1" indexName="by id"><cacheKey alias="id" elementKey="3" id="1" name="id" taglistKey="0"'
    ' xsi:type="ProfileElementKeyConfig"/></CacheIndex></DocumentCache>',
)

STANDARD = (json_profile(), xml_profile(), flat_profile())


def components(*exports: bytes) -> Components:
    """Read exports without a mistake."""
    assert errors(*exports) == []
    return read(*exports)[0].components


def running(made: bytes, *more: bytes, start: Sequence[Document], cached: bool = False) -> Run:
    """Give the run of a map over documents; `cached`: they are in the cache before."""
    world = World()
    steps = (PlatformMapStep(id="map", map="map", to="end"), ReturnDocumentsStep(id="end"))
    if cached:
        before = (BranchStep(id="branch", paths=("add", "map")), AddToCacheStep(id="add", cache="cache"))
        shapes = process("p", "branch", *before, *steps)
    else:
        shapes = process("p", "map", *steps)
    names = {one.split(b'componentId="', 1)[1].split(b'"', 1)[0] for one in more}
    standard = [one for one in STANDARD if one.split(b'componentId="', 1)[1].split(b'"', 1)[0] not in names]
    return Run(compiled([shapes], world, components(made, *standard, *more)), world, start)


async def run(made: bytes, *contents: str, more: Sequence[bytes] = (), cached: bool = False) -> Ended:
    """Map these contents."""
    return await running(made, *more, start=batch(*contents), cached=cached).go()
