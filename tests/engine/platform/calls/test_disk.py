"""The platform's disk connectors (component XML, sections 6 and 7; behaviour 102), over real folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, read, shape
from tests.engine.platform.calls.exported import Ran, call, calling, literal, operation, ran, saying, setting

FIELDS = (
    '<ConnectorField filterable="true" name="createdDate" selectable="true" selected="true" sortable="true"/>'
    '<ConnectorField filterable="false" name="directory" selectable="true" selected="true" sortable="false"/>'
)


def connection(directory: str, kind: str = "disk-sdk") -> bytes:
    """A connection, of Disk V2 or the older Disk."""
    body = (
        f'<GenericConnectionConfig xmlns=""><field id="directory" type="string" value="{directory}"/>'
        '<field id="pollingInterval" type="integer" value="10000"/></GenericConnectionConfig>'
        if kind == "disk-sdk"
        else f'<DiskSettings xmlns="" directory="{directory}"/>'
    )
    return component("connector-settings", "connection", body, name="Files", more=f'subType="{kind}"')


def action(kind: str, fields: str = "", inputs: str = "", filters: str = "") -> bytes:
    """An operation of Disk V2. LIST is a query of another kind."""
    types = 'objectTypeId="FILE" operationType="QUERY"' if kind in {"QUERY", "LIST"} else f'operationType="{kind}"'
    custom = f'customOperationType="{kind}"' if kind in {"QUERY", "LIST"} else ""
    return component(
        "connector-action",
        "operation",
        operation(
            f'<GenericOperationConfig {custom} {types} requestProfileType="xml" responseProfileType="json">{fields}'
            f'<Options><QueryOptions><Fields><ConnectorObject name="File"><FieldList>{FIELDS}</FieldList>{filters}'
            f"</ConnectorObject></Fields><Inputs>{inputs}</Inputs></QueryOptions></Options></GenericOperationConfig>"
        ),
        more='subType="disk-sdk"',
    )


def field(name: str, value: str) -> str:
    """A field of an operation."""
    return f'<field id="{name}" type="string" value="{value}"/>'


def within(folder: Path) -> list[str]:
    """Give the files below a folder, by their paths in it."""
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


async def wrote(folder: Path, fields: str, *properties: tuple[str, str], kind: str = "CREATE", text: str = "x") -> Ran:
    """Write a document to a file."""
    return await ran(
        calling(saying(text, to="set"), setting(*properties), call("disk-sdk", kind), first="say"),
        connection(str(folder)),
        action(kind, fields),
    )


async def test_a_file_is_made_of_the_document_where_its_properties_say(tmp_path: Path) -> None:
    """Name and directory are properties of the document; below slashes in the name are further directories."""
    made = await wrote(
        tmp_path,
        field("createDir", "true") + field("includeAll", "true"),
        ("connector.disk-sdk.fileName", "a/b/one.txt"),
        ("connector.disk-sdk.directory", "out"),
    )
    assert (tmp_path / "out/a/b/one.txt").read_text() == "x"
    described = json.loads(made.texts[0])
    assert list(described) == ["fileName", "directory", "createdDate", "modifiedDate", "fileSize", "isDirectory"]
    assert (described["fileName"], described["directory"], described["fileSize"]) == ("one.txt", "out/a/b", 1)
    assert described["modifiedDate"][-1] == "Z"
    assert len(described["modifiedDate"]) == len("2026-01-31T10:00:00.000Z")
    short = await wrote(tmp_path, field("includeAll", "false"), ("connector.disk-sdk.fileName", "two.txt"))
    assert json.loads(short.texts[0]) == {"fileName": "two.txt", "directory": str(tmp_path)}


@pytest.mark.parametrize(
    ("kind", "fields", "name", "content"),
    [
        ("CREATE", field("actionIfFileExists", "APPEND"), "one.txt", "oldx"),
        ("CREATE", field("actionIfFileExists", "OVERWRITE"), "one.txt", "x"),
        ("CREATE", field("actionIfFileExists", "FORCE_UNIQUE_NAMES"), "one1.txt", "x"),
        ("UPSERT", field("append", "true"), "one.txt", "oldx"),
        ("UPSERT", field("append", "false"), "one.txt", "x"),
    ],
)
async def test_what_happens_to_a_file_that_is_there(
    tmp_path: Path, kind: str, fields: str, name: str, content: str
) -> None:
    """As the operation says; a unique name has a number before its ending."""
    (tmp_path / "one.txt").write_text("old")
    made = await wrote(tmp_path, fields, ("connector.disk-sdk.fileName", "one.txt"), kind=kind)
    assert json.loads(made.texts[0])["fileName"] == name
    assert (tmp_path / name).read_text() == content


async def test_errors_have_the_platforms_numbers(tmp_path: Path) -> None:
    """No name is 5, no directory 6, a file that is there 2; nothing is written."""
    (tmp_path / "one.txt").write_text("old")
    nameless = await wrote(tmp_path, "", ("dynamicdocument.X", "1"))
    there = await wrote(tmp_path, field("actionIfFileExists", "ERROR"), ("connector.disk-sdk.fileName", "one.txt"))
    nowhere = await ran(
        calling(setting(("connector.disk-sdk.fileName", "a")), call("disk-sdk", "CREATE"), first="set"),
        connection(""),
        action("CREATE"),
        machine={"files-folder": str(tmp_path)},
    )
    for made, number in ((nameless, "[5]"), (there, "[2]"), (nowhere, "[6] the directory cannot be empty.")):
        assert made.status is Status.ERROR
        assert number in (made.message or "")
    assert within(tmp_path) == ["one.txt"]


async def test_no_property_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Neither by climbing nor by an absolute path; one that begins with the folder is inside."""
    inside = tmp_path / "in"
    inside.mkdir()
    for directory, name in (("..", "a"), (str(tmp_path), "a"), (".", "../a"), (f"{inside}x", "a")):
        made = await wrote(
            inside, "", ("connector.disk-sdk.directory", directory), ("connector.disk-sdk.fileName", name)
        )
        assert made.status is Status.ERROR
    made = await wrote(
        inside,
        field("createDir", "true"),
        ("connector.disk-sdk.directory", f"{inside}/below"),
        ("connector.disk-sdk.fileName", "a"),
    )
    assert made.status is Status.COMPLETE
    assert within(tmp_path) == ["in/below/a"]


