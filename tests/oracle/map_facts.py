"""What maps make of the small facts of an oracle: by area, a function of the configuration and the input.

Each fact is a map as it is exported: read, compiled, and run over one document, whose elements feed its function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec
import trio
from msgspec import Struct

from runtime.bundle.components.read import read_components
from runtime.bundle.findings import Findings
from runtime.model.document import Document, root_identity
from runtime.model.platform_shapes import PlatformMapStep
from runtime.model.shapes import ReturnDocumentsStep
from runtime.sdk.connector import Catalogue
from tests.engine.platform.shapes import compiled, process
from tests.engine.runs import Run
from tests.engine.worlds import World
from tests.oracle.step_facts import component_xml

_ANCHOR = 4  # the element that is always mapped, so that a document comes out where a function gives nothing
_FIRST = 10  # the element of the first value; on the target's side, of the first result
_RESULT = 2  # the port of the first result: the key of an input, too, of most functions
_COUNTER = "counter"
_WIDTH = 40
_OPTIONS = ("delimiter", "fixedLength", "splitLength")
_OF_ROWS = frozenset({"Sum", "LineItemIncrement"})
_OF_GROUPS = frozenset({"Sum2", "Count"})

_CHARACTERS = "<DataFormat><ProfileCharacterFormat/></DataFormat>"
# Shows the value of a variable and its type, which the text of a script's output alone would not.
_SHOWN = """y = x == null ? 'null' : x instanceof Number ? '' + x : '"' + x + '"'"""


class Absent:
    """The outcome that there is no value."""


class _Function(Struct, frozen=True, kw_only=True):
    """One function of a map: its type, its number of ports, and how it is configured."""

    type: str
    inputs: int
    outputs: int = 1
    defaults: dict[int, str] = {}
    configuration: str = ""
    rest: dict[str, bytes] = {}  # the components that it names


def _map_function(configuration: dict[str, Any], given: list[Any]) -> object:
    """Feed a function and give its result, or each of its results."""
    kind = configuration["type"]
    if kind in _OF_ROWS:
        (made,) = _of_rows(kind, given, repeating=True)
        return [_value(row, "v1") for row in made["rows"]]
    if kind in _OF_GROUPS:
        documents = _of_rows(kind, given, repeating=False)
        groups = {one["v2"]: _value(one, "v1") for one in documents}
        if len(groups) != len(documents):
            return documents  # a group has more than one document, which meets no fact
        return groups if len(groups) > 1 else next(iter(groups.values()))
    function, values, before = _function(kind, configuration, given)
    results = _results(function, values, before)
    if kind == "Scripting input":
        return msgspec.json.decode(str(results[0]))
    return results if "outputs" in configuration else results[0]


def _function(kind: str, configuration: dict[str, Any], given: list[Any]) -> tuple[_Function, list[Any], int]:
    """Give the function of a fact, the values for its ports, and the numbers that its counter has given before."""
    match kind:
        case "Scripting input":
            ports = f'<Input dataType="{configuration["dataType"]}" index="1" name="x"/><Output index="2" name="y"/>'
            script = (
                '<Scripting language="groovy2" useCache="true" useComponent="false" preserveOrder="true">'
                f"<ScriptToExecute>{escape(_SHOWN)}</ScriptToExecute>{ports}</Scripting>"
            )
            return _Function(type="Scripting", inputs=1, configuration=script), given, 0
        case "SequentialValue":
            (counter,) = given
            options = {"batchSize": 1, "keyname": _COUNTER, "keyfixtolength": configuration["keyfixtolength"]}
            made = _Function(type=kind, inputs=1, configuration=_element(kind, options))
            return made, [""], int(counter.removeprefix("counter at ")) - 1
        case "DefinedProcessPropertyGet":
            named = {"componentId": "properties", "componentName": "P", "propertyKey": "k", "propertyName": "K"}
            properties = (
                '<DefinedProcessProperties xmlns=""><definedProcessProperty key="k"><helpText/><label>K</label>'
                "<type>string</type><defaultValue></defaultValue><allowedValues/><persisted>false</persisted>"
                "</definedProcessProperty></DefinedProcessProperties>"
            )
            rest = {"properties": component_xml("properties", "processproperty", "", properties)}
            inner = _element("DefinedProcessProperty", named)
            return _Function(type=kind, inputs=0, configuration=inner, rest=rest), [], 0
    options = {name: configuration[name] for name in _OPTIONS if name in configuration}
    defaults = {
        int(name.removeprefix("default")): text for name, text in configuration.items() if name.startswith("default")
    }
    made = _Function(
        type=kind,
        inputs=len(given),
        outputs=configuration.get("outputs", 1),
        defaults=defaults,
        configuration=_element(kind, options) if options else "",
    )
    return made, given, 0


def _crossref(configuration: dict[str, Any], given: list[str]) -> object:
    """Look up the second column of a table by the first."""
    match = configuration.get("matchType", "exact")
    kind = "" if match == "exact" else f' matchType="{match}"'  # an export leaves out what is the default
    rows = "".join(
        "<row><Values>"
        + "".join(f'<ref colIdx="{column}" value={quoteattr(cell)}/>' for column, cell in enumerate(row))
        + "</Values></row>"
        for row in configuration["rows"]
    )
    table = (
        f'<CrossRefTable xmlns="" atomEnabled="false"{kind} modelVersion="3"><ColumnHeaders>'
        f"<columnHeader>a</columnHeader><columnHeader>b</columnHeader></ColumnHeaders><Rows>{rows}</Rows></CrossRefTable>"
    )
    skips = "true" if configuration.get("skipLookupIfNoInputs") else "false"
    lookup = (
        f'<CrossRefLookup crossRefTableId="table" skipLookupIfNoInputs="{skips}"><Input index="1" name="a" refId="1"/>'
        f'<Output index="{_RESULT}" name="b" refId="2"/></CrossRefLookup>'
    )
    rest = {"table": component_xml("table", "crossref", "", table)}
    (found,) = _results(_Function(type="CrossRefLookup", inputs=1, configuration=lookup, rest=rest), given)
    return found


def _json_output(configuration: dict[str, str], given: dict[str, str]) -> object:
    """Copy the one field of a profile, and give the text of the document."""
    names = [configuration["profile"].rpartition(" ")[2]]
    files = {
        "from": _profile("from", _members(names)),
        "to": _profile("to", _members(names)),
        "m": _map(_link(_from(_FIRST), _to(_FIRST))),
    }
    (text,) = _mapped(files, given)
    return text


def _positions(configuration: str, _given: object) -> object:
    """Write records of fixed positions, and say how they follow each other in the words of the fact."""
    names = configuration.removeprefix("records ").partition(" (")[0].split(", ")
    kinds = {name: _FIRST * (place + 1) for place, name in enumerate(dict.fromkeys(names))}
    records = "".join(_record(name, key) for name, key in kinds.items())
    flat = (
        '<FlatFileProfile xmlns="" modelVersion="2" strict="true"><ProfileProperties><GeneralInfo'
        ' fileType="datapositioned" useColumnHeaders="false"/><Options><DataOptions padcharacter=" "/></Options>'
        f"</ProfileProperties><DataElements>{records}</DataElements></FlatFileProfile>"
    )
    files = {
        "from": _profile("from", "".join(_list(name, key, _entry("v", key + 5)) for name, key in kinds.items())),
        "to": component_xml("to", "profile.flatfile", "", flat),
        "m": _map("".join(_link(_from(key + 5), _to(key + 5)) for key in kinds.values())),
    }
    values = [f"{name} {number}" for number, name in enumerate(names)]
    (text,) = _mapped(files, {kind: [{"v": one} for one in values if one.split()[0] == kind] for kind in kinds})
    records_alone = "".join(one.ljust(_WIDTH) for one in values)
    return "records concatenated without line ends" if text == records_alone else text


def _record(name: str, base: int) -> str:
    """Give a kind of record with one field, told by nothing: it is only written."""
    return (
        f'<FlatFileRecord detectFormat="numberofcolumns" isNode="true" key="{base}" name="{name}"><FlatFileElements'
        f' isNode="true" key="{base + 1}" name="Elements"><FlatFileElement dataType="character" enforceUnique="false"'
        f' identityValue="" isMappable="true" isNode="true" justification="left" length="{_WIDTH}" startColumn="0"'
        f' key="{base + 5}" mandatory="false" maxLength="0" minLength="0" name="v" useToIdentifyFormat="false"'
        f' validateData="false">{_CHARACTERS}</FlatFileElement></FlatFileElements></FlatFileRecord>'
    )


def _of_rows(kind: str, given: list[list[str]], *, repeating: bool) -> list[Any]:
    """Feed a function with the rows of a list, into a list or into documents, with the last input beside the result."""
    count = len(given[0])
    names = [f"v{place + 1}" for place in range(count)]
    function = _Function(type=kind, inputs=count)
    links = _feeding(count) + _link(_port(_RESULT), _to(_FIRST)) + _link(_from(_FIRST + count - 1), _to(_FIRST + 1))
    target = _members(["v1", "v2"])
    files = {
        "from": _profile("from", _list("rows", 5, _members(names))),
        "to": _profile("to", _list("rows", 5, target) if repeating else target),
        "m": _map(links, function),
    }
    rows = [dict(zip(names, row, strict=True)) for row in given]
    return [msgspec.json.decode(text) for text in _mapped(files, {"rows": rows})]


def _results(function: _Function, given: Sequence[Any], before: int = 0) -> list[object]:
    """Feed a function and give all its results."""
    names = [f"v{place + 1}" for place in range(len(given))]
    made = [f"v{place + 1}" for place in range(function.outputs)]
    links = _link(_from(_ANCHOR), _to(_ANCHOR)) + _feeding(len(given))
    for place in range(function.outputs):
        links += _link(_port(_RESULT + place), _to(_FIRST + place))
    anchor = _entry("anchor", _ANCHOR)
    files = {
        "from": _profile("from", anchor + _members(names)),
        "to": _profile("to", anchor + _members(made)),
        "m": _map(links, function),
        **function.rest,
    }
    (text,) = _mapped(files, {"anchor": "a", **dict(zip(names, given, strict=True))}, before)
    document = msgspec.json.decode(text)
    return [_value(document, name) for name in made]


def _value(document: Mapping[str, object], name: str) -> object:
    return document.get(name, Absent())


def _mapped(files: Mapping[str, bytes], given: object, before: int = 0) -> list[str]:
    """Read the map ``m`` among components, and run it over one document.

    Raises:
        ValueError: the document failed; the message is the cause, without the place that the engine names before it.
        RuntimeError: the components cannot be read, which no fact is about.
    """
    findings = Findings("facts", {})
    by_path = {f"{name}.xml": content for name, content in files.items()}
    read = read_components(by_path, Catalogue({}), findings)
    if len(findings):
        raise RuntimeError("; ".join(problem.message for problem in findings.problems("error")))
    world = World()
    shapes = (PlatformMapStep(id="map", map="m", to="end"), ReturnDocumentsStep(id="end"))
    made = compiled([process("p", "map", *shapes)], world, read.components)
    one = Run(made, world, [Document(root_identity(0), msgspec.json.encode(given))])

    async def go() -> list[str]:
        if before:
            await one.store.journal.take_numbers(_COUNTER, before)
        ended = await one.go()
        if ended.message is not None:
            raise ValueError(ended.message.rpartition("]: ")[2])
        return [content.decode() for content in ended.returned]

    return trio.run(go)


# --- component XML ---


def _map(links: str, function: _Function | None = None) -> bytes:
    functions = "" if function is None else _function_step(function)
    body = (
        f'<Map xmlns="" fromProfile="from" toProfile="to"><Mappings>{links}</Mappings><Functions'
        f' optimizeExecutionOrder="true">{functions}</Functions><Defaults/><DocumentCacheJoins/></Map>'
    )
    return component_xml("m", "transform.map", "", body)


def _function_step(function: _Function) -> str:
    inputs = "".join(
        f'<Input key="{port}" name="i{port}" default={quoteattr(function.defaults.get(port, ""))}/>'
        for port in range(1, function.inputs + 1)
    )
    outputs = "".join(f'<Output key="{_RESULT + place}" name="o{place}"/>' for place in range(function.outputs))
    sums = "true" if function.type in _OF_GROUPS else "false"
    return (
        '<FunctionStep cacheEnabled="true" cacheOption="none" category="C" key="1" name="f" position="1"'
        f' sumEnabled="{sums}" type="{function.type}" x="10.0" y="10.0"><Inputs>{inputs}</Inputs>'
        f"<Outputs>{outputs}</Outputs><Configuration>{function.configuration}</Configuration></FunctionStep>"
    )


def _element(tag: str, attributes: Mapping[str, object]) -> str:
    written = "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items())
    return f"<{tag}{written}/>"


def _from(element: int) -> str:
    return f'fromKey="{element}" fromType="profile"'


def _to(element: int) -> str:
    return f'toKey="{element}" toType="profile"'


def _port(output: int) -> str:
    return f'fromFunction="1" fromKey="{output}" fromType="function"'


def _feeding(count: int) -> str:
    """Link the first elements of the source to the inputs of the function."""
    return "".join(
        _link(_from(_FIRST + place), f'toFunction="1" toKey="{place + 1}" toType="function"') for place in range(count)
    )


def _link(source: str, target: str) -> str:
    return f"<Mapping {source} {target}/>"


def _profile(identity: str, members: str) -> bytes:
    body = (
        '<JSONProfile xmlns="" strict="false"><DataElements><JSONRootValue dataType="character" isMappable="true"'
        f' isNode="true" key="1" name="Root">{_CHARACTERS}<JSONObject isMappable="false" isNode="true" key="2"'
        f' name="Object">{members}</JSONObject></JSONRootValue></DataElements><tagLists/></JSONProfile>'
    )
    return component_xml(identity, "profile.json", "", body)


def _members(names: Sequence[str]) -> str:
    return "".join(_entry(name, _FIRST + place) for place, name in enumerate(names))


def _entry(name: str, key: int, inner: str = "") -> str:
    return (
        f'<JSONObjectEntry dataType="character" isMappable="true" isNode="true" key="{key}" name="{name}">'
        f"{_CHARACTERS}{inner}</JSONObjectEntry>"
    )


def _list(name: str, key: int, members: str) -> str:
    """Give a member that is a list of objects; it takes four keys from `key` on."""
    return _entry(
        name,
        key,
        f'<JSONArray elementType="repeating" isMappable="false" isNode="true" key="{key + 1}" name="Array">'
        f'<JSONArrayElement dataType="character" isMappable="true" isNode="true" key="{key + 2}" maxOccurs="-1"'
        f' minOccurs="0" name="ArrayElement1">{_CHARACTERS}<JSONObject isMappable="false" isNode="true"'
        f' key="{key + 3}" name="Object">{members}</JSONObject></JSONArrayElement></JSONArray>',
    )


CHECKS: Mapping[str, Callable[[Any, Any], object]] = {
    "map-function": _map_function,
    "crossref": _crossref,
    "map json output": _json_output,
    "flat file write datapositioned": _positions,
}
