"""The platform's legacy Database connector (component XML 4.4, 6, 7; behaviour 101), over real files of SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.importing.native import convert
from runtime.model.journal import Status
from runtime.plugins import installed_connectors
from tests.bundle.components.exports import component, errors, read, shape
from tests.engine.platform.calls.databases import connection, get, made, profile, rows, send, statement
from tests.engine.platform.calls.exported import call, calling, literal, operation, ran, saying

THINGS = ((5, "Name", "character"), (6, "Qty", "number"), (7, "Made", "datetime"))
SELECT = "SELECT name, qty, made FROM things ORDER BY rowid"


def filled(folder: Path) -> Path:
    """Make a database with four things."""
    return made(
        folder,
        "CREATE TABLE things (name TEXT, qty NUMERIC, made TEXT)",
        "INSERT INTO things VALUES ('a', 1, '2026-01-31 10:20:30'), ('a', 2.50, NULL), ('b', 3, ''), ('a', NULL, '')",
    )


def lines(text: str) -> list[list[str]]:
    """Give the rows of an envelope."""
    body = text.partition("OUT_START|3|@|")[2].partition("|#|OUT_END")[0]
    return [row.split("|^|") for row in body.split("|#|") if row]


@pytest.mark.parametrize(
    ("attributes", "link", "names"),
    [
        ('batchCount="0" maxRows="0"', "", ["aaba"]),
        ('batchCount="0" maxRows="3"', 'linkElementKey="5"', ["aab"]),
        ('batchCount="1" maxRows="0"', "", ["a", "a", "b", "a"]),
        ('batchCount="3" maxRows="0"', "", ["aab", "a"]),
        ('batchCount="1" maxRows="0"', 'linkElementKey="5" linkElementName="x"', ["aa", "b", "a"]),
        ('batchCount="2" maxRows="0"', 'linkElementKey="5"', ["aab", "a"]),
    ],
)
async def test_rows_become_documents_by_batch_and_link(
    tmp_path: Path, attributes: str, link: str, names: list[str]
) -> None:
    """So many rows make one, 0 means all; equal neighbours in the linked column stay together; no row, no document."""
    path = filled(tmp_path)
    found = await ran(
        calling(call("database", "Get")),
        connection(path),
        profile("dbread", statement("select", THINGS, SELECT)),
        get(attributes, link),
    )
    assert ["".join(row[0] for row in lines(text)) for text in found.texts] == names
    nothing = await ran(
        calling(call("database", "Get")),
        connection(path),
        profile("dbread", statement("select", THINGS, "SELECT 1 WHERE 1 = 2")),
        get(attributes, link),
    )
    assert (nothing.status, nothing.texts) == (Status.COMPLETE, ())


async def test_columns_stand_by_their_place_in_the_formats_of_the_profile(tmp_path: Path) -> None:
    """Names do not count; what is missing is empty, and what the profile does not list is left out."""
    found = await ran(
        calling(call("database", "Get")),
        connection(filled(tmp_path)),
        profile("dbread", statement("select", THINGS, "SELECT name, qty, made, 'more' FROM things LIMIT 2")),
        get(),
    )
    assert lines(found.texts[0]) == [["a", "1", "2026-01-31 10:20"], ["a", "2.5", ""]]
    assert found.texts[0].startswith("DBSTART|")
    assert found.texts[0].endswith("|2|@|")


async def test_parameters_of_the_step_are_bound_to_the_marks_in_their_order(tmp_path: Path) -> None:
    """A number is one, and a quoted question mark is text."""
    found = await ran(
        calling(call("database", "Get", parameters=literal("9", "2") + literal("8", "a"))),
        connection(filled(tmp_path)),
        profile(
            "dbread",
            statement(
                "select",
                THINGS,
                "SELECT name || '?', qty, NULL FROM things WHERE name = ? AND qty &lt; ?",
                parameters=((8, "n", "character"), (9, "q", "number")),
            ),
        ),
        get(),
    )
    assert lines(found.texts[0]) == [["a?", "1", ""]]


def test_a_mark_without_a_parameter_is_told_at_deployment(tmp_path: Path) -> None:
    """The platform would find it at the first run; parameters that no mark uses are none of its business."""
    sql = "SELECT name, qty, made FROM things WHERE name = ?"
    parameters = ((8, "n", "character"),)
    told = errors(
        calling(call("database", "Get")),
        connection(tmp_path / "it.db"),
        profile("dbread", statement("select", THINGS, sql, parameters=parameters)),
        get(),
    )
    assert [one for one in told if "has 1 '?', and the step sets 0 parameters" in one]
    assert (
        errors(
            calling(call("database", "Get")),
            connection(tmp_path / "it.db"),
            profile("dbread", statement("select", THINGS, SELECT, parameters=parameters)),
            get(),
        )
        == []
    )


def rows_of(*written: str, key: int = 2) -> str:
    """Give a document with rows, as a map into the profile writes it."""
    body = "".join(f"{row}|#|" for row in written)
    return (
        f"DBSTART|x|{key}|@|BEGIN|{key}|@|OUT_START|{key + 1}|@|{body}|#|OUT_END|{key + 1}|@|END|{key}|@|"
        f"DBEND|x|{key}|@|"
    )


WRITES = (
    statement("standardinsertupdatedelete", THINGS, "INSERT INTO things (name, qty, made) VALUES (?, ?, ?)"),
    statement("dynamicinsert", THINGS, table="things"),
)


@pytest.mark.parametrize("written", WRITES)
async def test_a_send_writes_the_rows_of_its_document_and_gives_the_document_on(tmp_path: Path, written: str) -> None:
    """An empty value is null; times come in the format of the profile; an empty document writes nothing."""
    path = made(tmp_path, "CREATE TABLE things (name TEXT, qty NUMERIC, made TEXT)")
    text = rows_of("c|^|1.50|^|2026-02-01 09:30", "d|^||^|")
    found = await ran(
        calling(saying(text), call("database", "Send"), first="say"),
        connection(path),
        profile("dbwrite", written),
        send(),
    )
    assert found.texts == (text,)
    assert rows(path, "SELECT * FROM things") == [("c", 1.5, "2026-02-01T09:30:00"), ("d", None, None)]
    empty = await ran(calling(call("database", "Send")), connection(path), profile("dbwrite", written), send())
    assert (empty.status, empty.texts) == (Status.COMPLETE, ("",))
    assert rows(path, "SELECT count(*) FROM things") == [(2,)]


async def test_dynamic_changes_and_removals_are_made_of_table_fields_and_conditions(tmp_path: Path) -> None:
    """Conditions come after the fields, in the document as in the statement; or the step's parameters are the row."""
    path = filled(tmp_path)
    update = statement(
        "dynamicupdate",
        ((5, "name", "character"),),
        "left over",
        table="things",
        conditions=(((8, "qty", "number"), "greaterthanequal"), ((9, "name", "character"), "equal")),
    )
    await ran(
        calling(saying(rows_of("z|^|2|^|a")), call("database", "Send"), first="say"),
        connection(path),
        profile("dbwrite", update),
        send(),
    )
    assert rows(path, "SELECT name FROM things ORDER BY rowid") == [("a",), ("z",), ("b",), ("a",)]
    delete = statement("dynamicdelete", table="things", conditions=(((8, "name", "character"), "notequal"),))
    found = await ran(
        calling(call("database", "Send", parameters=literal("8", "b"))),
        connection(path),
        profile("dbwrite", delete),
        send(),
    )
    assert found.texts == ("",)
    assert rows(path, "SELECT name FROM things") == [("b",)]


