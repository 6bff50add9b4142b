from __future__ import annotations

import re
from pathlib import Path

import pytest

from runtime.bundle.components.xml import DEEPEST
from runtime.bundle.read import read_bundle
from runtime.model.components import CrossReferenceTable, DefinedValue
from runtime.model.flow_service import ANY_BUNDLE, MessageAction
from runtime.model.platform_maps import (
    BuiltIn,
    FromElement,
    FromFunction,
    FunctionInput,
    Link,
    TableLookup,
    TablePort,
    ToElement,
    ToFunction,
)
from runtime.model.platform_profiles import JsonProfile, XmlProfile
from runtime.model.profile import Entry
from runtime.model.values import Expression, Template
from runtime.plugins import installed_connectors
from tests.bundle.components.exports import (
    CACHE,
    CONNECTION,
    OPERATION,
    PROFILE,
    STOP,
    component,
    errors,
    process,
    read,
    shape,
)

TABLE = component(
    "crossref",
    "table",
    '<CrossRefTable xmlns="" atomEnabled="false" modelVersion="3"><ColumnHeaders><columnHeader>a</columnHeader>'
    "<columnHeader>b</columnHeader></ColumnHeaders><Rows><row><Values><ref colIdx='1' value='one'/>"
    "<ref colIdx='0' value='1'/></Values></row></Rows></CrossRefTable>",
)
PROPERTIES = component(
    "processproperty",
    "properties",
    '<DefinedProcessProperties xmlns=""><definedProcessProperty key="k"><helpText/><label>Size</label>'
    "<type>number</type><defaultValue>10</defaultValue><allowedValues><allowedValueSet label='Ten' value='10'/>"
    "</allowedValues><persisted>true</persisted></definedProcessProperty></DefinedProcessProperties>",
)
XML = component(
    "profile.xml",
    "xml",
    '<XMLProfile xmlns="" modelVersion="2" strict="true"><ProfileProperties><XMLGeneralInfo/><XMLOptions'
    ' encoding="utf8" respectMinOccurs="false"/></ProfileProperties><DataElements><XMLElement dataType="character"'
    ' isMappable="false" key="1" maxOccurs="1" minOccurs="0" name="Order" useNamespace="2"><DataFormat>'
    '<ProfileCharacterFormat/></DataFormat><XMLAttribute key="4" name="id" useNamespace="-1"/><XMLElement key="5"'
    ' maxOccurs="-1" name="Line" useNamespace="2"/></XMLElement></DataElements><Namespaces><XMLNamespace key="2"'
    ' name="urn:example" prefix="ns1"><Types/></XMLNamespace><XMLNamespace key="-1" name="Empty Namespace"'
    ' prefix="ns2"/></Namespaces><tagLists/></XMLProfile>',
)
MAP = component(
    "transform.map",
    "map",
    '<Map xmlns="" fromProfile="profile" toProfile="profile"><Mappings>'
    '<Mapping fromKey="3" fromType="profile" toFunction="1" toKey="1" toType="function"/>'
    '<Mapping fromFunction="1" fromKey="2" fromType="function" toKey="3" toType="profile"/>'
    '</Mappings><Functions optimizeExecutionOrder="false"><FunctionStep cacheEnabled="true" cacheOption="document"'
    ' category="Lookup" key="1" name="L" position="1" sumEnabled="false" type="CrossRefLookup" x="1.0" y="1.0"><Inputs>'
    '<Input default="0" key="1" name="a"/></Inputs><Outputs><Output key="2" name="b"/></Outputs><Configuration>'
    '<CrossRefLookup crossRefTableId="table" skipLookupIfNoInputs="true"><Input index="1" name="a" refId="1"/>'
    '<Output index="2" name="b" refId="2"/></CrossRefLookup></Configuration></FunctionStep><FunctionStep key="2"'
    ' type="CurrentDate"/></Functions><Defaults><Default toKey="8" value="1"/></Defaults><DocumentCacheJoins/></Map>',
)
LISTENER = component(
    "connector-action",
    "listener",
    '<Operation xmlns=""><Configuration><FSSListenAction operationType="action" requestProfile="profile"'
    ' responseProfile="profile" syncTimeout="20"/></Configuration></Operation>',
    more='subType="fss"',
)
SERVICE = component(
    "flowservice",
    "service",
    '<FlowService basePath="orders" name="orders"><flowActions name="Get Order" path="get" processId="p">'
    "<description>Gets one</description></flowActions></FlowService>",
)
START = (
    '<connectoraction actionType="Listen" allowDynamicCredentials="NONE" connectorType="fss" hideSettings="true"'
    ' operationId="listener"><parameters/><dynamicProperties/></connectoraction>'
)
LISTENING = component(
    "process",
    "p",
    '<process xmlns="" allowSimultaneous="true"><shapes>'
    + shape("shape1", "start", START, "shape9")
    + shape("shape9", "returndocuments", '<returndocuments label="Rows"/>')
    + "</shapes></process>",
)
ALL = (TABLE, PROPERTIES, XML, MAP, LISTENER, SERVICE, LISTENING, PROFILE, CACHE, CONNECTION, OPERATION)


