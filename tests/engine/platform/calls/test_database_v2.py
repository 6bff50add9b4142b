"""The platform's Database V2 connector (component XML, sections 6 and 7; behaviour 101), over real files of SQLite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, read
from tests.engine.platform.calls.databases import made, rows
from tests.engine.platform.calls.exported import Ran, call, calling, operation, ran, saying

V2 = "officialboomi-X3979C-dbv2da-prod"


def connection(path: Path | str, more: str = "") -> bytes:
    """A connection."""
    return component(
        "connector-settings",
        "connection",
        f'<GenericConnectionConfig xmlns=""><field id="url" type="string" value="jdbc:sqlite:{path}"/>'
        '<field id="className" type="string" value="org.sqlite.JDBC"/><field id="username" type="string" value=""/>'
        '<field id="CustomProperties" type="customproperties"><customProperties/></field>'
        f'<field id="enablePooling" type="boolean" value="false"/><field id="connectTimeOut" type="integer"/>{more}'
        "</GenericConnectionConfig>",
        name="Store",
        more=f'subType="{V2}"',
    )


def action(kind: str, *fields: tuple[str, str], table: str = "things") -> bytes:
    """An operation, with the columns that the editor knows."""
    written = "".join(f'<field id="{name}" type="string" value="{value}"/>' for name, value in fields)
    return component(
        "connector-action",
        "operation",
        operation(
            f'<GenericOperationConfig customOperationType="{kind}" objectTypeId="{table}" operationType="EXECUTE"'
            ' requestProfile="r" requestProfileType="json" responseProfileType="json">'
            f'<field id="schemaName" type="string" value=""/>{written}<Options><QueryOptions><Fields>'
            f'<ConnectorObject name="{table}"><FieldList><ConnectorField filterable="true" name="id"/></FieldList>'
            "</ConnectorObject></Fields><Inputs/></QueryOptions></Options></GenericOperationConfig>"
        ),
        more=f'subType="{V2}"',
    )


def filled(folder: Path) -> Path:
    """Make a database with three things."""
    return made(
        folder,
        "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, at TIMESTAMP)",
        "INSERT INTO things VALUES (1, 'a', '2026-01-31 10:20:30'), (2, 'b', NULL), (3, 'a', NULL)",
    )


async def made_of(path: Path, document: object, written: bytes, kind: str) -> Ran:
    """Call with a document."""
    text = "" if document is None else f"'{json.dumps(document)}'"
    return await ran(calling(saying(text), call(V2, kind), first="say"), connection(path), written)


@pytest.mark.parametrize(
    ("fields", "document", "found"),
    [
        ((("query", "SELECT id FROM things ORDER BY id"),), {}, [{"id": 1}, {"id": 2}, {"id": 3}]),
        ((("query", "SELECT id FROM things ORDER BY id"),), None, [{"id": 1}, {"id": 2}, {"id": 3}]),
        ((("query", "SELECT id FROM things ORDER BY id"), ("maxRows", "2")), {}, [{"id": 1}, {"id": 2}]),
        (
            (("query", "SELECT id FROM things ORDER BY id"), ("batchCount", "2")),
            {},
            [[{"id": 1}, {"id": 2}], [{"id": 3}]],
        ),
        ((("query", "SELECT name FROM things WHERE id = ? AND name = ?"),), {"x": 2, "y": "b"}, [{"name": "b"}]),
        ((("query", "SELECT id FROM things WHERE name = $n ORDER BY id"),), {"n": "a"}, [{"id": 1}, {"id": 3}]),
        (
            (("query", "where id in ($things.id) and name = $n"), ("INClause", "true")),
            {"things.id": [1, 2], "n": "a"},
            [{"id": 1, "name": "a", "at": "2026-01-31 10:20:30"}],
        ),
        ((("GetType", "Dynamic Get"),), {"name": "b"}, [{"id": 2, "name": "b", "at": None}]),
        ((("GetType", "Dynamic Get"), ("INClause", "true")), {"id": [2, 9]}, [{"id": 2, "name": "b", "at": None}]),
    ],
)
async def test_a_get_gives_a_document_for_each_row(
    tmp_path: Path, fields: tuple[tuple[str, str], ...], document: object, found: list[object]
) -> None:
    """By the operation's own query, whose names or marks are members of the document, or by the document alone."""
    answer = await made_of(filled(tmp_path), document, action("GET", *fields), "GET")
    assert [json.loads(text) for text in answer.texts] == found


