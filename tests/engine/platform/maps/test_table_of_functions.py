"""Every function of reference 1.3 with values, as exports write it (component XML, 5.1; behaviours 86, 90-92)."""

from __future__ import annotations

import json

import pytest

from tests.bundle.components.exports import component
from tests.engine.platform.maps.written import function, into, link, out, run, written
from tests.engine.seen import texts

LONG = "9" * 30

TEXTS: list[tuple[str, tuple[str, ...], str, object]] = [
    # function, inputs (the first from the document), configuration, what it gives; None: the element is left out
    ("LeftTrim", ("abcdef", "3"), "", "def"),
    ("LeftTrim", ("ab", "3"), "", "ab"),
    ("LeftTrim", ("ab", "0"), "", None),
    ("RightTrim", ("abcdef", "3"), "", "abc"),
    ("StringAppend", ("ab", "5", "xy"), "", "abxyx"),
    ("StringAppend", ("abcdef", "3", "x"), "", "abc"),
    ("StringAppend", ("", "3", "x"), "", "xxx"),
    ("StringAppend", ("ab", "5", ""), "", "ab"),
    ("StringPrepend", ("7", "4", "0"), "", "0007"),
    ("StringPrepend", ("12345", "3", "0"), "", "345"),
    ("WhitespaceTrim", ("  a b\t\n",), "", "a b"),
    ("WhitespaceTrim", ("   ",), "", None),
    ("String2Lower", ("ÄBc",), "", "äbc"),
    ("String2Upper", ("äbc",), "", "ÄBC"),
    ("StringConcat", ("a", "b"), '<StringConcat delimiter="-"/>', "a-b"),
    ("StringConcat", ("a", ""), '<StringConcat delimiter="-"/>', "a-"),
    ("StringConcat", ("", ""), '<StringConcat delimiter="-"/>', None),
    ("StringConcat", ("abc", "def"), '<StringConcat delimiter="" fixedLength="4"/>', "abcd"),
    ("StringReplace", ("a1b22", "[0-9]+", "#"), "", "a#b#"),
    ("StringReplace", ("john smith", "(\\w+) (\\w+)", "$2 $1"), "", "smith john"),
    ("StringReplace", ("a.b", "\\.", "\\$"), "", "a$b"),
    ("StringReplace", ("aaa", "a*+b", "x"), "", "aaa"),
    ("StringRemove", ("a1b22", "\\d"), "", "ab"),
    ("StringRemove", ("123", "\\d+"), "", None),
    ("StringSplit", ("a,b",), '<StringSplit delimiter=","/>', "a"),
    ("StringSplit", ("abcdef",), '<StringSplit splitLength="3"/>', "abc"),
    ("MathAbs", ("-0.50",), "", "0.50"),
    ("MathCeil", ("1.01",), "", "2"),
    ("MathCeil", ("-1.99",), "", "-1"),
    ("MathFloor", ("-1.01",), "", "-2"),
    ("MathAdd", ("0.1", "0.2"), "", "0.3"),
    ("MathAdd", (LONG, "1"), "", "1" + "0" * 30),
    ("MathSubtract", ("1", "0.9"), "", "0.1"),
    ("MathMultiply", ("1.10", "1.10"), "", "1.2100"),
    ("MathMultiply", (LONG, LONG), "", str(int(LONG) ** 2)),
    ("MathDivide", ("1", "3"), "", "0.3333333333"),
    ("MathDivide", ("2", "3"), "", "0.6666666667"),
    ("MathDivide", ("-1", "3"), "", "-0.3333333333"),
    ("MathDivide", ("7", ""), "", "7"),
    ("MathAdd", ("", "1"), "", None),
    ("MathPrecision", ("2.345", "2"), "", "2.35"),
    ("MathPrecision", ("-2.345", "2"), "", "-2.35"),
    ("MathPrecision", ("2", "2"), "", "2.00"),
    ("NumberFormat", ("1234.5", "", "#,##0.00"), "", "1,234.50"),
    ("NumberFormat", ("1,234.5", "#,##0.##", "0"), "", "1234"),
    ("NumberFormat", ("0.125", "", "0.00%"), "", "12.50%"),
    ("DateFormat", ("31.01.2024", "dd.MM.yyyy", "yyyy-MM-dd"), "", "2024-01-31"),
    ("DateFormat", ("20240131 102030.123", "yyyyMMdd HHmmss.SSS", "HH:mm:ss.SSS"), "", "10:20:30.123"),
    ("DateFormat", ("2024-02-30", "yyyy-MM-dd", "yyyy-MM-dd"), "", "2024-03-01"),
    ("DateFormat", ("Jan 5, 24", "MMM d, yy", "EEEE"), "", "Friday"),
    ("DateFormat", ("12 AM", "hh a", "HH"), "", "00"),
    ("DateFormat", ("2024-01-31T10:00:00.000Z", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yyyy"), "", "2024"),
    ("DateFormat", ("366 2024", "D yyyy", "MM/dd"), "", "12/31"),
    ("DateFormat", ("", "yyyy", "MM"), "", None),
]


@pytest.mark.parametrize(("kind", "inputs", "configuration", "found"), TEXTS)
async def test_a_function_gives(kind: str, inputs: tuple[str, ...], configuration: str, found: object) -> None:
    """90: exact decimals, Java's masks and patterns; an empty result leaves the element out."""
    ports = tuple(range(1, len(inputs) + 1))
    made = written(
        into(3, 1) + out(1, 9, 3) + link(4, 4),
        function(
            1, kind, ports, (9,), configuration, defaults=("", *(one.replace("&", "&amp;") for one in inputs[1:]))
        ),
    )
    ended = await run(made, json.dumps({"id": inputs[0], "qty": 1}))
    if kind == "StringSplit":
        assert "Invalid split" in (ended.message or "")  # one output for two parts
        return
    assert ended.message is None
    assert json.loads(texts(ended)[0]) == {"qty": 1} | ({} if found is None else {"id": found})


async def test_a_split_gives_its_parts_to_its_outputs() -> None:
    """90: as many as there are; what is missing leaves its element out."""
    step = function(1, "StringSplit", (1,), (1, 2), '<StringSplit delimiter="-"/>')
    made = written(into(3, 1) + out(1, 1, 3) + out(1, 2, 4), step)
    for text, found in (("a-7", {"id": "a", "qty": 7}), ("a", {"id": "a"}), ("-7", {"qty": 7})):
        assert json.loads(texts(await run(made, json.dumps({"id": text})))[0]) == found


SIMPLE = (
    '<SimpleLookup><Input index="1" name="Key" refId="1"/><Output index="1" name="Value" refId="2"/><CrossRefTableObj>'
    "<CrossRefTable><ColumnHeaders><columnHeader>k</columnHeader><columnHeader>v</columnHeader></ColumnHeaders><Rows>"
    '<row><Values><ref colIdx="0" value="a"/><ref colIdx="1" value="one"/></Values></row>'
    '<row><Values><ref colIdx="0" value="A"/><ref colIdx="1" value="two"/></Values></row></Rows></CrossRefTable>'
    "</CrossRefTableObj></SimpleLookup>"
)


async def test_a_simple_lookup_has_its_own_rows() -> None:
    """Component XML, 5.1: as a cross reference table that nobody else sees."""
    made = written(into(3, 1) + out(1, 1, 3) + link(4, 4), function(1, "SimpleLookup", (1,), (1,), SIMPLE))
    for text, found in (("a", {"id": "one", "qty": 1}), ("A", {"id": "one", "qty": 1}), ("b", {"qty": 1})):
        assert json.loads(texts(await run(made, json.dumps({"id": text, "qty": 1})))[0]) == found


def table(match: str, *rows: tuple[str, str]) -> bytes:
    """Give a table of two columns whose cells match so."""
    made = "".join(
        f'<row><Values><ref colIdx="0" value="{key}"/><ref colIdx="1" value="{value}"/></Values></row>'
        for key, value in rows
    )
    return component(
        "crossref",
        "table",
        f'<CrossRefTable xmlns="" matchType="{match}"><ColumnHeaders><columnHeader>k</columnHeader>'
        f"<columnHeader>v</columnHeader></ColumnHeaders><Rows>{made}</Rows></CrossRefTable>",
    )


CROSS = (
    '<CrossRefLookup crossRefTableId="table" skipLookupIfNoInputs="true"><Input index="1" name="k" refId="1"/>'
    '<Output index="2" name="v" refId="2"/></CrossRefLookup>'
)


@pytest.mark.parametrize(
    ("match", "rows", "text", "found"),
    [
        ("wildcard", (("a*", "1"), ("*b", "2"), ("?", "3")), "ABC", "1"),
        ("wildcard", (("a*", "1"), ("*b", "2"), ("?", "3")), "xb", "2"),
        ("wildcard", (("a*", "1"), ("*b", "2"), ("?", "3")), "c", "3"),
        ("wildcard", (("a*", "1"), ("*b", "2"), ("?", "3")), "xyz", None),
        ("wildcard", (("*a*a*a*a*a*a*a*a*b", "1"),), "a" * 300, None),
        ("regex", (("[0-9]{3}", "1"), ("a|b", "2")), "123", "1"),
        ("regex", (("[0-9]{3}", "1"), ("a|b", "2")), "1234", None),
        ("regex", (("[0-9]{3}", "1"), ("a|b", "2")), "b", "2"),
    ],
)
async def test_tables_match_by_patterns(
    match: str, rows: tuple[tuple[str, str], ...], text: str, found: str | None
) -> None:
    """1.3, 92: the first row whose cell matches the whole value."""
    made = written(into(3, 1) + out(1, 2, 3) + link(4, 4), function(1, "CrossRefLookup", (1,), (2,), CROSS))
    ended = await run(made, json.dumps({"id": text, "qty": 1}), more=[table(match, *rows)])
    assert json.loads(texts(ended)[0]) == {"qty": 1} | ({} if found is None else {"id": found})


async def test_a_pattern_that_never_ends_fails_its_document() -> None:
    """Within a tenth of a second; its neighbours are mapped."""
    made = written(into(3, 1) + out(1, 2, 3) + link(4, 4), function(1, "CrossRefLookup", (1,), (2,), CROSS))
    evil = table("regex", ("(a|aa)+$", "1"))
    ended = await run(
        made, '{"id":"aa","qty":1}', json.dumps({"id": "a" * 200 + "!"}), '{"id":"a","qty":2}', more=[evil]
    )
    assert len(texts(ended)) == 2
    assert "took longer" in (ended.message or "")
