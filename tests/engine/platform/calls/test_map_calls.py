"""Functions of maps that call a connector (component XML, section 5.1): SQL look-ups and connector calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, shape
from tests.connectors.http.server import Answer, Seen, running_server
from tests.engine.platform.calls import databases
from tests.engine.platform.calls.exported import Ran, calling, operation, ran, saying
from tests.engine.platform.calls.test_http_client import action
from tests.engine.platform.calls.test_http_client import connection as http_connection

LINES = '\'{"lines":[{"k":"a"},{"k":"b"},{"k":"a"},{"k":"none"}]}\''


def entry(key: int, name: str, inner: str = "") -> str:
    """A member of an object."""
    return (
        f'<JSONObjectEntry dataType="character" isMappable="true" isNode="true" key="{key}" name="{name}"><DataFormat>'
        f"<ProfileCharacterFormat/></DataFormat>{inner}</JSONObjectEntry>"
    )


def profile(identity: str, *members: str, lines: str = "") -> bytes:
    """A JSON profile of an object; `lines` are the members of objects in a list (6)."""
    array = (
        '<JSONArray elementType="repeating" isMappable="false" isNode="true" key="5" name="Array"><JSONArrayElement'
        ' dataType="character" isMappable="true" isNode="true" key="6" maxOccurs="-1" minOccurs="0" name="Item">'
        "<DataFormat><ProfileCharacterFormat/></DataFormat>"
        f'<JSONObject isMappable="false" isNode="true" key="7" name="Object">{lines}</JSONObject></JSONArrayElement>'
        "</JSONArray>"
    )
    every = "".join(members) + (entry(4, "lines", array) if lines else "")
    return component(
        "profile.json",
        identity,
        '<JSONProfile xmlns="" strict="false"><DataElements><JSONRootValue dataType="character" isMappable="true"'
        ' isNode="true" key="1" name="Root"><DataFormat><ProfileCharacterFormat/></DataFormat>'
        f'<JSONObject isMappable="false" isNode="true" key="2" name="Object">{every}</JSONObject></JSONRootValue>'
        "</DataElements><tagLists/></JSONProfile>",
    )


def mapping(function: str, outputs: int = 1) -> bytes:
    """A map of each line's ``k`` through a function whose outputs, from 2 on, become ``v`` and what follows."""
    links = "".join(
        f'<Mapping fromFunction="1" fromKey="{2 + number}" fromType="function" toKey="{9 + number}" toType="profile"/>'
        for number in range(outputs)
    )
    return component(
        "transform.map",
        "map",
        '<Map xmlns="" fromProfile="lines" toProfile="lines"><Mappings><Mapping fromKey="8" fromType="profile"'
        f' toFunction="1" toKey="1" toType="function"/>{links}</Mappings><Functions optimizeExecutionOrder="true">'
        f"{function}</Functions><Defaults/><DocumentCacheJoins/></Map>",
    )


LISTED = profile("lines", lines=entry(8, "k") + entry(9, "v") + entry(10, "w"))


def function(kind: str, configuration: str, cache: str = "none", outputs: int = 1) -> str:
    """A function of one input, 1, and of outputs from 2 on."""
    given = "".join(f'<Output key="{2 + number}" name="o{number}"/>' for number in range(outputs))
    return (
        f'<FunctionStep cacheEnabled="true" cacheOption="{cache}" category="Lookup" key="1" name="Look" position="1"'
        f' sumEnabled="false" type="{kind}" x="1.0" y="1.0"><Inputs><Input key="1" name="k"/></Inputs>'
        f"<Outputs>{given}</Outputs><Configuration>{configuration}</Configuration></FunctionStep>"
    )


def lookup(sql: str, kind: str = "character") -> str:
    """An SQL look-up of two columns."""
    return function(
        "SqlLookup",
        '<SqlLookup connection="connection" executionType="sql" spResultOption="resultset" storedProcedureName="">'
        f'<SqlToExecute>{sql}</SqlToExecute><Input dataType="{kind}" index="1" name="k"/>'
        '<Output dataType="character" index="2" name="n"/><Output dataType="datetime" index="3" name="d"/></SqlLookup>',
        outputs=2,
    )


