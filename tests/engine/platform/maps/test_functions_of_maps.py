"""Functions of maps as users write them (platform behaviours 86, 90-93; component XML, 5.1 and 5.2)."""

from __future__ import annotations

import json

import pytest

from runtime.errors import BundleError
from tests.bundle.components.exports import component, errors
from tests.engine.platform.maps.written import (
    STANDARD,
    between,
    function,
    into,
    link,
    out,
    ports,
    run,
    script,
    written,
)
from tests.engine.runs import Ended
from tests.engine.seen import texts

LINES = '{"id":"1","lines":[{"k":"a","v":"1"},{"k":"b","v":"2"},{"k":"a","v":"4"}]}'

TABLE = component(
    "crossref",
    "table",
    '<CrossRefTable xmlns="" atomEnabled="false" modelVersion="3"><ColumnHeaders><columnHeader>a</columnHeader>'
    "<columnHeader>b</columnHeader><columnHeader>c</columnHeader></ColumnHeaders><Rows>"
    + "".join(
        f"<row><Values><ref colIdx='0' value='{a}'/><ref colIdx='1' value='{b}'/><ref colIdx='2' value='{c}'/></Values>"
        "</row>"
        for a, b, c in (("A", "x", "first"), ("A", "y", "second"), ("a", "x", "third"))
    )
    + "</Rows></CrossRefTable>",
)


def looked(skip: str = "false") -> str:
    """Look up two columns for a third."""
    return function(
        1,
        "CrossRefLookup",
        (1, 2),
        (3,),
        f'<CrossRefLookup crossRefTableId="table" skipLookupIfNoInputs="{skip}"><Input index="1" name="a" refId="1"/>'
        '<Input index="2" name="b" refId="2"/><Output index="3" name="c" refId="3"/></CrossRefLookup>',
    )


def user(steps: str, links: str) -> bytes:
    """Give the user-defined function ``udf`` of one input and one output."""
    body = f'<Function xmlns="">{ports("Input", (1,))}{ports("Output", (1,))}<Steps>{steps}</Steps>'
    return component("transform.function", "udf", f"{body}<Mappings>{links}</Mappings></Function>", name="U")


CALL = function(1, "userdefined", (1,), (1,), more='id="udf"')


def values(ended: Ended) -> list[object]:
    """Give what a run returned, and that nothing failed."""
    assert ended.message is None
    return [json.loads(text) for text in texts(ended)]


async def test_a_table_is_asked_by_two_columns() -> None:
    """92: without case, the first row wins, a miss has no value; empty inputs find the first row unless skipped."""
    contents = ('{"lines":[{"k":"a","v":"Y"},{"k":"A","v":"x"},{"k":"A","v":"z"}]}',)
    links = into(10, 1, 1) + into(11, 1, 2) + out(1, 3, 11) + link(10, 10)
    ended = await run(written(links, looked()), *contents, more=[TABLE])
    assert values(ended) == [{"lines": [{"k": "a", "v": "second"}, {"k": "A", "v": "first"}, {"k": "A"}]}]
    for skip, expected in (("false", [{"lines": [{"k": "", "v": "first"}]}]), ("true", [{"lines": [{"k": ""}]}])):
        ended = await run(written(links, looked(skip)), '{"lines":[{"k":"","v":""}]}', more=[TABLE])
        assert values(ended) == expected


async def test_a_table_without_the_column_is_refused() -> None:
    """A column that the table has not is refused when the map is read."""
    wrong = looked().replace('refId="3"', 'refId="4"')
    assert any("columns 1 to 3" in one for one in errors(written("", wrong), TABLE, *STANDARD))


async def test_user_functions_run_by_position() -> None:
    """93: a chain computes; a step that stands before what feeds it has nothing."""
    steps = function(1, "String2Upper") + function(2, "StringPrepend", (1, 2, 3), (2,), defaults=("", "3", "*"))
    links = between(0, 1, 1, 1) + between(1, 2, 2, 1) + between(2, 2, 0, 1)
    made = written(into(3, 1) + out(1, 1, 3), CALL)
    assert values(await run(made, '{"id":"a"}', more=[user(steps, links)])) == [{"id": "**A"}]
    against = between(0, 1, 2, 1) + between(2, 2, 1, 1) + between(1, 2, 0, 1)
    ended = await run(made, '{"id":"a"}', more=[user(steps, against)])
    assert texts(ended) == []
    assert (ended.message or "").endswith("Nothing came to 'Root/O/id'.")