def test_components_refer_to_each_other_by_id_in_any_order() -> None:
    """A bundle is its files; the order of their names says nothing."""
    assert errors(*ALL) == []
    assert errors(*reversed(ALL)) == []


def test_data_components() -> None:
    """Tables have a cell for each column, properties their label and default."""
    found = read(*ALL)[0].components
    table = found.tables["table"]
    assert isinstance(table, CrossReferenceTable)
    assert (table.columns, table.rows, table.match) == (("a", "b"), (("1", "one"),), "exact")
    assert found.properties["properties"].values == (
        DefinedValue(key="k", label="Size", kind="number", default="10", persisted=True, allowed=("10",)),
    )


def test_profiles_give_the_way_to_each_key() -> None:
    """Maps and parameters name elements by key alone."""
    profiles = read(*ALL)[0].components.profiles
    json, xml = profiles["profile"], profiles["xml"]
    assert isinstance(json, JsonProfile)
    assert [json.path(key) for key in (1, 3, 8, 99)] == [(), ("id",), ("lines", None, "qty"), None]
    assert isinstance(xml, XmlProfile)
    way = xml.path(5)
    assert way is not None
    assert [(node.name, node.namespace, node.most) for node in way] == [
        ("Order", "urn:example", 1),
        ("Line", "urn:example", None),
    ]
    assert xml.prefixes == {"urn:example": "ns1"}


def test_a_map_keeps_its_links_functions_and_defaults() -> None:
    """Columns of a look-up are written from 1 and counted from 0."""
    map_ = read(*ALL)[0].components.maps["map"]
    assert map_.links == (
        Link(FromElement(3), ToFunction(1, 1)),
        Link(FromFunction(1, 2), ToElement(3)),
    )
    lookup, today = map_.functions
    assert lookup.work == TableLookup(
        inputs=(TablePort(1, 0),), outputs=(TablePort(2, 1),), table="table", skip_without_input=True
    )
    assert (lookup.inputs, lookup.cache) == ((FunctionInput(key=1, name="a", default="0"),), "document")
    assert (today.work, map_.ordered) == (BuiltIn(function="CurrentDate"), True)


def test_a_flow_service_may_name_a_process_of_another_bundle() -> None:
    """A service and its processes are deployed separately: an id that is not here is looked for when it is live."""
    result, problems = read(SERVICE)
    ((action,),) = (service.actions for service in result.services)
    assert (action.process, action.bundle) == ("p", ANY_BUNDLE)
    assert [(problem.code, problem.severity) for problem in problems] == [("bundle.component-elsewhere", "warning")]


def test_a_flow_service_offers_the_processes_that_listen() -> None:
    """The action has the profiles and the Sync Timeout of the listener's operation."""
    (service,) = read(*ALL)[0].services
    (action,) = service.actions
    assert isinstance(action, MessageAction)
    assert (service.external_name, action.path, action.process, action.sync_timeout) == ("orders", "get", "p", 20.0)
    assert action.request_profile is not None
    assert action.request_profile.entries == (
        Entry(name="id", kind="character"),
        Entry(name="lines", kind="list", entries=(Entry(name="qty", kind="number"),)),
    )