@pytest.mark.parametrize(
    ("commit", "kept"),
    [
        ('batchCount="2" commitOption="commitprofile" enableBatching="true"', 0),
        ('batchCount="2" commitOption="commitrows" enableBatching="true"', 2),
        ('batchCount="0" commitOption="commitrows" enableBatching="false"', 3),
    ],
)
async def test_what_was_committed_before_an_error_stays(tmp_path: Path, commit: str, kept: int) -> None:
    """By profile all rows of a document go together; by rows so many at a time, and 0 means one."""
    path = made(tmp_path, "CREATE TABLE things (name TEXT UNIQUE)")
    insert = statement("dynamicinsert", ((5, "name", "character"),), table="things")
    found = await ran(
        calling(saying(rows_of("a", "b", "c", "a")), call("database", "Send"), first="say"),
        connection(path),
        profile("dbwrite", insert),
        send(commit),
    )
    assert found.status is Status.ERROR
    assert "UNIQUE constraint failed" in (found.message or "")
    assert rows(path, "SELECT count(*) FROM things") == [(kept,)]


async def test_several_statements_write_their_own_rows_in_one_transaction(tmp_path: Path) -> None:
    """A parent and its lines; when one is refused none is kept."""
    path = made(tmp_path, "CREATE TABLE heads (id TEXT)", "CREATE TABLE lines (id TEXT UNIQUE)")
    both = profile(
        "dbwrite",
        statement("dynamicinsert", ((5, "id", "character"),), table="heads"),
        statement("dynamicinsert", ((15, "id", "character"),), table="lines", key=12),
    )
    lines_of = "BEGIN|12|@|OUT_START|13|@|1|#||#|OUT_END|13|@|END|12|@|DBEND"
    text = rows_of("h").replace("DBEND", lines_of, 1)
    for status in (Status.COMPLETE, Status.ERROR):
        found = await ran(calling(saying(text), call("database", "Send"), first="say"), connection(path), both, send())
        assert found.status is status
        assert rows(path, "SELECT count(*) FROM heads") == [(1,)]


