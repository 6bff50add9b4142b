from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.database import CONNECTOR
from runtime.sdk.contract import check_cancellation, check_spec, expect_fault
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault, NotSent
from tests.connectors.database.target import Target, call

PLAIN = "id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, price NUMERIC(12, 2)"


def test_the_specification_is_complete() -> None:
    """A bundle, lint and an editor can read everything about this connector."""
    check_spec(CONNECTOR)


@pytest.mark.parametrize(
    ("operation", "fields", "effect"),
    [
        ("query", {}, Effect.PURE),
        ("insert", {"table": "t"}, Effect.ONCE),
        ("insert", {"table": "t", "key_column": None}, Effect.ONCE),
        ("insert", {"table": "t", "key_column": "k"}, Effect.KEYED),
        ("update", {}, Effect.IDEMPOTENT),
        ("upsert", {}, Effect.IDEMPOTENT),
        ("delete", {}, Effect.IDEMPOTENT),
        ("statement", {"sql": "…"}, Effect.ONCE),
        ("statement", {"effect": None}, Effect.ONCE),
        ("statement", {"effect": "pure"}, Effect.PURE),
        ("statement", {"effect": "keyed"}, Effect.KEYED),
    ],
)
def test_an_effect_is_declared(operation: str, fields: dict[str, str | None], effect: Effect) -> None:
    """What is not literal in the bundle has the most careful word."""
    spec = CONNECTOR.operation(operation)
    assert spec is not None
    assert spec.effect(fields) is effect


async def test_a_row_is_a_document(target: Target) -> None:
    """The members of a document are the columns, and a row comes back as such a document: one each, in order."""
    await target.table(PLAIN)
    assert await target.write("insert", {"id": 2, "name": "b"}, table="things") == {"rows": "1"}
    await target.write("insert", [{"id": 1, "name": "a", "price": 12.5}, {"id": 3, "name": "c"}], table="things")
    rows = await target.rows("SELECT id, name, price FROM things ORDER BY id")
    assert [row["name"] for row in rows] == ["a", "b", "c"]
    assert [row["price"] for row in rows] == [12.5, None, None]


@pytest.mark.parametrize(("count", "sizes"), [(1, None), (2, [2, 1]), (3, [3]), (0, [3])])
async def test_rows_are_put_together(target: Target, count: int, sizes: list[int] | None) -> None:
    """The batch count says how many rows make one document; 0 puts all of them into one."""
    await target.table(PLAIN)
    await target.write("insert", [{"id": number, "name": "n"} for number in range(3)], table="things")
    documents = await target.rows("SELECT id FROM things ORDER BY id", batch_count=count)
    if sizes is None:
        assert documents == [{"id": 0}, {"id": 1}, {"id": 2}]
    else:
        assert [len(document) for document in documents] == sizes


async def test_no_rows_are_no_document(target: Target) -> None:
    """A query without rows ends the path, except where all rows make one document: that is an empty array."""
    await target.table(PLAIN)
    assert await target.rows("SELECT id FROM things") == []
    assert await target.rows("SELECT id FROM things", batch_count=5) == []
    assert await target.rows("SELECT id FROM things", batch_count=0) == [[]]


async def test_parameters_beat_the_document(target: Target) -> None:
    """A named parameter is the member of the field `parameters`, else of the document, else a fault."""
    await target.table(PLAIN)
    await target.write("insert", [{"id": number, "name": "n"} for number in range(4)], table="things")
    sql = "SELECT id FROM things WHERE id = :id"
    assert await target.rows(sql, {"id": 2}) == [{"id": 2}]
    assert await target.rows(sql, {"id": 2}, parameters='{"id": 3}') == [{"id": 3}]
    fault = await expect_fault(target.connection, "query", call("query", {"other": 1}, sql=sql), NotSent)
    assert fault.code == "database.parameter"
    assert "'id'" in fault.message


async def test_a_list_is_the_values_of_an_in(target: Target) -> None:
    """A parameter that is a list becomes the brackets of an IN; an empty one has no form in SQL."""
    await target.table(PLAIN)
    await target.write("insert", [{"id": number, "name": "n"} for number in range(4)], table="things")
    sql = "SELECT id FROM things WHERE id IN :ids ORDER BY id"
    assert await target.rows(sql, {"ids": [3, 1]}) == [{"id": 1}, {"id": 3}]
    await expect_fault(target.connection, "query", call("query", {"ids": []}, sql=sql), NotSent)


