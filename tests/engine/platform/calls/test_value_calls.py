"""Parameter values that call a connector (component XML, section 3): SQL statements and connector calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, shape
from tests.connectors.http.server import Answer, running_server
from tests.engine.platform.calls import databases
from tests.engine.platform.calls.exported import calling, literal, ran, saying, setting
from tests.engine.platform.calls.test_http_client import action
from tests.engine.platform.calls.test_http_client import connection as http_connection
from tests.engine.platform.calls.test_map_calls import entry, profile


def telling(value: str, text: str = "got {1}") -> str:
    """A Message of one value."""
    return shape(
        "tell",
        "message",
        f'<message combined="false"><msgTxt>{text}</msgTxt><msgParameters>{value}</msgParameters></message>',
        "end",
    )


def statement(sql: str, column: int = 1) -> str:
    """The value of an SQL statement with the document's text for its mark."""
    return (
        f'<parametervalue key="0" valueType="sql"><sqlparameter cachevalues="false" connection="connection"'
        f' outputdatatype="1" outputpos="{column}"><sqltoexecute>{sql}</sqltoexecute><parameters>'
        '<parametervalue key="0" valueType="current"/></parameters></sqlparameter></parametervalue>'
    )


async def test_an_sql_statement_gives_a_column_of_its_first_row(tmp_path: Path) -> None:
    """For each document; where it finds nothing there is nothing, which a Message prints as null."""
    path = databases.made(
        tmp_path, "CREATE TABLE names (k TEXT, n INTEGER)", "INSERT INTO names VALUES ('a', 1), ('b', 2)"
    )
    exports = (databases.connection(path),)
    value = statement("SELECT k, n FROM names WHERE k = ?", 2)
    for text, told in (("b", "got 2"), ("z", "got null")):
        found = await ran(calling(saying(text, to="tell"), telling(value), first="say"), *exports)
        assert found.texts == (told,)
    refused = await ran(
        calling(saying("b", to="tell"), telling(statement("SELECT x FROM names WHERE k = ?")), first="say"), *exports
    )
    assert refused.status is Status.ERROR
    assert "no such column: x" in (refused.message or "")


def calling_value(parameters: str = "", output: int = 3) -> str:
    """The value of a connector call."""
    return (
        '<parametervalue key="0" valueType="connector"><connectorparameter actionType="Get" connectionId="connection"'
        ' connectorType="http" enforceSingleResult="true" operationId="operation"'
        f' outputParamId="{output}" outputParamName="name (Root/Object/name)"><inputs>{parameters}</inputs>'
        "</connectorparameter></parametervalue>"
    )


GETS = action(
    attributes='methodType="GET" responseProfile="answer"',
    parts='<pathElements><element key="1" name="n/"/><element isVariable="true" key="2" name="K"/></pathElements>',
)


async def test_a_connector_call_gives_an_element_of_its_answer() -> None:
    """Its inputs are parameters of the operation, and properties of the document stand where it has variables."""
    async with running_server() as server:
        server.answer = lambda seen: Answer(body=b'{"name":"%s"}' % seen.target[3:].upper().encode())
        for parameters, told in (("", "got DDP"), (literal("2", "step"), "got STEP")):
            found = await ran(
                calling(
                    saying("x", to="set"),
                    setting(("dynamicdocument.K", "ddp"), to="tell"),
                    telling(calling_value(parameters)),
                    first="say",
                ),
                http_connection(server.url),
                GETS,
                profile("answer", entry(3, "name")),
            )
            assert found.texts == (told,)
    assert [seen.target for seen in server.seen] == ["/n/ddp", "/n/step"]


def test_what_a_value_calls_is_checked_when_it_is_read() -> None:
    """The connection, the operation's response profile, and the element in it."""
    told = errors(calling(telling(statement("SELECT 1")), first="tell"))
    assert any("the connection 'connection' is not in the bundle" in one for one in told)
    told = errors(calling(telling(calling_value()), first="tell"), http_connection("http://o.example"), action())
    assert any("has no response profile" in one for one in told)
    told = errors(
        calling(telling(calling_value(output=99)), first="tell"),
        http_connection("http://o.example"),
        GETS,
        profile("answer", entry(3, "name")),
        component("crossref", "x", '<CrossRefTable xmlns=""/>'),
    )
    assert any("has no element with the key 99" in one for one in told)


async def drawn(folder: Path, *, kept: bool) -> tuple[str, ...]:
    """Ask for a number that is another one each time, for three documents."""
    value = statement("SELECT random() || ?").replace('cachevalues="false"', f'cachevalues="{str(kept).lower()}"')
    connection = databases.connection(databases.made(folder))
    return (await ran(calling(telling(value, "{1}"), first="tell"), connection, start=[b"a", b"b", b"a"])).texts


@pytest.mark.parametrize("kept", [True, False])
async def test_values_that_are_kept_are_asked_once(tmp_path: Path, *, kept: bool) -> None:
    """1.25: `cachevalues` keeps what equal parameters gave, and nothing else."""
    first, other, again = await drawn(tmp_path, kept=kept)
    assert (first == again) is kept
    assert first != other


async def test_what_is_bound_is_never_a_part_of_the_statement(tmp_path: Path) -> None:
    """A document cannot say what is asked; a column that there is not fails it."""
    path = databases.made(tmp_path, "CREATE TABLE names (k TEXT)", "INSERT INTO names VALUES ('a')")
    asks = telling(statement("SELECT k FROM names WHERE k = ?"))
    found = await ran(calling(asks, first="tell"), databases.connection(path), start=[b"x' OR '1' = '1", b"a"])
    assert found.texts == ("got null", "got a")
    asks = telling(statement("SELECT k FROM names WHERE k = ?", 2))
    found = await ran(calling(asks, first="tell"), databases.connection(path), start=[b"a"])
    assert "gives 1 columns, and the value is column 2" in (found.message or "")


@pytest.mark.parametrize(
    ("sql", "column", "reason"),
    [("SELECT 1 WHERE ? = ?", 1, "has 2 '?' and 1 parameters"), (" ", 1, "no statement"), ("SELECT 1", 0, "from 1")],
)
def test_a_statement_is_checked_when_it_is_read(tmp_path: Path, sql: str, column: int, reason: str) -> None:
    """With the reason."""
    told = errors(calling(telling(statement(sql, column)), first="tell"), databases.connection(tmp_path / "it.db"))
    assert any(reason in one for one in told), told


async def test_a_procedure_is_called(tmp_path: Path) -> None:
    """1.25: with marks for its parameters; a database that has none says so, and the document fails."""
    value = (
        '<parametervalue key="0" valueType="sp"><spparameter connection="connection" outputdatatype="1" outputpos="1"'
        ' sqltoexecute="tell"><parameters><parametervalue key="0" valueType="current"/></parameters></spparameter>'
        "</parametervalue>"
    )
    connection = databases.connection(databases.made(tmp_path))
    found = await ran(calling(telling(value), first="tell"), connection, start=[b"a"])
    assert found.status is Status.ERROR
    assert "CALL" in (found.message or "")
