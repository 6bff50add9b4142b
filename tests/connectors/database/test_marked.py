from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.database.settings import Settings, own_url
from runtime.sdk.contract import expect_replies
from runtime.sdk.faults import ApplicationFault, NotSent
from tests.connectors.database.target import Target, call


async def found(target: Target, sql: str, values: dict[str, str] | None = None, **fields: Any) -> Any:  # noqa: ANN401 - JSON
    """Read by a statement with marks; gives its rows."""
    made = call("platform read", sql=sql, values=json.dumps(values or {}), **fields)
    (reply,) = await expect_replies(target.connection, "platform read", made)
    return msgspec.json.decode(reply.content, strict=False)


async def wrote(target: Target, sql: str, types: list[str], *rows: Sequence[str | None], commit_rows: int = 0) -> int:
    """Write rows by one statement; gives how many have changed. The document goes on."""
    made = call(
        "platform write",
        [["2", row] for row in rows],
        statements=json.dumps({"2": {"sql": sql, "types": types}}),
        commit_rows=commit_rows,
    )
    (reply,) = await expect_replies(target.connection, "platform write", made)
    assert reply.unchanged
    return int(reply.meta["rows"])


async def test_values_of_profiles_are_bound_by_their_place_and_kind(target: Target) -> None:
    """Numbers exactly, times as times, an empty text as null; what is quoted or remarked is no mark."""
    await target.table("id INTEGER, name VARCHAR(20), price NUMERIC(12, 2), day DATE, at TIMESTAMP NULL")
    insert = "INSERT INTO things (id, name, price, day, at) VALUES (?, ?, ?, ?, ?) -- more?"
    types = ["number", "", "number", "date", "datetime"]
    first = ["1", "a?", "1234567.25", "20260131 000000.000", "20260131 102030.000"]
    assert await wrote(target, insert, types, first, ["2", None, None, None, None]) == len((first, None))
    ((identity, name, price, day, at),) = await found(
        target,
        "SELECT id, name, price, day, at FROM things WHERE name = ? AND name <> '?' AND id < ?",
        {"9": "a?", "4": "2"},
        types='{"4": "number"}',
    )
    assert (identity, name, Decimal(str(price)), day[:10], at[:19]) == (
        1,
        "a?",
        Decimal("1234567.25"),
        "2026-01-31",
        "2026-01-31T10:20:30",
    )
    assert await found(target, "SELECT name FROM things WHERE id = 2") == [[None]]


async def test_rows_are_arrays_and_may_be_cut(target: Target) -> None:
    """Two columns of one name are two; a result is read no further than it is wanted."""
    await target.table("id INTEGER")
    await wrote(target, "INSERT INTO things (id) VALUES (?)", ["number"], *([str(number)] for number in range(5)))
    assert await found(target, "SELECT id, id FROM things ORDER BY id", most_rows=2) == [[0, 0], [1, 1]]
    assert await found(target, "SELECT id FROM things WHERE id < 0") == []


async def test_reading_changes_nothing(target: Target) -> None:
    """A statement that writes is refused where it is to read."""
    await target.table("id INTEGER")
    fault = await target.fault(call("platform read", sql="INSERT INTO things (id) VALUES (1)"), "platform read")
    assert isinstance(fault, ApplicationFault)
    assert await found(target, "SELECT id FROM things") == []


async def test_rows_are_committed_together_or_in_groups(target: Target) -> None:
    """What was committed before a group that is refused stays."""
    await target.table("id INTEGER PRIMARY KEY")
    for commit_rows, kept in ((0, []), (2, [[1], [2]])):
        rows = [["2", [one]] for one in ("1", "2", "3", "1")]
        statements = json.dumps({"2": {"sql": "INSERT INTO things (id) VALUES (?)", "types": ["number"]}})
        made = call("platform write", rows, statements=statements, commit_rows=commit_rows)
        fault = await target.fault(made, "platform write")
        assert isinstance(fault, ApplicationFault)
        assert fault.status == "duplicate"
        assert await found(target, "SELECT id FROM things ORDER BY id") == kept


@pytest.mark.parametrize(
    ("sql", "values", "types", "message"),
    [
        ("SELECT ?, ?", {"1": "a"}, "{}", "The value is not set for the parameter number 2."),
        ("SELECT ?", {"1": "x"}, '{"1": "number"}', "a field of numbers"),
        ("SELECT ?", {"1": "2026-01-31"}, '{"1": "datetime"}', "Unparseable date"),
    ],
)
async def test_values_that_do_not_fit_are_told_before_anything_is_sent(
    target: Target, sql: str, values: dict[str, str], types: str, message: str
) -> None:
    """In the platform's words where it has some."""
    made = call("platform read", sql=sql, values=json.dumps(values), types=types)
    fault = await target.fault(made, "platform read")
    assert isinstance(fault, NotSent)
    assert message in fault.message


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("jdbc:postgresql://db:5432/shop?ssl=true", "postgresql://db:5432/shop"),
        ("jdbc:mysql://db:3306/shop;useSSL=false", "mariadb://db:3306/shop"),
        ("jdbc:mariadb://db/shop", "mariadb://db/shop"),
        ("jdbc:sqlite:/srv/shop.db", "sqlite:////srv/shop.db"),
        ("sqlite:////srv/shop.db", "sqlite:////srv/shop.db"),
    ],
)
def test_a_jdbc_url_names_the_same_database(written: str, own: str) -> None:
    """Its options belong to another driver and are left out."""
    assert own_url(msgspec.convert({"url": written}, Settings).url) == own