async def test_a_relative_directory_lies_in_a_folder_that_the_machine_names(tmp_path: Path) -> None:
    """The platform's own folder is none that this machine has."""
    made = await ran(
        calling(setting(("connector.disk-sdk.fileName", "a")), call("disk-sdk", "CREATE"), first="set"),
        connection("work/output"),
        action("CREATE", field("createDir", "true")),
        machine={"files-folder": str(tmp_path)},
    )
    assert json.loads(made.texts[0])["directory"] == "work/output"
    assert (tmp_path / "work/output/a").is_file()


async def test_get_gives_the_file_that_its_parameter_names(tmp_path: Path) -> None:
    """And removes it where the operation says so; a missing one is error 1."""
    (tmp_path / "c.json").write_text("{}")
    exports = (
        calling(call("disk-sdk", "GET", parameters=literal("0", "c.json", "ID"))),
        connection(str(tmp_path)),
        action("GET", field("deleteAfter", "true"), '<Input key="0" name="ID"/>'),
    )
    assert (await ran(*exports)).texts == ("{}",)
    assert f"[1] the '{tmp_path}/c.json' file does not exist" in ((await ran(*exports)).message or "")
    assert within(tmp_path) == []


FILTERS = (
    '<Filter><ConnectorBaseFilter><ConnectorFilterLogical logicalOperator="and"><ConnectorFilterExpression'
    ' expressionField="fileName" expressionOperator="WILDCARD" key="0" name="fileName:WILDCARD" type="FilePath"/>'
    '<ConnectorFilterExpression expressionField="fileSize" expressionOperator="GREATER_THAN" key="1"'
    ' name="fileSize:GREATER_THAN" type="Comparable"/></ConnectorFilterLogical></ConnectorBaseFilter></Filter><Sorts/>'
)
INPUTS = '<Input key="0" name="fileName:WILDCARD"/><Input key="1" name="fileSize:GREATER_THAN"/>'


