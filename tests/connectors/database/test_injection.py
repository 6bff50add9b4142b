from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.database.sql import MARIADB, POSTGRESQL, SQLITE, Syntax, cut, join
from runtime.sdk.contract import expect_fault
from runtime.sdk.faults import ApplicationFault, NotSent
from tests.connectors.database.target import Target, call

ATTACKS = [
    "'; DROP TABLE things; --",
    "' OR '1'='1",
    "\\'; DROP TABLE things; -- ",
    "\\\\' OR 1=1 #",
    '" OR ""="',
    "%(p0)s %s %% {0} :id ? $1",
    "*/ OR 1=1 /*",
    "\n-- \r\n'",
    "`\u00b4\u2018\u2019\u02bc\uff07",
    "\x1a\x08\x00"[:2],
]
NAMES = ['a "quoted" `name`', "per%cent %s", "with:colon and (brackets)", "select", "sch.dot", "ümläut", "__value_0"]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_looks_like_sql_stays_data(target: Target, attack: str) -> None:
    """A value is found again as the text that it is, by whichever operation, and nothing else happens."""
    await target.table("id INTEGER PRIMARY KEY, name VARCHAR(99)")
    await target.write("insert", [{"id": 1, "name": attack}, {"id": 2, "name": "other"}], table="things")
    assert await target.rows("SELECT name FROM things WHERE name = :name", {"name": attack}) == [{"name": attack}]
    assert await target.rows("SELECT id FROM things WHERE name IN :all", {"all": [attack, attack]}) == [{"id": 1}]
    key = {"table": "things", "key_columns": "name"}
    assert await target.write("update", {"id": 3, "name": attack}, **key) == {"rows": "1"}
    assert await target.write("upsert", {"id": 3, "name": attack}, table="things", key_columns="id") == {"rows": "1"}
    assert await target.write("delete", {"name": attack}, **key) == {"rows": "1"}
    assert await target.rows("SELECT id FROM things") == [{"id": 2}]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_parameter_in_quotes_is_text(target: Target, attack: str) -> None:
    """A ``:name`` within a quoted text or a comment is no parameter: no value can get out of the quotes."""
    sql = "SELECT '%:name%' AS a, ' :name' AS b /* :name ' */ -- :name '\n"
    assert await target.rows(sql, {"name": attack}) == [{"a": "%:name%", "b": " :name"}]


@pytest.mark.parametrize("field", ["table", "schema", "key_columns"])
@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_name_is_no_sql_either(target: Target, field: str, attack: str) -> None:
    """A table, schema or column that a document might name is looked up, never written into a statement."""
    await target.table("id INTEGER PRIMARY KEY, name VARCHAR(99)")
    fields: dict[str, Any] = {"table": "things", "key_columns": "id", field: attack}
    fault = await target.fault(call("update", {"id": 1, "name": "a"}, **fields), "update")
    assert isinstance(fault, NotSent | ApplicationFault)
    assert await target.rows("SELECT count(*) AS n FROM things") == [{"n": 0}]


@pytest.mark.parametrize("name", NAMES)
async def test_any_name_of_a_column_serves(target: Target, name: str) -> None:
    """A column may be called whatever the database allows, and be written and compared."""
    if target.kind == "mariadb":
        name = name.replace("`", "ö")  # SQLAlchemy reads no backtick in a name of MariaDB
    quoted = f"`{name}`" if target.kind == "mariadb" else '"{}"'.format(name.replace('"', '""'))
    await target.table(f"{quoted} VARCHAR(40) PRIMARY KEY, other VARCHAR(9)")
    for other in ("a", "b"):
        await target.write("upsert", {name: "v", "other": other}, table="things", key_columns=name)
    await target.write("update", {name: "v", "other": "c"}, table="things", key_columns=name)
    assert await target.rows("SELECT * FROM things") == [{name: "v", "other": "c"}]
    assert await target.write("delete", {name: "v"}, table="things", key_columns=name) == {"rows": "1"}


async def test_percent_signs_are_what_they_are(target: Target) -> None:
    """A statement means what it says, whatever the driver uses as its marker, with parameters and without."""
    assert await target.rows("SELECT '100%' AS a, '%s %(p0)s %%' AS b") == [{"a": "100%", "b": "%s %(p0)s %%"}]
    assert await target.rows("SELECT '%' AS a WHERE 'x' = :x", {"x": "x"}) == [{"a": "%"}]


CANARY = "canary-51f0c2"