async def test_a_step_of_a_user_function_that_fails_fails_its_document() -> None:
    """90, 93: the function is named; the document's neighbours are mapped."""
    steps = function(1, "MathDivide", (1, 2), (2,), defaults=("8", ""))
    udf = user(steps, between(0, 1, 1, 2) + between(1, 2, 0, 1))
    ended = await run(written(into(4, 1) + out(1, 1, 4), CALL), '{"qty":2}', '{"qty":0}', '{"qty":4}', more=[udf])
    assert [json.loads(text) for text in texts(ended)] == [{"qty": 4}, {"qty": 2}]
    assert "[Function: F1]" in (ended.message or "")
    assert "Division by zero" in (ended.message or "")


async def test_user_functions_of_user_functions_are_refused() -> None:
    """Also one that calls itself: refused at deployment, not run without end."""
    with pytest.raises(BundleError, match="calls another function"):
        await run(written(into(3, 1) + out(1, 1, 3), CALL), LINES, more=[user(CALL, "")])


async def test_scripts_compute_values() -> None:
    """Component XML, 5.1: inputs are variables, outputs what the script left in theirs."""
    made = written(into(10, 1) + out(1, 2, 10), function(1, "Scripting", configuration=script("p2 = p1 * 2 + '!'")))
    assert values(await run(made, '{"lines":[{"k":"a"},{"k":"b"}]}')) == [{"lines": [{"k": "aa!"}, {"k": "bb!"}]}]


async def test_scripts_in_javascript_compute_values() -> None:
    """Component XML, 5.1: the language is the script's own."""
    text = "var p2 = JSON.stringify([p1 + '!'])"
    configuration = script(text, language="javascript")
    made = written(into(10, 1) + out(1, 2, 10), function(1, "Scripting", configuration=configuration))
    assert values(await run(made, '{"lines":[{"k":"a"}]}')) == [{"lines": [{"k": '["a!"]'}]}]


async def test_scripts_with_classes_compute_values() -> None:
    """A script of a map has the whole language, builders and classes among it."""
    text = (
        "import groovy.json.JsonBuilder\nclass P { String n; String up() { n.toUpperCase() } }\n"
        "def b = new JsonBuilder()\nb { name new P(n: p1).up() }\np2 = b.toString()"
    )
    made = written(into(10, 1) + out(1, 2, 10), function(1, "Scripting", configuration=script(text)))
    assert values(await run(made, '{"lines":[{"k":"a"}]}')) == [{"lines": [{"k": '{"name":"A"}'}]}]


async def test_a_script_that_fails_fails_its_document() -> None:
    """90: with the function and the line; the document's neighbours are mapped, and nothing of theirs is lost."""
    text = "p2 = p1\nif (p1 == 'bad')\n  throw new Exception('no')"
    made = written(into(3, 1) + out(1, 2, 3), function(1, "Scripting", configuration=script(text)))
    ended = await run(made, '{"id":"a"}', '{"id":"bad"}', '{"id":"b"}')
    assert [json.loads(text) for text in texts(ended)] == [{"id": "a"}, {"id": "b"}]
    assert "[Function: F1]" in (ended.message or "")
    assert "F1:3: java.lang.Exception: no" in (ended.message or "")


async def test_a_script_keeps_nothing_for_the_next_document() -> None:
    """81: what a script leaves in its variables is gone with the next row."""
    text = "if (p1 == 'a') { p2 = 'kept'; other = 1 }"
    made = written(into(10, 1) + out(1, 2, 11) + link(10, 10), function(1, "Scripting", configuration=script(text)))
    ended = await run(made, '{"lines":[{"k":"a"},{"k":"b"}]}', '{"lines":[{"k":"b"}]}')
    assert values(ended) == [{"lines": [{"k": "a", "v": "kept"}, {"k": "b"}]}, {"lines": [{"k": "b"}]}]


@pytest.mark.parametrize("text", ["p2 = (", "p2 = new java.io.File('x').text"])
async def test_a_script_that_is_not_covered_is_refused(text: str) -> None:
    """At deployment, with the function."""
    made = written(into(3, 1) + out(1, 2, 3), function(1, "Scripting", configuration=script(text)))
    if not errors(made, *STANDARD):
        with pytest.raises(BundleError, match="F1"):
            await run(made, LINES)


async def test_properties_are_set_before_they_are_read() -> None:
    """Component XML, 5.1: in the order of the functions where that is asked for; documents see those before them."""
    put = function(1, "PropertySet", (1, 2), (), defaults=("P",))
    got = function(2, "PropertyGet", (1, 2), (3,), defaults=("P", "none"))
    links = into(3, 1, 2) + out(2, 3, 3)
    ended = await run(written(links, put + got, optimize="false"), '{"id":"a"}', '{"id":"b"}')
    assert (values(ended), ended.properties["P"]) == ([{"id": "a"}, {"id": "b"}], "b")
    ended = await run(written(links, got + put, optimize="false"), '{"id":"a"}', '{"id":"b"}')
    assert (values(ended), ended.properties["P"]) == ([{"id": "none"}, {"id": "a"}], "b")