def mapped(found: Ran) -> list[dict[str, str]]:
    """Give the lines of what a map made."""
    assert found.message is None
    lines: list[dict[str, str]] = json.loads(found.texts[0])["lines"]
    return lines


MAPS = (saying(LINES, to="map"), shape("map", "map", '<map mapId="map"/>', "end"))


async def test_an_sql_lookup_gives_the_columns_of_the_first_row(tmp_path: Path) -> None:
    """For each line; what finds nothing leaves its targets out; times are as they are within a map."""
    path = databases.made(
        tmp_path,
        "CREATE TABLE names (k TEXT, n TEXT, d TEXT)",
        "INSERT INTO names VALUES ('a', 'Ann', '2026-01-31 10:20:30'), ('a', 'Other', NULL), ('b', 'Bob', NULL)",
    )
    found = await ran(
        calling(*MAPS, first="say"),
        LISTED,
        mapping(lookup("SELECT n, d FROM names WHERE k = ? ORDER BY rowid"), outputs=2),
        databases.connection(path),
    )
    assert mapped(found) == [
        {"v": "Ann", "w": "20260131 102030.000"},
        {"v": "Bob"},
        {"v": "Ann", "w": "20260131 102030.000"},
    ]


async def test_a_lookup_that_the_database_refuses_fails_the_document(tmp_path: Path) -> None:
    """As a map fails a document that it cannot map."""
    found = await ran(
        calling(*MAPS, first="say"),
        LISTED,
        mapping(lookup("SELECT n, d FROM missing WHERE k = ?")),
        databases.connection(databases.made(tmp_path)),
    )
    assert found.status is Status.ERROR
    assert "no such table: missing" in (found.message or "")


def test_a_lookup_is_checked_when_it_is_read(tmp_path: Path) -> None:
    """Its marks have inputs, and its connection is a legacy Database connection."""
    told = errors(
        LISTED,
        mapping(lookup("SELECT n FROM names WHERE k = ? AND n = ?")),
        databases.connection(tmp_path / "it.db"),
    )
    assert any("has 2 '?' and 1 inputs" in one for one in told)
    told = errors(LISTED, mapping(lookup("SELECT 1")), http_connection("http://o.example"))
    assert any("is no Database (Legacy) connection" in one for one in told)


def connector_call(kind: str, action: str, request: str, key: int, single: str = "true") -> str:
    """A connector call that gives the element 3 of the profile ``answer``."""
    return function(
        "ConnectorCall",
        f'<ConnectorCall actionType="{action}" connectorType="{kind}" connectionId="connection" operationId="operation"'
        f' parameter-profile="{request}" output-profile="answer" enforceSingleResult="{single}">'
        f'<Input index="1" key="{key}" name="k"/><Output index="2" key="3" name="n"/></ConnectorCall>',
    )


def _named(seen: Seen) -> Answer:
    asked = seen.target.rpartition("/")[2] or json.loads(seen.body)["id"]
    return Answer(body=json.dumps({"name": asked.upper()} if asked != "none" else {}).encode())


async def test_a_connector_call_asks_for_each_line(tmp_path: Path) -> None:
    """Inputs of an HTTP Get are elements of its path; what changes nothing is asked once for the same input."""
    segments = '<pathElements><element key="1" name="n/"/><element isVariable="true" key="2" name="K"/></pathElements>'
    async with running_server() as server:
        server.answer = _named
        found = await ran(
            calling(*MAPS, first="say"),
            LISTED,
            profile("answer", entry(3, "name")),
            mapping(connector_call("http", "Get", "EMBEDDED|HttpParameterChooser|operation", 2)),
            http_connection(server.url),
            action(parts=segments),
        )
    assert [line["v"] for line in mapped(found)] == ["A", "B", "A"]
    assert sorted(seen.target for seen in server.seen) == ["/n/a", "/n/b", "/n/none"]