async def test_update_changes_what_agrees(target: Target) -> None:
    """An update changes the rows that agree in the key columns, and says how many they are; none is no error."""
    await target.table(PLAIN)
    await target.write("insert", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], table="things")
    fields = {"table": "things", "key_columns": "id"}
    assert await target.write("update", {"id": 1, "name": "z"}, **fields) == {"rows": "1"}
    assert await target.write("update", {"id": 1, "name": "z"}, **fields) == {"rows": "1"}
    assert await target.write("update", {"id": 9, "name": "z"}, **fields) == {"rows": "0"}
    assert await target.rows("SELECT id, name FROM things ORDER BY id") == [
        {"id": 1, "name": "z"},
        {"id": 2, "name": "b"},
    ]


async def test_upsert_adds_or_changes(target: Target) -> None:
    """However often a document is upserted, there is one row that holds it."""
    await target.table("region VARCHAR(9), id INTEGER, name VARCHAR(9), PRIMARY KEY (region, id)")
    fields = {"table": "things", "key_columns": "region, id"}
    for name in ("a", "b", "b"):
        assert await target.write("upsert", {"region": "r", "id": 1, "name": name}, **fields) == {"rows": "1"}
    await target.write("upsert", {"region": "r", "id": 1}, **fields)
    assert await target.rows("SELECT * FROM things") == [{"region": "r", "id": 1, "name": "b"}]


async def test_upsert_needs_a_unique_key(target: Target) -> None:
    """Where the key columns are no unique key an upsert would add a row each time: it is refused."""
    await target.table(PLAIN)
    made = call("upsert", {"id": 1, "name": "a"}, table="things", key_columns="name")
    assert (await expect_fault(target.connection, "upsert", made, NotSent)).code == "database.no-unique-key"


async def test_upsert_changes_no_other_row(target: Target) -> None:
    """A document that meets another row by a second unique key never changes that row."""
    await target.table("id INTEGER PRIMARY KEY, mail VARCHAR(40) UNIQUE, name VARCHAR(9)")
    await target.write("insert", {"id": 1, "mail": "m", "name": "first"}, table="things")
    fault = await target.fault(
        call("upsert", {"id": 2, "mail": "m", "name": "second"}, table="things", key_columns="id"), "upsert"
    )
    assert fault.code in {"database.refused", "database.ambiguous-key"}
    assert await target.rows("SELECT id, name FROM things") == [{"id": 1, "name": "first"}]


async def test_delete_removes_what_agrees(target: Target) -> None:
    """A deletion reads nothing but the key columns, and finds nothing the second time."""
    await target.table(PLAIN)
    await target.write("insert", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], table="things")
    for rows in ("1", "0"):
        meta = await target.write("delete", {"id": 1, "name": "whatever"}, table="things", key_columns="id")
        assert meta == {"rows": rows}
    assert await target.rows("SELECT id FROM things") == [{"id": 2}]


@pytest.mark.parametrize("operation", ["update", "upsert", "delete"])
async def test_a_key_is_never_null(target: Target, operation: str) -> None:
    """A null or a missing key names no row: nothing is changed by accident."""
    await target.table(PLAIN)
    for document in ({"name": "a"}, {"id": None, "name": "a"}):
        made = call(operation, document, table="things", key_columns="id")
        await expect_fault(target.connection, operation, made, NotSent)


async def test_an_insertion_with_a_key_is_made_once(target: Target) -> None:
    """A keyed insertion that is repeated with its key adds nothing, and is told from another row's duplicate."""
    await target.table("id INTEGER PRIMARY KEY, request VARCHAR(64) UNIQUE")
    fields: dict[str, Any] = {"table": "things", "key_column": "request"}
    assert await target.write("insert", [{"id": 1}, {"id": 2}], key="k1", **fields) == {"rows": "2"}
    again = await target.write("insert", [{"id": 1}, {"id": 2}], key="k1", **fields)
    assert again == {"rows": "0", "repeated": "true"}
    fault = await expect_fault(
        target.connection, "insert", call("insert", {"id": 1}, key="k2", **fields), ApplicationFault
    )
    assert fault.status == "duplicate"
    assert await target.rows("SELECT count(*) AS n FROM things") == [{"n": 2}]


async def test_a_key_column_must_be_unique(target: Target) -> None:
    """Without a unique index the key column knows nothing again: the insertion is refused before it is made."""
    await target.table("id INTEGER PRIMARY KEY, request VARCHAR(64)")
    made = call("insert", {"id": 1}, table="things", key_column="request")
    assert (await expect_fault(target.connection, "insert", made, NotSent)).code == "database.no-unique-key"


