"""Cleanse in native processes (reference 1.15; platform behaviour 20): what is repaired, what is rejected, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.bundle.read import read_bundle
from runtime.engine.compile import compile_bundle
from tests.bundle.house import problems, write
from tests.bundle.test_schema import complaints
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

ITEM = json.dumps(
    {
        "type": "object",
        "required": ["id", "buyer"],
        "properties": {
            "id": {"type": "string"},
            "total": {"type": "number"},
            "paid": {"type": "boolean"},
            "buyer": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "lines": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": {"type": "string"}, "qty": {"type": "number"}}},
            },
        },
    }
)
XML = """\
format: xml
namespaces: { o: urn:example }
elements:
  o:Order:
    "@no": text required
    o:Day: date yyyy-MM-dd
    o:Line[]: { o:Sku: text required 2..4, o:Qty: number }
"""
LINES = """\
format: delimited
headers: true
quote: ""
records: { line: { no: text required 1..3, qty: number, day: date dd.MM.yyyy } }
"""
FIXED = "format: positional\nrecords: { line: { no: 4 text required 2..4, qty: 3 number right } }\n"
STEPS = """\
  - cleanse: {{ profile: {profile}, fields: {fields} }}
    rejected: [ {{ message: "rejected: ${{meta.cleansemessage}}" }}, return documents ]
  - return documents