async def test_a_document_that_is_not_what_the_query_asks_for_gives_one_empty_document(tmp_path: Path) -> None:
    """And no error, as on the platform; an empty one lacks a parameter, which is an error."""
    path, written = filled(tmp_path), action("GET", ("query", "SELECT id FROM things WHERE id = ?"))
    assert (await made_of(path, {"a": 1, "b": 2}, written, "GET")).texts == ("",)
    told = await made_of(path, {}, written, "GET")
    assert "The value is not set for the parameter number 1." in (told.message or "")


async def test_changes_are_made_of_the_document_or_of_the_operation(tmp_path: Path) -> None:
    """Members or entries are rows, SET and WHERE columns with values; the answer tells what has been done."""
    path = filled(tmp_path)
    steps: list[tuple[str, tuple[tuple[str, str], ...], object, int]] = [
        ("CREATE", (("InsertionType", "Dynamic Insert"),), {"id": 4, "name": "d"}, 1),
        (
            "CREATE",
            (("InsertionType", "Dynamic Insert"),),
            {"requestBody": {"entries": [{"id": 5, "name": "e"}, {"id": 6, "name": "f"}]}},
            2,
        ),
        (
            "CREATE",
            (("InsertionType", "Standard Insert"), ("query", "insert into things (id, name) values (?, ?)")),
            {"a": 7, "b": "g"},
            1,
        ),
        (
            "UPDATE",
            (("UpdateType", "Dynamic Update"),),
            {
                "SET": [{"column": "name", "value": "new"}],
                "WHERE": [{"column": "id", "value": "4", "operator": "&gt;"}, {"column": "name", "value": "g"}],
            },
            1,
        ),
        (
            "UPDATE",
            (("UpdateType", "Standard Update"), ("query", "update things set name = $to where id = $id")),
            {"id": 1, "to": "A"},
            1,
        ),
        ("UPSERT", (("query", ""),), {"id": 2, "name": "B"}, 1),
        ("DELETE", (("DeleteType", "Dynamic Delete"),), {"WHERE": [{"column": "id", "value": 3, "operator": "="}]}, 1),
        (
            "DELETE",
            (("DeleteType", "Standard Delete"), ("query", "delete from things where id in ($ids)")),
            {"ids": [5, 6]},
            2,
        ),
    ]
    for kind, fields, document, changed in steps:
        answer = await made_of(path, document, action(kind, *fields), kind)
        assert answer.message is None
        told = json.loads(answer.texts[0])
        assert list(told) == ["Query", "Rows Effected", "Status"]
        assert told["Rows Effected"] == changed
    assert rows(path, "SELECT id, name FROM things ORDER BY id") == [(1, "A"), (2, "B"), (4, "d"), (7, "new")]


async def test_what_would_mean_all_rows_or_another_column_is_refused(tmp_path: Path) -> None:
    """No document makes a statement of its own words."""
    path = filled(tmp_path)
    update, delete = (
        action("UPDATE", ("UpdateType", "Dynamic Update")),
        action("DELETE", ("DeleteType", "Dynamic Delete")),
    )
    for written, kind, document in (
        (delete, "DELETE", {"WHERE": []}),
        (delete, "DELETE", {"WHERE": [{"column": "1=1 OR id", "value": 1}]}),
        (delete, "DELETE", {"WHERE": [{"column": "id", "value": 1, "operator": "= 1 OR 1 ="}]}),
        (update, "UPDATE", {"SET": [{"column": "name = 1, id", "value": 1}], "WHERE": [{"column": "id", "value": 1}]}),
    ):
        assert (await made_of(path, document, written, kind)).status is Status.ERROR
    assert rows(path, "SELECT count(*) FROM things") == [(3,)]


def test_what_is_not_made_here_is_refused_and_what_is_secret_is_the_machines() -> None:
    """Transactions over several steps, procedures, other databases; a password is an extension."""
    told = errors(calling(call(V2, "CREATE")), connection("/it.db"), action("CREATE", ("joinTransaction", "true")))
    assert any("none can be joined" in one for one in told)
    told = errors(calling(call(V2, "STOREDPROCEDURE")), connection("/it.db"), action("STOREDPROCEDURE"))
    assert any("the action 'STOREDPROCEDURE'" in one for one in told)
    other = connection("/it.db").replace(b"jdbc:sqlite:", b"jdbc:oracle:")
    assert any("are not spoken here" in one for one in errors(other))
    result, _ = read(connection("/it.db", '<field id="password" type="password" value="00ff"/>'))
    assert {name: one.kind for name, one in result.extensions.items()} == {"store-password": "secret"}
