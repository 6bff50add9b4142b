from __future__ import annotations

import msgspec

from runtime.flow.data_wire import ListFilter
from runtime.flow.filters import encode_filter
from runtime.flow.list_filter import read_filter
from runtime.flow.objects import compile_objects
from runtime.model.profile import Entry
from tests.connectors.database.target import Target, call

CONTACT = compile_objects(
    "Contact", (*(Entry(name=name, kind="character") for name in ("Id", "Surname")), Entry(name="Age", kind="number"))
)
SQL = 'SELECT id AS "Id", surname AS "Surname", age AS "Age" FROM things WHERE age < :most;'


def asked(**members: object) -> str:
    """Give a listFilter as a query process finds it."""
    return encode_filter(read_filter(msgspec.convert(members, ListFilter), CONTACT))


async def _filled(target: Target) -> None:
    await target.table("id VARCHAR(40) PRIMARY KEY, surname VARCHAR(40), age NUMERIC(12, 2)")
    people = [("17", "Lovelace", 36), ("18", "Hopper", 85), ("19", "Turing", 41.5), ("20", None, None)]
    rows = [{"id": key, "surname": surname, "age": age} for key, surname, age in people]
    await target.write("insert", rows, table="things")


async def test_a_filter_is_laid_around_a_query(target: Target) -> None:
    """Conditions, order and limit of Flow hold for the rows of the statement; one row more says that there are more."""
    await _filled(target)
    conditions = [
        {"columnName": "Surname", "criteriaType": "CONTAINS", "contentValue": "IN"},
        {"columnName": "Age", "criteriaType": "GREATER_THAN", "contentValue": "80.5"},
        {"columnName": "Surname", "criteriaType": "EQUAL", "contentValue": "' or 1=1 --"},
    ]
    order = [{"columnName": "Surname", "direction": "DESC"}]
    text = asked(comparisonType="OR", where=conditions, orderBy=order, limit=1)
    rows = await target.rows(SQL, parameters='{"most": 100}', filter=text)
    assert [row["Id"] for row in rows] == ["19", "18"]


async def test_a_column_that_is_not_there_is_an_error(target: Target) -> None:
    """A property that the statement does not select fails the call: it is never taken for a text."""
    await _filled(target)
    text = asked(where=[{"columnName": "Age", "criteriaType": "IS_EMPTY", "contentValue": "true"}])
    made = call("query", sql='SELECT id AS "Id" FROM things', filter=text)
    fault = await target.fault(made, "query")
    assert fault.code == "database.refused"


async def test_what_is_no_filter_is_refused(target: Target) -> None:
    """Only what the runtime wrote into `param_filter` is a filter."""
    fault = await target.fault(call("query", sql="SELECT 1", filter='{"where": "1=1"}'), "query")
    assert fault.code == "database.filter"