async def test_a_document_is_one_transaction(target: Target) -> None:
    """Of a document with many rows all are written or none."""
    await target.table(PLAIN)
    rows = [{"id": 1, "name": "a"}, {"id": 2, "name": "b", "price": 1}, {"id": 1, "name": "c"}]
    fault = await expect_fault(target.connection, "insert", call("insert", rows, table="things"), ApplicationFault)
    assert fault.status == "duplicate"
    assert await target.rows("SELECT id FROM things") == []


async def test_an_empty_document_writes_nothing(target: Target) -> None:
    """A write with an empty document runs no SQL and passes the document on, as on the platform."""
    assert await target.write("insert", None, table="no such table") == {"rows": "0"}


async def test_a_query_cannot_write(target: Target) -> None:
    """What is declared pure runs in a transaction that cannot write, and the connection can write again afterwards."""
    await target.table(PLAIN)
    sql = "INSERT INTO things (id, name) VALUES (1, 'a')"
    fault = await expect_fault(target.connection, "query", call("query", sql=sql), ApplicationFault)
    assert fault.status == "read-only"
    pure = call("statement", sql=sql, effect="pure")
    assert (await expect_fault(target.connection, "statement", pure, ApplicationFault)).status == "read-only"
    assert await target.run(sql) == {"rows": "1"}


async def test_a_statement_gives_its_rows(target: Target) -> None:
    """A statement that returns rows gives them as a query does, and its change is kept."""
    await target.table(PLAIN)
    sql = "INSERT INTO things (id, name) VALUES (:id, :name) RETURNING id"
    (reply,) = await target.connection.execute("statement", call("statement", {"id": 7, "name": "a"}, sql=sql))
    assert msgspec.json.decode(reply.content) == {"id": 7}
    assert await target.rows("SELECT id FROM things") == [{"id": 7}]


async def test_a_statement_may_keep_the_key(target: Target) -> None:
    """A statement that declares itself keyed has the idempotency key as a parameter."""
    await target.table("k VARCHAR(64)")
    sql = "INSERT INTO things (k) VALUES (:idempotency_key)"
    await target.connection.execute("statement", call("statement", sql=sql, effect="keyed", key="k-9"))
    assert await target.rows("SELECT k FROM things") == [{"k": "k-9"}]


async def test_two_columns_of_one_name_are_refused(target: Target) -> None:
    """A JSON object holds a name once: no column is lost in silence."""
    made = call("query", sql="SELECT 1 AS a, 2 AS a")
    assert (await expect_fault(target.connection, "query", made, ApplicationFault)).status == "statement"


@pytest.mark.parametrize(
    ("operation", "document", "fields", "code"),
    [
        ("insert", {"id": 1, "nam": "a"}, {"table": "things"}, "database.unknown-column"),
        ("insert", {"id": 1}, {"table": "nothing"}, "database.unknown-table"),
        ("insert", {}, {"table": "things"}, "database.document"),
        ("insert", "text", {"table": "things"}, "database.document"),
        ("insert", {"id": "x", "name": "a"}, {"table": "things"}, "database.value"),
        ("insert", {"id": 1.5, "name": "a"}, {"table": "things"}, "database.value"),
        ("insert", {"id": 1, "name": 2}, {"table": "things"}, "database.value"),
        ("update", {"id": 1, "name": "a"}, {"table": "things", "key_columns": "ix"}, "database.unknown-column"),
    ],
)
async def test_a_document_that_does_not_fit_is_told(
    target: Target, operation: str, document: object, fields: dict[str, Any], code: str
) -> None:
    """What fits no table is refused before anything is sent, by the name of the column and never with its value."""
    await target.table(PLAIN)
    fault = await expect_fault(target.connection, operation, call(operation, document, **fields), NotSent)
    assert fault.code == code


async def test_a_column_that_was_added_is_seen(target: Target) -> None:
    """What is known of a table is asked for again when a document does not fit it."""
    await target.table(PLAIN)
    await target.write("insert", {"id": 1, "name": "a"}, table="things")
    await target.run("ALTER TABLE things ADD COLUMN note VARCHAR(9)")
    await target.write("insert", {"id": 2, "name": "b", "note": "n"}, table="things")
    assert await target.rows("SELECT note FROM things WHERE id = 2") == [{"note": "n"}]


async def test_a_cancelled_call_leaves_the_connection_usable(target: Target) -> None:
    """Cancelled at whatever checkpoint, a call gives its connection back."""
    await target.table(PLAIN)
    await check_cancellation(target.connection, "query", call("query", sql="SELECT id FROM things"))
    made = call("upsert", {"id": 1, "name": "a"}, table="things", key_columns="id")
    await check_cancellation(target.connection, "upsert", made)