async def test_rows_go_through_a_map_into_another_table(tmp_path: Path) -> None:
    """What a Get gives, a map between two database profiles reads and writes for a Send."""
    path = filled(tmp_path)
    made(tmp_path, "CREATE TABLE copies (label TEXT, made TEXT)")
    target = profile(
        "dbwrite",
        statement("dynamicinsert", ((5, "label", "character"), (6, "made", "datetime")), table="copies"),
        identity="target",
    )
    mapping = component(
        "transform.map",
        "map",
        '<Map xmlns="" fromProfile="rows" toProfile="target"><Mappings>'
        '<Mapping fromKey="5" fromType="profile" toKey="5" toType="profile"/>'
        '<Mapping fromKey="7" fromType="profile" toKey="6" toType="profile"/></Mappings>'
        '<Functions optimizeExecutionOrder="true"/><Defaults/><DocumentCacheJoins/></Map>',
    )
    sending = (
        send()
        .replace(b'componentId="operation"', b'componentId="sending"')
        .replace(b'profileId="rows"', b'profileId="target"')
    )
    await ran(
        calling(
            call("database", "Get", to="map"),
            shape("map", "map", '<map mapId="map"/>', "send"),
            shape(
                "send",
                "connectoraction",
                '<connectoraction actionType="Send" connectionId="connection" connectorType="database"'
                ' operationId="sending"><parameters/><dynamicProperties/></connectoraction>',
                "end",
            ),
        ),
        connection(path),
        profile("dbread", statement("select", THINGS, "SELECT name, qty, made FROM things WHERE qty &lt; 3")),
        get(),
        target,
        mapping,
        sending,
    )
    assert rows(path, "SELECT * FROM copies") == [("a", "2026-01-31T10:20:00"), ("a", None)]


def test_connections_are_read_by_the_form_of_their_url(tmp_path: Path) -> None:
    """Host, port and database stand where the form has places; what the machine gives becomes an extension."""
    overrides = (
        '<bns:processOverrides><Overrides xmlns=""><Connections><ConnectionOverride id="connection"><field id="host"'
        ' label="Host" overrideable="true" xpath="DatabaseConnectionSettings/@host"/></ConnectionOverride>'
        "</Connections></Overrides></bns:processOverrides>"
    )
    one = calling(call("database", "Get")).replace(b"<bns:processOverrides/>", overrides.encode())
    written = connection("shop", "jdbc:postgresql://{0}:{1}/{2}{3}").replace(
        b'username="" password=""', b'username="ann" password="00ff"'
    )
    result, problems = read(one, written, profile("dbread", statement("select", THINGS, SELECT)), get())
    assert [one for one in problems if one.severity == "error"] == []
    settings = result.connections["Store"].settings
    assert [part if isinstance(part, str) else part.source for part in settings["url"].parts] == [
        "jdbc:postgresql://",
        "extension.store-host",
        ":",
        "5432",
        "/",
        "shop",
    ]
    assert {name: (one.kind, one.default) for name, one in result.extensions.items()} == {
        "store-host": ("string", "db"),
        "store-password": ("secret", None),
    }
    told = errors(connection("shop", "jdbc:sqlserver://{0}:{1};database={2}{3}"))
    assert any("databases of the driver 'custom' are not spoken here" in one for one in told)


def test_calls_keep_their_meaning_as_yaml(tmp_path: Path) -> None:
    """Rows, requests of parameters, and properties that are set for the next call are written and read again."""
    source = tmp_path / "exported"
    (source / "components").mkdir(parents=True)
    (source / "bundle.yaml").write_text("name: exported\nversion: 1.0\n", encoding="utf-8")
    disk = '<GenericOperationConfig operationType="CREATE"><field id="createDir" type="boolean" value="true"/>'
    place = (
        '<GenericConnectionConfig xmlns=""><field id="directory" type="string" value="/a"/></GenericConnectionConfig>'
    )
    put = (
        '<connectoraction actionType="CREATE" connectionId="folder" connectorType="disk-sdk" operationId="creating">'
        "<parameters/><dynamicProperties/></connectoraction>"
    )
    files = (
        calling(
            call("database", "Get", parameters=literal("8", "a"), to="put"), shape("put", "connectoraction", put, "end")
        ),
        connection(tmp_path / "it.db"),
        profile("dbread", statement("select", THINGS, SELECT, parameters=((8, "n", "character"),))),
        get('batchCount="1" maxRows="0"', 'linkElementKey="5"'),
        component("connector-settings", "folder", place, more='subType="disk-sdk"'),
        component(
            "connector-action", "creating", operation(f"{disk}</GenericOperationConfig>"), more='subType="disk-sdk"'
        ),
    )
    for number, content in enumerate(files):
        (source / "components" / f"{number}.xml").write_bytes(content)
    made_of = convert(source, installed_connectors())
    assert [one.reasons for one in made_of.processes] == [()]


async def test_a_start_fetches_the_documents_that_a_process_begins_with(tmp_path: Path) -> None:
    """1.1: a connector start makes its call once, and its answers are what reaches the next step."""
    fetching = (
        b'<connectoraction actionType="Get" allowDynamicCredentials="NONE" connectionId="connection"'
        b' connectorType="database" hideSettings="false" operationId="operation"><parameters/><dynamicProperties/>'
        b"</connectoraction>"
    )
    found = await ran(
        calling(first="end").replace(b"<noaction/>", fetching),
        connection(filled(tmp_path)),
        profile("dbread", statement("select", THINGS, SELECT)),
        get('batchCount="3" maxRows="0"'),
    )
    assert [[row[0] for row in lines(text)] for text in found.texts] == [["a", "a", "b"], ["a"]]