def test_what_an_environment_may_change_is_an_extension() -> None:
    """A field that a process declares keeps its exported value as the default; an encrypted one has none."""
    overrides = (
        '<bns:processOverrides><Overrides xmlns=""><Connections><ConnectionOverride id="secured"><field id="url"'
        ' label="URL" overrideable="true" xpath="x"/></ConnectionOverride></Connections><Properties>'
        '<PropertyOverride name="DPP_TOKEN"/></Properties></Overrides></bns:processOverrides>'
    )
    secured = component(
        "connector-settings",
        "secured",
        '<GenericConnectionConfig xmlns=""><field id="url" type="string" value="https://a.example"/>'
        '<field id="auth" type="string" value="BASIC"/><field id="username" type="string" value="me"/>'
        '<field id="password" type="password" value="0123abcd"/></GenericConnectionConfig>',
        name="Shop (test)",
        more='subType="officialboomi-X3979C-rest-prod"',
    )
    result, problems = read(process(STOP, first="shape9", rest=overrides), secured)
    assert problems == ()
    assert {name: (one.kind, one.default, one.required) for name, one in result.extensions.items()} == {
        "shop-test-url": ("string", "https://a.example", False),
        "shop-test-password": ("secret", None, True),
        "process-p-dpp_token": ("string", "", False),
    }
    place = result.connections["Shop (test)"].place
    password = result.connections["Shop (test)"].settings["password"]
    assert password == Template((Expression("extension.shop-test-password", place),))


@pytest.mark.parametrize("number", range(len(ALL)))
def test_nothing_is_passed_over_in_any_component(number: int) -> None:
    """An attribute that nobody knows is told, in every element of every kind of component."""
    harmless = re.compile(r"Track|Types|helpText")
    text = ALL[number].decode()
    for match in re.finditer(r"<([A-Za-z][\w:]*)(?= |/|>)", text):
        if harmless.search(match[1]) is None:
            changed = text[: match.end()] + ' surprise="1"' + text[match.end() :]
            others = (*ALL[:number], *ALL[number + 1 :])
            assert any("'surprise'" in error for error in errors(changed.encode(), *others)), match[1]


def test_the_deepest_tree_that_is_read_can_be_understood() -> None:
    """What the border lets in ends no reader: they descend as deep as it."""
    kinds = [("JSONObject", "JSONObjectEntry")[level % 2] for level in range(DEEPEST - 5)]
    opened = "".join(f'<{kind} key="{level}" name="n">' for level, kind in enumerate(kinds, 2))
    closed = "".join(f"</{kind}>" for kind in reversed(kinds))
    root = f'<JSONRootValue key="1">{opened}{closed}</JSONRootValue>'
    body = f"<JSONProfile><DataElements>{root}</DataElements></JSONProfile>"
    result, problems = read(component("profile.json", "deep", body))
    assert problems == ()
    profile = result.components.profiles["deep"]
    assert isinstance(profile, JsonProfile)
    assert len(list(profile.walk())) == len(kinds) + 1


def test_two_files_of_one_component_are_refused() -> None:
    """Nobody could say which of them runs."""
    (found,) = errors(TABLE, TABLE)
    assert "is the same component" in found


def test_a_bundle_may_hold_exports_untouched(tmp_path: Path) -> None:
    """They stand in components/ beside the manifest, and count for the digest as everything else."""
    (tmp_path / "components").mkdir()
    (tmp_path / "bundle.yaml").write_text("name: exports\nversion: 1\nneeds: { http: 1 }\n")
    for number, content in enumerate(ALL):
        (tmp_path / "components" / f"{number}.xml").write_bytes(content)
    bundle = read_bundle(tmp_path, installed_connectors())
    assert list(bundle.processes) == ["p"]
    assert bundle.components.processes == {"p": "p"}
    assert [service.external_name for service in bundle.services] == ["orders"]
    (tmp_path / "components" / "0.xml").write_bytes(TABLE.replace(b"'one'", b"'two'"))
    assert read_bundle(tmp_path, installed_connectors()).digest != bundle.digest