async def test_a_document_that_fails_sets_no_property() -> None:
    """81: what its functions set before the fault is not taken over."""
    put = function(1, "PropertySet", (1, 2), (), defaults=("P",))
    divided = function(2, "MathDivide", (1, 2), (3,), defaults=("", "0"))
    made = written(into(3, 1, 2) + into(4, 2, 1) + out(2, 3, 4) + link(3, 3), put + divided)
    ended = await run(made, '{"id":"a"}', '{"id":"b","qty":1}')
    assert (ended.properties.get("P"), len(texts(ended))) == ("a", 1)


async def test_a_function_that_sets_is_never_answered_from_memory() -> None:
    """A cache keeps results: what a function does besides is done for each document, whatever its cache says."""
    set_ = function(1, "PropertySet", (1, 2), (), defaults=("P",), cache="map")
    other = function(2, "PropertySet", (1, 2), (), defaults=("P", "x"), cache="none")
    made = written(into(3, 1, 2) + into(10, 2, 1) + link(3, 3), set_ + other)
    assert (await run(made, '{"id":"a"}', '{"id":"b"}', '{"id":"a"}')).properties["P"] == "a"


async def test_totals_are_of_one_document() -> None:
    """91: Running Total and Line Item Increment go from row to row, and begin again with the next document."""
    for kind, expected in (("Sum", ["1", "3", "7"]), ("LineItemIncrement", ["1", "2", "3"])):
        made = written(into(11, 1) + out(1, 2, 11) + link(10, 10), function(1, kind))
        ended = await run(made, LINES, LINES)
        rows = [{"k": k, "v": v} for k, v in zip("aba", expected, strict=True)]
        assert values(ended) == [{"lines": rows}] * 2


async def test_sums_are_of_all_rows_of_a_group() -> None:
    """91: by Reset Value wherever its rows stand; without one, of the document."""
    for kind, a, b in (("Sum2", "5", "2"), ("Count", "2", "1")):
        links = into(11, 1) + into(10, 1, 2) + out(1, 3, 11) + link(10, 10)
        ended = await run(written(links, function(1, kind, (1, 2), (3,))), LINES, LINES)
        assert values(ended) == [{"lines": [{"k": "a", "v": a}, {"k": "b", "v": b}, {"k": "a", "v": a}]}] * 2
    ended = await run(written(into(11, 1) + out(1, 3, 4), function(1, "Sum2", (1, 2), (3,))), LINES)
    assert values(ended) == [{"qty": 7}]


@pytest.mark.parametrize(
    ("step", "faulty"),
    [
        (function(1, "MathAdd", (1, 2), (9,), defaults=("", "1")), "x"),
        (function(1, "LeftTrim", (1, 2), (9,), defaults=("", "many")), "x"),
        (function(1, "LeftTrim", (1, 2), (9,), defaults=("", "-1")), "x"),
        (function(1, "StringReplace", (1, 2, 3), (9,), defaults=("", "(", "")), "x"),
        (function(1, "StringSplit", (1,), (9,), '<StringSplit delimiter=","/>'), "a,b"),
        (function(1, "DateFormat", (1, 2, 3), (9,), defaults=("", "yyyy", "MM")), "x"),
        (function(1, "DateFormat", (1, 2, 3), (9,), defaults=("", "{", "MM")), "2020"),
        (function(1, "NumberFormat", (1, 2, 3), (9,), defaults=("", "", "0'")), "7"),
        (function(1, "MathPrecision", (1, 2), (9,), defaults=("", "-2")), "7"),
        (function(1, "Sum", (1,), (9,)), "x"),
        (function(1, "Sum2", (1, 2), (9,)), "x"),
        (function(1, "PropertySet", (1, 2), (9,)), ""),
    ],
)  # fmt: skip
async def test_what_cannot_be_computed_fails_its_document(step: str, faulty: str) -> None:
    """90: with the function's name, and nothing but that document."""
    made = written(into(3, 1) + out(1, 9, 3) + link(4, 4), step)
    ended = await run(made, '{"qty":1}', json.dumps({"id": faulty, "qty": 2}))
    assert "[Function: F1]" in (ended.message or ""), ended.message
    assert len(texts(ended)) <= 1


async def test_functions_without_ports_are_no_accident() -> None:
    """A function whose inputs or outputs were not written has no value, or is refused with a reason."""
    for kind in (
        "MathAdd", "LeftTrim", "StringSplit", "Sum", "Sum2", "Count", "LineItemIncrement", "PropertyGet", "DateFormat",
        "NumberFormat", "StringConcat", "String2Upper", "MathPrecision", "CurrentDate", "SequentialValue",
    ):  # fmt: skip
        ended = await run(written(into(3, 1, 5) + out(1, 9, 4) + link(3, 3), function(1, kind, (), ())), LINES)
        assert texts(ended) or ended.message, kind