"""


def files(profile: str, fields: str) -> dict[str, str | bytes]:
    """Give a bundle that cleanses by a profile."""
    steps = STEPS.format(profile=profile, fields=fields)
    return {
        "bundle.yaml": "name: b\nversion: 1\n",
        "profiles/item.json": ITEM,
        "profiles/xml.yaml": XML,
        "profiles/lines.yaml": LINES.replace('quote: ""\n', ""),
        "profiles/fixed.yaml": FIXED,
        "profiles/rows.yaml": "format: database\nrows: { row: { a: text } }\n",
        "processes/p.yaml": f"name: p\nstart: passthrough\nsteps:\n{steps}",
    }


async def run(folder: Path, profile: str, fields: str, *contents: str) -> Ended:
    """Cleanse documents; an editor has nothing against it."""
    made = files(profile, fields)
    assert complaints(made) == []
    world = World()
    bundle = read_bundle(write(folder, made), world.catalogue())
    return await Run(compile_bundle(bundle, world.catalogue()).processes["p"], world, batch(*contents)).go()


@pytest.mark.parametrize(
    ("fields", "content", "found"),
    [
        ("{}", '{"id":"1","buyer":{"name":"n"}}', '{"id":"1","buyer":{"name":"n"}}'),
        ("{}", '{ "id" : "1", "buyer":{"name":"n"}, "x": [1] }', '{ "id" : "1", "buyer":{"name":"n"}, "x": [1] }'),
        ("{}", '{"buyer":{"name":"n"}}', "rejected: 'id' has no value, and must have one"),
        ("{}", '{"id":" ","buyer":{"name":"n"}}', "rejected: 'id' has no value, and must have one"),
        ("{}", '{"id":"1"}', "rejected: 'buyer' has no value, and must have one"),
        ("{}", '{"id":"1","buyer":{}}', "rejected: 'buyer/name' has no value, and must have one"),
        ("{}", '{"id":"1","buyer":{"name":"n"},"total":"x"}', "rejected: 'total' is no number"),
        ("{}", '{"id":"1","buyer":{"name":"n"},"paid":"yes"}', "rejected: 'paid' is neither true nor false"),
        ("{ id: { default: '0' } }", '{"buyer":{"name":"n"},"x":1}', '{"buyer":{"name":"n"},"x":1,"id":"0"}'),
        ("{ total: { default: '1.50' } }", '{"id":"1","buyer":{"name":"n"},"total":"x"}',
         '{"id":"1","buyer":{"name":"n"},"total":1.50}'),
        ("{ total: { default: x } }", '{"id":"1","buyer":{"name":"n"},"total":"x"}', "rejected: 'total' is no number"),
        ("{ 'lines[].sku': { at most: 2, trim: trailing } }",
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"abc"},{"sku":"d"}]}',
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"ab"},{"sku":"d"}]}'),
        ("{ 'lines[].sku': { at most: 2, trim: leading } }",
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"abc"}]}',
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"bc"}]}'),
        ("{ 'lines[].sku': { at least: 3, pad: prepend, with: '0' } }",
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"7"},{"sku":""},{}]}',
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"007"},{"sku":""},{}]}'),
        ("{ 'lines[].sku': { at least: 3, pad: append } }", '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"7"}]}',
         '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"7  "}]}'),
        ("{ 'lines[].sku': { at least: 3, at most: 3 } }", '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"abcd"}]}',
         "rejected: 'lines/[]/sku' has 4 characters, and at most 3 are allowed"),
        ("{ 'lines[].sku': { at least: 3 } }", '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"ab"}]}',
         "rejected: 'lines/[]/sku' has 2 characters, and must have 3 at least"),
        ("{ 'lines[].sku': { required: true } }", '{"id":"1","buyer":{"name":"n"},"lines":[{"sku":"a"},{"qty":1}]}',
         "rejected: 'lines/[]/sku' has no value, and must have one"),
    ],
)  # fmt: skip
async def test_json_is_held_to_its_profile(tmp_path: Path, fields: str, content: str, found: str) -> None:
    """1.15: presence, length and type of each value, in each occurrence; a sound document stays byte for byte."""
    ended = await run(tmp_path, "item", fields, content)
    assert (ended.message, texts(ended)) == (None, [found])


async def test_rejected_documents_run_first_and_unchanged(tmp_path: Path) -> None:
    """20: then the clean ones; one that cannot be read goes down neither path."""
    good, bad = '{"id":"1","buyer":{"name":"n"}}', '{"id":"","buyer":{"name":"n"}}'
    ended = await run(tmp_path, "item", "{ id: { at least: 2, pad: append, with: x } }", good, bad, "{", good)
    reason = "rejected: 'id' has no value, and must have one"
    assert texts(ended) == [reason, *[good.replace('"1"', '"1x"')] * 2]
    assert ended.message


@pytest.mark.parametrize(
    ("fields", "content", "found"),
    [
        ("{}", '<Order xmlns="urn:example" no="1"><Line><Sku> ab </Sku></Line></Order>', None),
        ("{}", '<Order xmlns="urn:example"/>', "'Order/@no' has no value, and must have one"),
        ("{}", '<Order xmlns="urn:example" no="1"><Line><Sku>a</Sku></Line></Order>',
         "'Order/Line/Sku' has 1 characters, and must have 2 at least"),
        ("{}", '<Order xmlns="urn:example" no="1"><Line/></Order>', "'Order/Line/Sku' has no value, and must have one"),
        ("{}", '<Order xmlns="urn:example" no="1"><Day>1.2.2024</Day></Order>',
         "'Order/Day' is no date of the form 'yyyy-MM-dd'"),
        ("{}", '<Order xmlns="urn:example" no="1"><Line><Sku>ab</Sku><Qty>x</Qty></Line></Order>',
         "'Order/Line/Qty' is no number"),
    ],
)  # fmt: skip
async def test_xml_is_held_to_its_profile(tmp_path: Path, fields: str, content: str, found: str | None) -> None:
    """20: attributes and elements in each occurrence; blanks around a value do not count."""
    ended = await run(tmp_path, "xml", fields, content)
    assert (ended.message, texts(ended)) == (None, [content if found is None else f"rejected: {found}"])


async def test_xml_is_repaired_in_its_place(tmp_path: Path) -> None:
    """1.15: what is not meant stays as it is, comments and all."""
    content = '<Order xmlns="urn:example" no=""><!-- c --><Line><Sku>a</Sku><Other>x</Other></Line><Line/></Order>'
    fields = "{ '@no': { default: N }, 'o:Line[].o:Sku': { pad: append, with: '-', default: '??' } }"
    document = texts(await run(tmp_path, "xml", fields, content))[0]
    assert '<Order xmlns="urn:example" no="N"><!-- c --><Line><Sku>a-</Sku><Other>x</Other></Line>' in document
    assert "<Line><Sku>??</Sku></Line>" in document


async def test_flat_files_are_held_and_repaired(tmp_path: Path) -> None:
    """1.15: column by column; a document is rejected by its first value that nothing repairs."""
    good = "no,qty,day\r\na,1,31.01.2024\r\nabcd,2,\r\n"
    fields = "{ 'line[].no': { trim: trailing }, 'line[].qty': { default: '0' } }"
    assert texts(await run(tmp_path, "lines", fields, good)) == [
        '"no","qty","day"\r\n"a",1,31.01.2024\r\n"abc",2,\r\n',
    ]
    assert texts(await run(tmp_path, "lines", "{}", good, "no,qty,day\nb,x,\n")) == [
        "rejected: 'line/no' has 4 characters, and at most 3 are allowed",
        "rejected: 'line/qty' is no number",
    ]
    assert texts(await run(tmp_path, "lines", fields, "no,qty,day\nb,x,\n")) == ['"no","qty","day"\r\n"b",0,\r\n']
    assert texts(await run(tmp_path, "fixed", "{ 'line[].no': { pad: append, with: x } }", "a     1\n")) == [
        "ax    1\r\n"
    ]


@pytest.mark.parametrize(
    ("profile", "fields", "code"),
    [
        ("gone", "{}", "unknown-reference"),
        ("item", "{ nope: {} }", "unknown-element"),
        ("item", "{ buyer: {} }", "unknown-element"),
        ("item", "{ 'lines[1].sku': {} }", "wrong-type"),
        ("item", "{ id: { with: ab } }", "wrong-type"),
        ("item", "{ id: { at least: 3, at most: 2 } }", "wrong-type"),
        ("item", "{ id: { trim: left } }", "unknown-value"),
        ("item", "{ id: { nope: 1 } }", "unknown-key"),
    ],
)
def test_a_mistake_is_told_when_it_is_read(tmp_path: Path, profile: str, fields: str, code: str) -> None:
    """With its code, at its line."""
    found = problems(tmp_path, files(profile, fields))
    assert [(one.code, one.place.line) for one in found] == [(f"bundle.{code}", 4)]


async def test_rows_cannot_be_cleansed(tmp_path: Path) -> None:
    """Refused at deployment, with the reason."""
    with pytest.raises(Exception, match="cannot be cleansed"):
        await run(tmp_path, "rows", "{}", "")
