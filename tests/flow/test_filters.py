"""Filters: one rule of comparison, in Python and in SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from string import ascii_letters, digits
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from runtime.errors import RequestError
from runtime.flow.data_wire import ListFilter
from runtime.flow.filter_sql import SqlDialect, sql_filter
from runtime.flow.filters import Filter, decode_filter, encode_filter
from runtime.flow.list_filter import DEEPEST, MOST_CONDITIONS, read_filter
from runtime.flow.objects import compile_objects, write_texts
from runtime.flow.query_document import query_document
from runtime.sdk.query import filter_rows, query_filter
from tests.flow.strategies import ENTRIES, list_filters, records

CODEC = compile_objects("Person", ENTRIES)
_TYPES = {"character": "text", "number": "numeric", "boolean": "boolean", "datetime": "text"}
Rows = list[dict[str, Any]]


def read(given_filter: dict[str, Any]) -> Filter:
    """Read a listFilter as a request holds it."""
    return read_filter(msgspec.convert(given_filter, ListFilter), CODEC)


def in_python(rows: Rows, wanted: Filter) -> list[str]:
    """Give the ids that the filter finds among records in memory."""
    texts = [write_texts(row, CODEC) for row in rows]
    return [each["Id"] or "" for each in filter_rows(texts, wanted, lambda each: each)]


def in_sqlite(rows: Rows, wanted: Filter) -> list[str]:
    """Give the ids that the filter finds in a database."""
    quoted = ["`" + entry.name.replace("`", "``") + "`" for entry in ENTRIES]
    with closing(sqlite3.connect(":memory:")) as database:
        columns = ", ".join(f"{name} {_TYPES[entry.kind]}" for name, entry in zip(quoted, ENTRIES, strict=True))
        database.execute(f"create table people ({columns})")
        values = [[_held(row[entry.name]) for entry in ENTRIES] for row in rows]
        marks = ", ".join("?" * len(ENTRIES))
        database.executemany(f"insert into people values ({marks})", values)  # noqa: S608 - as many marks as columns
        found = sql_filter(wanted, "sqlite")
        return [row[0] for row in database.execute(f"select `Id` from people{found.clause}", found.parameters)]  # noqa: S608 - the law


def _held(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


@given(records(), list_filters)
def test_sql_and_python_find_the_same(rows: Rows, asked: dict[str, Any]) -> None:
    """Whatever is asked for, the same records come in the same order out of SQLite and out of memory."""
    wanted = read(asked)
    assert in_sqlite(rows, wanted) == in_python(rows, wanted)


@given(list_filters)
def test_nothing_of_a_request_is_sql(asked: dict[str, Any]) -> None:
    """The statement is the same whatever the values are: they are parameters, and only the described names are SQL."""
    wanted = read(asked)
    for dialect in get_args(SqlDialect):
        found = sql_filter(wanted, dialect, {entry.name: f"c{number}" for number, entry in enumerate(ENTRIES)})
        assert set(found.clause) <= set(f"{ascii_letters}{digits}_ ()=<>:',.-\"")
        for text in (each for each in found.parameters.values() if isinstance(each, str) and len(each) > 3):
            assert text not in found.clause


@given(list_filters)
def test_a_filter_survives_its_property(asked: dict[str, Any]) -> None:
    """What a process finds in `param_filter` is the filter that was asked for."""
    wanted = read(asked)
    assert query_filter({"param_filter": encode_filter(wanted)}) == wanted
    assert decode_filter(encode_filter(wanted)) == wanted


@given(list_filters)
def test_the_document_of_a_query_says_its_conditions(asked: dict[str, Any]) -> None:
    """The QueryFilter document is XML with every condition, group and order that was asked for."""
    wanted = read(asked)
    root = etree.fromstring(query_document(wanted))
    assert root.tag == "QueryFilter"

    def told(element: Any) -> Any:  # noqa: ANN401 - lxml's elements have no public type
        conditions = [
            (each.get("property"), each.get("operator"), each.findtext("argument"))
            for each in element.findall("nestedExpression")
        ]
        return element.get("operator") == "or", conditions, [told(each) for each in element.findall("expression")]

    def meant(group: Any) -> Any:  # noqa: ANN401 - as above
        conditions = [(each.column.name, each.criterion, each.value) for each in group.conditions]
        return group.any, conditions, [meant(each) for each in group.groups]

    expressions = [told(each) for each in root.findall("expression")]
    has_some = wanted.where.conditions or wanted.where.groups
    assert expressions == ([meant(wanted.where)] if has_some else [])
    orders = [(each.get("property"), each.get("sortOrder")) for each in root.findall("sort")]
    assert orders == [(each.column.name, "DESC" if each.descending else "ASC") for each in wanted.order]


def _where(column: str, criterion: str, value: str | None) -> Filter:
    return read({"where": [{"columnName": column, "criteriaType": criterion, "contentValue": value}]})


ROWS: Rows = [
    {"Id": "1", "Name": "Ada", "Age": Decimal("0.1"), "Active": True, "Born": "1815-12-10T00:00:00.000Z"},
    {"Id": "2", "Name": None, "Age": None, "Active": None, "Born": None},
    {"Id": "3", "Name": "ÄDA", "Age": 7, "Active": False, "Born": "2000-01-01T00:00:00.000Z"},
]


@pytest.mark.parametrize(
    ("column", "criterion", "value", "found"),
    [
        ("Name", "EQUAL", "aDA", ["1"]),  # A to Z without regard to case, other letters as they are
        ("Name", "EQUAL", "äda", []),
        ("Name", "EQUAL", "", ["2"]),
        ("Name", "NOT_EQUAL", "ada", ["2", "3"]),
        ("Name", "CONTAINS", None, ["1", "2", "3"]),
        ("Name", "CONTAINS", "d", ["1", "3"]),
        ("Name", "STARTS_WITH", "AD", ["1"]),
        ("Name", "STARTS_WITH", "Äd", ["3"]),
        ("Name", "STARTS_WITH", "da", []),
        ("Name", "ENDS_WITH", "DA", ["1", "3"]),
        ("Name", "ENDS_WITH", "xxada", []),
        ("Age", "EQUAL", "0.10", ["1"]),
        ("Age", "EQUAL", "0.1000000000000000055", []),  # what a double cannot tell from 0.1
        ("Age", "LESS_THAN", "0.1000000000000000055", ["1"]),
        ("Age", "GREATER_THAN", "1e400", []),
        ("Age", "NOT_EQUAL", "8", ["1", "3"]),  # a missing number compares with nothing
        ("Age", "NOT_EQUAL", "soon", []),
        ("Age", "IS_EMPTY", "true", ["2"]),
        ("Age", "IS_EMPTY", "FALSE", ["1", "3"]),
        ("Active", "EQUAL", "True", ["1"]),
        ("Active", "LESS_THAN", "true", ["3"]),
        ("Born", "GREATER_THAN", "1999-12-31T23:00:00-01:00", []),
        ("Born", "EQUAL", "01/01/2000 01:00:00 AM +01:00", ["3"]),
        ("Born", "NOT_EQUAL", "", []),
    ],
)
def test_the_rule_of_comparison(column: str, criterion: str, value: str | None, found: list[str]) -> None:
    """Texts, numbers, truth values and datetimes compare as the rule says, in both worlds."""
    rows = [{"City `x` [y]": None, **row} for row in ROWS]
    wanted = _where(column, criterion, value)
    assert in_python(rows, wanted) == found
    assert in_sqlite(rows, wanted) == found


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"where": [{"columnName": "Ghost", "criteriaType": "EQUAL"}]}, '"Ghost", which "Person" does not have'),
        ({"where": [{"columnName": "Name", "criteriaType": "SOUNDS_LIKE"}]}, '"SOUNDS_LIKE"'),
        ({"where": [{"columnName": "Age", "criteriaType": "CONTAINS"}]}, '"Age", which is no text'),
        ({"where": [{"columnName": "Name", "criteriaType": "EQUAL", "value": "\0"}]}, "control character"),
        ({"search": "a\x07"}, "control character"),
        ({"comparisonType": "XOR"}, '"XOR"'),
        ({"orderByPropertyDeveloperName": "Ghost"}, '"Ghost"'),
        ({"where": [{"columnName": "Name", "criteriaType": "EQUAL"}] * (MOST_CONDITIONS + 1)}, str(MOST_CONDITIONS)),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], words: str) -> None:
    """A filter that no record could answer is the caller's to change, and it says which part."""
    with pytest.raises(RequestError, match=words) as refused:
        read(asked)
    assert refused.value.status == 400


@given(st.integers(DEEPEST + 1, 200))
def test_groups_end_somewhere(depth: int) -> None:
    """Groups nest as deep as people write them, and no deeper."""
    asked: dict[str, Any] = {}
    for _ in range(depth):
        asked = {"listFilters": [asked]}
    with pytest.raises(RequestError, match="deeper"):
        read(asked)


def test_the_older_member_is_read_where_the_newer_is_absent() -> None:
    """`value` stands in for `contentValue`, and names match without regard to case."""
    wanted = read({"where": [{"columnName": "name", "criteriaType": "equal", "value": "Ada"}]})
    assert [(each.column.name, each.value) for each in wanted.where.conditions] == [("Name", "Ada")]