@pytest.mark.parametrize(
    ("columns", "document", "status"),
    [
        ("id INTEGER PRIMARY KEY, v VARCHAR(99) UNIQUE", [{"id": 1, "v": CANARY}, {"id": 2, "v": CANARY}], "duplicate"),
        ("id VARCHAR(99) PRIMARY KEY, v INTEGER NOT NULL", {"id": CANARY, "v": None}, "null"),
        ("id VARCHAR(99) PRIMARY KEY, v INTEGER, CHECK (v < 5)", {"id": CANARY, "v": 7}, "check"),
    ],
)
async def test_a_refusal_holds_no_value(target: Target, columns: str, document: object, status: str) -> None:
    """A constraint's refusal says which one it was by a word and a name, and never what the document held."""
    await target.table(columns)
    fault = await expect_fault(target.connection, "insert", call("insert", document, table="things"), ApplicationFault)
    assert fault.status == status
    assert CANARY not in f"{fault!r} {fault.__cause__!r} {fault.__context__!r} {fault.body!r}"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT nothing FROM :v",
        "SELECT :v AS a FROM nowhere",
        "SELEC :v",
        "SELECT CAST(:v AS INTEGER) + no_such_function(:v) AS a",
        "INSERT INTO things (id) VALUES (:v)",
    ],
)
async def test_a_bad_statement_is_told_without_values(target: Target, sql: str) -> None:
    """A statement that the database refuses is an error of the application, and its message repeats no value."""
    await target.table("id INTEGER CHECK (id < 5)")
    made = call("statement", {"v": CANARY}, sql=sql)
    fault = await expect_fault(target.connection, "statement", made, ApplicationFault)
    assert fault.status in {"statement", "value", "check", "failed"}
    assert CANARY not in f"{fault!r} {fault.__cause__!r} {fault.__context__!r} {fault.body!r}"


async def test_a_reference_is_held(target: Target) -> None:
    """A foreign key is held in every kind of database, SQLite included."""
    await target.run("DROP TABLE IF EXISTS parts")
    await target.table("id INTEGER PRIMARY KEY")
    await target.run(
        "CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER, FOREIGN KEY (thing) REFERENCES things (id))"
    )
    fault = await target.fault(call("insert", {"id": 1, "thing": 7}, table="parts"), "insert")
    await target.run("DROP TABLE parts")
    assert isinstance(fault, ApplicationFault)
    assert fault.status == "reference"


SYNTAXES = pytest.mark.parametrize("syntax", [SQLITE, POSTGRESQL, MARIADB])
SQL = st.text("':\"`-/*#$\\ \nabE1[]", max_size=30)


@SYNTAXES
def test_parameters_are_found_where_code_is(syntax: Syntax) -> None:
    """A parameter is a name after a single colon, in code."""
    sql = "SELECT a::int, b[1:2], b[n:m], ':x', \":x\", :one /* :x */ -- :x\n, :two_2, x := 1"
    assert cut(sql, syntax).names == ("one", "two_2")


@given(SQL)
@SYNTAXES
def test_a_statement_is_only_cut(syntax: Syntax, sql: str) -> None:
    """Put together with its own names as markers, a statement is what it was, character by character."""
    try:
        statement = cut(sql, syntax)
    except NotSent:
        return
    made = "".join(a + b for a, b in zip(statement.texts, [*(f":{name}" for name in statement.names), ""], strict=True))
    assert made == sql


@pytest.mark.parametrize("sql", ["SELECT '\\' OR :x", 'SELECT "\\\\\\" OR :x'])
def test_a_doubtful_quote_is_refused(sql: str) -> None:
    """Whether a backslash keeps a quote from ending its text is up to MariaDB's mode: such a statement is refused."""
    with pytest.raises(NotSent):
        cut(sql, MARIADB)


def test_dollar_quotes_are_text() -> None:
    """What stands between dollar quotes is text in PostgreSQL."""
    statement = cut("DO $body$ BEGIN PERFORM ':a', :b; END $body$; SELECT :c, E'\\' :d'", POSTGRESQL)
    assert statement.names == ("c",)


def test_a_value_is_only_ever_bound() -> None:
    """The statement that a driver gets does not depend on the values."""
    statement = cut("SELECT :a, :b", SQLITE)
    sql, bound = join(statement, {"a": "x'", "b": [1, 2]}, lambda name: f":{name}", str)
    assert sql == "SELECT :p0, (:p1_0, :p1_1)"
    assert bound == {"p0": "x'", "p1_0": 1, "p1_1": 2}
