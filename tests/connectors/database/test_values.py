from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.database.dialects.sqlite import Sqlite
from connectors.database.documents import encode
from connectors.database.settings import Settings
from connectors.database.values import Unfit, converter
from runtime.sdk.contract import expect_fault
from runtime.sdk.faults import NotSent
from tests.connectors.database.target import Target, call

# Each kind of database, each kind of column: what goes in comes out.
COLUMNS = {
    "sqlite": {
        "n": "BIGINT", "d": "NUMERIC(30, 6)", "f": "DOUBLE", "b": "BOOLEAN", "t": "TEXT",
        "x": "BLOB", "dt": "DATETIME", "da": "DATE", "ti": "TIME", "u": "CHAR(36)",
    },
    "postgresql": {
        "n": "BIGINT", "d": "NUMERIC(30, 6)", "f": "DOUBLE PRECISION", "b": "BOOLEAN", "t": "TEXT",
        "x": "BYTEA", "dt": "TIMESTAMP", "da": "DATE", "ti": "TIME", "u": "UUID",
    },
    "mariadb": {
        "n": "BIGINT", "d": "NUMERIC(30, 6)", "f": "DOUBLE", "b": "BOOLEAN", "t": "LONGTEXT CHARACTER SET utf8mb4",
        "x": "LONGBLOB", "dt": "DATETIME(6)", "da": "DATE", "ti": "TIME(6)", "u": "UUID",
    },
}  # fmt: skip

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 1, 1))  # noqa: DTZ001 - as columns are
ROWS = st.fixed_dictionaries(
    {
        "n": st.integers(-(2**63), 2**63 - 1),
        "d": st.decimals(-(10**8), 10**8, places=6).map(lambda number: number + 0),
        "f": st.floats(-1e100, 1e100, allow_subnormal=False).map(lambda number: number + 0.0),
        "b": st.booleans(),
        "t": TEXTS,
        "x": st.binary(),
        "dt": MOMENTS,
        "da": MOMENTS.map(datetime.date),
        "ti": st.times(),
        "u": st.uuids(version=4),  # MariaDB takes no others
    }
)
NULLS = dict.fromkeys(COLUMNS["sqlite"], None)


async def test_rows_come_back_as_they_went(target: Target) -> None:
    """Whatever a column can hold comes back exactly: numbers, dates in ISO 8601, bytes as base64, null."""
    await target.table(", ".join(f"{name} {kind}" for name, kind in COLUMNS[target.kind].items()))
    examples: list[dict[str, Any]] = []

    @settings(max_examples=50, database=None, suppress_health_check=list(HealthCheck))
    @given(ROWS)
    def collect(row: dict[str, Any]) -> None:
        examples.append(row)

    collect()
    for row in (*examples, NULLS):
        await target.run("DELETE FROM things")
        await target.write("insert", row, table="things")
        (found,) = await target.rows("SELECT * FROM things")
        assert _read(found) == _read(json.loads(encode(row))), row


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row with what may be written in two ways in one: SQLite and MariaDB have no booleans, 1 is 1.0."""
    kinds: dict[str, Any] = {
        "dt": datetime.fromisoformat,
        "ti": time.fromisoformat,
        "da": date.fromisoformat,
        "u": UUID,
    }
    read: dict[str, Any] = {
        name: kinds[name](value) if name in kinds and value else value for name, value in row.items()
    }
    return (
        read | {name: read[name] and Decimal(str(read[name])) for name in ("d",)} | {"b": read["b"] and int(read["b"])}
    )


async def test_numbers_stay_exact(target: Target) -> None:
    """A decimal is never rounded on its way: it comes back digit by digit, or is refused."""
    await target.table("d NUMERIC(38, 10)")
    content = b'{"d": 1234567890123456789012345678.0123456789}'
    made = call("insert", table="things")
    made = type(made)(made.document, content, made.fields, made.key, made.deadline)
    if target.kind == "sqlite":
        assert (await expect_fault(target.connection, "insert", made, NotSent)).code == "database.value"
        return
    await target.connection.execute("insert", made)
    (reply,) = await target.connection.execute("query", call("query", sql="SELECT d FROM things"))
    assert reply.content.replace(b" ", b"") == content.replace(b" ", b"")


async def test_times_are_utc(target: Target) -> None:
    """A time with an offset is put into a column without one as UTC, also as Flow writes it."""
    await target.table("dt DATETIME" if target.kind != "postgresql" else "dt TIMESTAMP")
    await target.write("insert", {"dt": "2024-03-01T12:00:00.0000000+02:00"}, table="things")
    (row,) = await target.rows("SELECT dt FROM things")
    assert row["dt"].startswith("2024-03-01T10:00:00")


async def test_json_is_kept(target: Target) -> None:
    """An object goes into a column of JSON, and into one of text, as JSON."""
    await target.table("j JSON, t TEXT")
    value = {"a": [1, 2.5, None], "ü": "'"}
    await target.write("insert", {"j": value, "t": value}, table="things")
    (row,) = await target.rows("SELECT j, t FROM things")
    texts = [one if isinstance(one, str) else encode(one).decode() for one in (row["j"], row["t"])]
    assert [json.loads(text) for text in texts] == [value, value]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (sa.Integer(), "1.5"),
        (sa.Integer(), Decimal("1e9999999")),
        (sa.Integer(), "\u0661"),
        (sa.Numeric(), "NaN"),
        (sa.Numeric(), True),
        (sa.Boolean(), 1),
        (sa.String(), 1),
        (sa.Date(), "2024-01-01T10:00:00Z"),
        (sa.Date(), "yesterday"),
        (sa.DateTime(), 5),
        (sa.LargeBinary(), "no base64!"),
        (sa.Uuid(), "x"),
        (sa.ARRAY(sa.Integer()), 1),
    ],
)
def test_what_does_not_fit_is_refused(kind: sa.types.TypeEngine[Any], value: object) -> None:
    """A value that is none of the column's is refused, and the refusal does not repeat it."""
    with pytest.raises(Unfit) as refused:
        converter(kind)(value)
    assert str(value) not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "value", "made"),
    [
        (sa.Integer(), "12", 12),
        (sa.Integer(), Decimal("1.0"), 1),
        (sa.Numeric(), "12.10", Decimal("12.10")),
        (sa.Date(), "2024-01-01T00:00:00Z", date(2024, 1, 1)),
        (sa.DateTime(timezone=True), "2024-01-01T00:00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        (sa.ARRAY(sa.Integer()), [1, None, "2"], [1, None, 2]),
    ],
)
def test_what_fits_is_taken(kind: sa.types.TypeEngine[Any], value: object, made: object) -> None:
    """A value is taken where one reading of it is exact."""
    assert converter(kind)(value) == made


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_sqlite_takes_no_number_that_it_would_change(number: Decimal) -> None:
    """What SQLite gets for a decimal is that decimal, or nothing."""
    dialect = Sqlite(Settings(url="sqlite:////x"))
    try:
        made = dialect.adapt(number)
    except Unfit:
        return
    assert Decimal(repr(made)) == number