async def test_query_gives_files_and_list_describes_entries(tmp_path: Path) -> None:
    """In the order of names, as far as the filters fit that have a value, and up to the count."""
    for name, content in (("b.csv", "bb"), ("a.csv", "a"), ("c.csv", "ccc"), ("d.txt", "dddd")):
        (tmp_path / name).write_text(content)
    (tmp_path / "sub").mkdir()
    for parameters, count, texts in (
        (literal("0", "*.csv") + literal("1", "1"), "-1", ("bb", "ccc")),
        (literal("0", "*.csv"), "2", ("a", "bb")),
        ("", "-1", ("a", "bb", "ccc", "dddd")),
    ):
        made = await ran(
            calling(call("disk-sdk", "QUERY", parameters=parameters)),
            connection(str(tmp_path)),
            action("QUERY", field("count", count), INPUTS, FILTERS),
        )
        assert made.texts == texts
    made = await ran(calling(call("disk-sdk", "LIST")), connection(str(tmp_path)), action("LIST", field("count", "-1")))
    assert [(one["fileName"], one["isDirectory"]) for one in map(json.loads, made.texts)][-2:] == [
        ("d.txt", False),
        ("sub", True),
    ]


async def test_delete_removes_the_file_of_an_xml_document_and_nothing_goes_on(tmp_path: Path) -> None:
    """A missing file is error 1, a directory 4."""
    (tmp_path / "a").write_text("")
    (tmp_path / "b").mkdir()
    made = [
        await ran(
            calling(
                saying(f"&lt;DeleteProfileConfig&gt;&lt;id&gt;{name}&lt;/id&gt;&lt;/DeleteProfileConfig&gt;"),
                call("disk-sdk", "DELETE"),
                first="say",
            ),
            connection(str(tmp_path)),
            action("DELETE"),
        )
        for name in ("a", "a", "b")
    ]
    assert [one.status for one in made] == [Status.COMPLETE, Status.ERROR, Status.ERROR]
    assert made[0].texts == ()
    assert "[1]" in (made[1].message or "")
    assert "[4]" in (made[2].message or "")


async def test_the_older_disk_gets_by_a_filter_and_sends_documents_on(tmp_path: Path) -> None:
    """What was read is removed, and what was written goes on as it was."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("a")
    (tmp_path / "in/b.txt").write_text("b")
    get = '<DiskGetAction deleteAfterRead="true" fileFilter="*.csv" filterMatchType="wildcard" getDirectory="in"'
    made = await ran(
        calling(call("disk", "Get", to="set"), setting(("connector.disk.filename", "c"), to="put"), _send("put")),
        connection(str(tmp_path), "disk"),
        component("connector-action", "operation", operation(f'{get} maxFileCount="0"/>'), more='subType="disk"'),
        component(
            "connector-action",
            "sending",
            operation('<DiskSendAction createDirectory="true" sendDirectory="out" writeOption="over"/>'),
            more='subType="disk"',
        ),
    )
    assert made.texts == ("a",)
    assert within(tmp_path) == ["in/b.txt", "out/c"]


def _send(name: str) -> str:
    return shape(
        name,
        "connectoraction",
        '<connectoraction actionType="Send" connectionId="connection" connectorType="disk" operationId="sending">'
        "<parameters/><dynamicProperties/></connectoraction>",
        "end",
    )


def test_what_the_machine_must_name_is_an_extension_and_only_starts_listen() -> None:
    """A relative directory needs a folder; a step does not wait for files."""
    result, _ = read(connection("work"))
    assert {name: one.required for name, one in result.extensions.items()} == {"files-folder": True}
    told = errors(calling(call("disk-sdk", "LISTEN")), connection("/a"), action("LISTEN"))
    assert any("where a operation is wanted" in one for one in told), told