async def test_a_call_that_may_change_something_is_made_for_every_row(tmp_path: Path) -> None:
    """Its inputs are elements of the request's profile, of which a document is made."""
    rest = component(
        "connector-action",
        "operation",
        operation(
            '<GenericOperationConfig customOperationType="POST" operationType="EXECUTE"><field id="path" type="string"'
            ' value="/"/><Options/></GenericOperationConfig>'
        ),
        more='subType="officialboomi-X3979C-rest-prod"',
    )
    async with running_server() as server:
        server.answer = _named
        found = await ran(
            calling(*MAPS, first="say"),
            LISTED,
            profile("answer", entry(3, "name")),
            profile("asked", entry(3, "id")),
            mapping(connector_call("officialboomi-X3979C-rest-prod", "POST", "asked", 3)),
            component(
                "connector-settings",
                "connection",
                f'<GenericConnectionConfig xmlns=""><field id="url" type="string" value="{server.url}"/>'
                '<field id="auth" type="string" value="NONE"/></GenericConnectionConfig>',
                more='subType="officialboomi-X3979C-rest-prod"',
            ),
            rest,
        )
    assert [line["v"] for line in mapped(found)] == ["A", "B", "A"]
    assert [json.loads(seen.body)["id"] for seen in server.seen] == ["a", "b", "a", "none"]


@pytest.mark.parametrize(("single", "status"), [("true", Status.ERROR), ("false", Status.COMPLETE)])
async def test_more_than_one_answer_is_an_error_or_the_first_counts(
    tmp_path: Path, single: str, status: Status
) -> None:
    """As the call says."""
    for name in ("a1", "a2"):
        (tmp_path / name).write_text(json.dumps({"name": name}))
    options = (
        '<Options><QueryOptions><Fields><ConnectorObject name="File"><FieldList/><Filter><ConnectorBaseFilter>'
        '<ConnectorFilterExpression expressionField="fileName" expressionOperator="WILDCARD" key="0" name="n"/>'
        '</ConnectorBaseFilter></Filter></ConnectorObject></Fields><Inputs><Input key="0" name="n"/></Inputs>'
        "</QueryOptions></Options>"
    )
    disk = component(
        "connector-action",
        "operation",
        operation(
            '<GenericOperationConfig customOperationType="QUERY" operationType="QUERY"><field id="count" type="integer"'
            f' value="-1"/>{options}</GenericOperationConfig>'
        ),
        more='subType="disk-sdk"',
    )
    found = await ran(
        calling(saying('\'{"lines":[{"k":"a*"}]}\'', to="map"), MAPS[1], first="say"),
        LISTED,
        profile("answer", entry(3, "name")),
        mapping(connector_call("disk-sdk", "QUERY", "EMBEDDED|genericparameterchooser|operation", 0, single)),
        component(
            "connector-settings",
            "connection",
            f'<GenericConnectionConfig xmlns=""><field id="directory" type="string" value="{tmp_path}"/>'
            "</GenericConnectionConfig>",
            more='subType="disk-sdk"',
        ),
        disk,
    )
    assert found.status is status
    if status is Status.ERROR:
        assert "Nested connector call returned more than 1 document." in (found.message or "")
    else:
        assert mapped(found) == [{"v": "a1"}]


def test_what_a_call_names_is_checked_when_it_is_read() -> None:
    """A connector that is not here, an input that the operation has not."""
    told = errors(LISTED, profile("answer", entry(3, "name")), mapping(connector_call("salesforce", "Query", "", 3)))
    assert any("the connector 'salesforce' is not available here" in one for one in told)
    told = errors(
        LISTED,
        profile("answer", entry(3, "name")),
        mapping(connector_call("http", "Get", "EMBEDDED|HttpParameterChooser|operation", 9)),
        http_connection("http://o.example"),
        action(),
    )
    assert any("Parameter does not exist in profile for key: 9" in one for one in told)
