"""Filters on real servers: what is asked for is found as it is in memory, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.database.dialects import dialect_of
from connectors.database.filtering import filtered
from connectors.database.settings import Settings
from runtime.flow.data_wire import ListFilter
from runtime.flow.filters import Filter, encode_filter
from runtime.flow.list_filter import read_filter
from tests.flow.strategies import ENTRIES, list_filters, records
from tests.flow.test_filters import CODEC, Rows, in_python

# How each kind of value is held, as the page of filters asks for it.
TYPES = {
    "postgresql": {"character": "text", "number": "numeric", "boolean": "boolean", "datetime": "timestamptz"},
    "mariadb": {
        "character": "varchar(40) character set utf8mb4",
        "number": "decimal(40, 10)",
        "boolean": "boolean",
        "datetime": "datetime(3)",
    },
}


class Held:
    """People in a table of a real server, in one connection."""

    def __init__(self, kind: str, settings: Settings) -> None:
        self.dialect = dialect_of(settings)
        self._quote = "`" if kind == "mariadb" else '"'
        self._engine = sa.create_engine(self.dialect.url(), connect_args=self.dialect.arguments())
        self._connection = self._engine.connect()
        self._kind = kind
        columns = ", ".join(f"{self._name(entry.name)} {TYPES[kind][entry.kind]}" for entry in ENTRIES)
        self._run(f"create temporary table people ({columns})")

    def _name(self, name: str) -> str:
        return f"{self._quote}{name.replace(self._quote, self._quote * 2)}{self._quote}"

    def _run(self, sql: str, parameters: Any = None) -> sa.CursorResult[Any]:  # noqa: ANN401 - values of any kind
        return self._connection.execute(sa.text(sql), parameters)

    def ids(self, rows: Rows, wanted: Filter) -> list[str]:
        """Give the ids that the filter finds, as the connector lays it around a statement."""
        self._run("delete from people")
        marks = ", ".join(f":v{number}" for number in range(len(ENTRIES)))
        for row in rows:
            values = {f"v{number}": self._value(row[entry.name], entry.kind) for number, entry in enumerate(ENTRIES)}
            self._run(f"insert into people values ({marks})", values)  # noqa: S608 - as many marks as columns
        found = filtered("select * from people;", encode_filter(wanted), self.dialect)
        assert found is not None
        return [row[0] for row in self._run(found.sql, found.parameters)]

    def _value(self, value: Any, kind: str) -> Any:  # noqa: ANN401 - as above
        if kind != "datetime" or value is None:
            return value
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if self._kind == "mariadb" else moment

    def close(self) -> None:
        """Leave the server."""
        self._connection.close()
        self._engine.dispose()


@pytest.fixture(scope="module", params=sorted(TYPES))
def held(request: pytest.FixtureRequest) -> Iterator[Held]:
    """Give a table of each kind of server in turn, where it is installed."""
    made = Held(request.param, request.getfixturevalue(f"{request.param}_settings"))
    yield made
    made.close()


def read(asked: dict[str, Any]) -> Filter:
    """Read a listFilter as a request holds it."""
    return read_filter(msgspec.convert(asked, ListFilter), CODEC)


def person(**values: object) -> dict[str, object]:
    """Give a record with these values, and nothing else."""
    return {**dict.fromkeys((entry.name for entry in ENTRIES), None), "Id": "1", **values}


def condition(column: str, criterion: str, value: str) -> dict[str, Any]:
    """Give a filter of one condition."""
    return {"where": [{"columnName": column, "criteriaType": criterion, "contentValue": value}]}


@given(records(), list_filters)
@example([person(Name="ÄDA ")], condition("Name", "EQUAL", "äda"))
@example([person(Name="Ada")], condition("Name", "EQUAL", "ada "))
@example([person(Name="ß")], condition("Name", "ENDS_WITH", "ß"))
@example([person(Name="\U0001f600B")], condition("Name", "STARTS_WITH", "\U0001f600b"))
@example([person(Name="a\\'%")], condition("Name", "CONTAINS", "\\'%"))
@example([person(Age=Decimal("0.1"))], condition("Age", "LESS_THAN", "0.1000000000000000055"))
@example([person(Age=2**53 + 1)], condition("Age", "EQUAL", str(2**53)))
@example([person(Age=7), person(Id="2", Age=-7)], {"offset": 1})
def test_a_server_and_memory_find_the_same(held: Held, rows: Rows, asked: dict[str, Any]) -> None:
    """The same records in the same order, whatever is asked for and whatever they hold."""
    wanted = read(asked)
    assert held.ids(rows, wanted) == in_python(rows, wanted)


_EXTREME = st.sampled_from(
    ["1e400", "-1e400", "9" * 65, "-" + "9" * 64 + ".9", "1e-60", "-1e-60", "0." + "1" * 60, "1" * 30 + "." + "5" * 50]
)


@given(st.lists(st.sampled_from([Decimal(0), Decimal(7), Decimal("-0.1"), None]), max_size=3), _EXTREME, st.data())
def test_numbers_beyond_what_a_column_holds_are_compared(
    held: Held, ages: list[Decimal | None], value: str, data: st.DataObject
) -> None:
    """A number that no column can hold is more or less than all of them, or stands between two."""
    criteria = ["EQUAL", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL"]
    wanted = read(condition("Age", data.draw(st.sampled_from(criteria)), value))
    rows = [person(Id=str(number), Age=age) for number, age in enumerate(ages)]
    assert held.ids(rows, wanted) == in_python(rows, wanted)
