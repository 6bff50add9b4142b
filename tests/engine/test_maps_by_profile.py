"""Maps of native bundles by profile, read and run: XML, flat files, rows, instances, joins, functions of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime.bundle.read import read_bundle
from runtime.engine.compile import compile_bundle
from tests.bundle.house import write
from tests.bundle.test_schema import complaints
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

HEAD = "name: b\nversion: 1\ncaches: { stock: { by sku: '${document.sku}' } }\n"
LINES = """\
format: delimited
delimiter: ";"
headers: true
records: { line: { no: text required, sku: text 1..10, qty: number, day: date dd.MM.yyyy } }
"""
ORDER = """\
format: xml
namespaces: { o: urn:example }
elements:
  o:Order:
    "@no": text
    o:Total: number 0.00
    o:Line[]: { "@sku": text, o:Qty: number 0.00, o:Day: date yyyy-MM-dd }
"""
FIXED = """\
format: positional
fill: "0"
records: { line: { sku: 5 text, qty: 6 number right } }
"""
TYPED = """\
format: delimited
quote: "'"
records: { head: { kind: text, id: text }, line: { kind: text, sku: text, qty: number } }
told by: { head: kind=H, line: kind=L }
"""
ROWS = "format: database\nrows: { stock: { sku: text, qty: number } }\n"
ITEM = json.dumps(
    {
        "type": "object",
        "properties": {
            "no": {"type": "string"},
            "total": {"type": "number"},
            "count": {"type": "number"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "sku": {"type": "string"},
                        "qty": {"type": "number"},
                        "parts": {
                            "type": "array",
                            "items": {"type": "object", "properties": {"n": {"type": "number"}}},
                        },
                    },
                },
            },
        },
    }
)
FILES = {
    "bundle.yaml": HEAD,
    "profiles/lines.yaml": LINES,
    "profiles/order.yaml": ORDER,
    "profiles/fixed.yaml": FIXED,
    "profiles/typed.yaml": TYPED,
    "profiles/rows.yaml": ROWS,
    "profiles/item.json": ITEM,
    "tables/kinds.csv": "sku,kind\na*,apple\nb?,berry\n",
}
CSV = "no;sku;qty;day\n1; ab ;2;31.01.2024\n1;bc;3.5;01.02.2024\n"
XML = '<Order xmlns="urn:example" no="7"><Line sku="a"><Qty>2</Qty></Line><Line sku="b"><Qty>3</Qty></Line></Order>'
DOCUMENT = (
    '{"no":"1","lines":[{"sku":"a","qty":2,"parts":[{"n":1},{"n":2}]},{"sku":"b","qty":3,"parts":[{"n":5}]},'
    '{"sku":"a"}]}'
)


MAPPED = "  - map: m\n  - return documents\n"


async def run(folder: Path, map_: str, *contents: str, steps: str = MAPPED, **properties: str) -> Ended:
    """Read and run a map over documents; an editor has nothing against it."""
    files = {
        **FILES,
        "maps/m.yaml": map_,
        "processes/p.yaml": f"name: p\nstart: passthrough\nsteps:\n{steps}",
    }
    assert complaints(files) == []
    world = World()
    bundle = read_bundle(write(folder, files), world.catalogue())
    return await Run(
        compile_bundle(bundle, world.catalogue()).processes["p"], world, batch(*contents, **properties)
    ).go()


def values(ended: Ended) -> Sequence[object]:
    """Give what a run returned, and that nothing failed."""
    assert ended.message is None
    return [json.loads(text) for text in texts(ended)]


async def test_lines_become_xml(tmp_path: Path) -> None:
    """82, 88: an element for each record, masks on both sides, one total over all of them."""
    ended = await run(
        tmp_path,
        """\
from: lines
to: order
fields:
  "@no": { function: concat, of: [ "line[1].no", "${properties.d}" ], delimiter: "-" }
  o:Total: { function: sum, of: [ "line[].qty" ] }
  "o:Line[].@sku": { function: whitespace trim, of: [ "line[].sku" ] }
  o:Line[].o:Qty: line[].qty
  o:Line[].o:Day: line[].day
""",
        CSV,
        d="x",
    )
    assert ended.message is None
    assert texts(ended)[0].splitlines()[1:] == [
        '<o:Order xmlns:o="urn:example" no="1-x">',
        "  <o:Total>5.50</o:Total>",
        '  <o:Line sku="ab">',
        "    <o:Qty>2.00</o:Qty>",
        "    <o:Day>2024-01-31</o:Day>",
        "  </o:Line>",
        '  <o:Line sku="bc">',
        "    <o:Qty>3.50</o:Qty>",
        "    <o:Day>2024-02-01</o:Day>",
        "  </o:Line>",
        "</o:Order>",
    ]


async def test_xml_becomes_json_and_positions(tmp_path: Path) -> None:
    """82: whatever prefix the document has; numbers are numbers, and stand right in their columns."""
    to_json = (
        "from: order\nto: item\n"
        "fields: { no: '@no', 'lines[].sku': 'o:Line[].@sku', 'lines[].qty': 'o:Line[].o:Qty' }\n"
    )
    assert texts(await run(tmp_path, to_json, XML))[0].startswith('{"no":"7","lines":[{"sku":"a","qty":2}')
    assert values(await run(tmp_path, to_json, XML)) == [
        {"no": "7", "lines": [{"sku": "a", "qty": 2}, {"sku": "b", "qty": 3}]}
    ]
    to_fixed = "from: order\nto: fixed\nfields: { 'line[].sku': 'o:Line[].@sku', 'line[].qty': 'o:Line[].o:Qty' }\n"
    assert texts(await run(tmp_path, to_fixed, XML)) == ["a0000000002\r\nb0000000003\r\n"]


async def test_positions_and_kinds_of_lines_are_read(tmp_path: Path) -> None:
    """Component XML, 4.3: fields by their width, lines by what tells them."""
    fixed = "from: fixed\nfields: { 'lines[].sku': 'line[].sku', 'lines[].qty': 'line[].qty' }\n"
    assert values(await run(tmp_path, fixed, "ab   000012\nc    000003\n")) == [
        {"lines": [{"sku": "ab", "qty": "12"}, {"sku": "c", "qty": "3"}]}
    ]
    typed = (
        "from: typed\nto: item\nfields: { no: 'head[].id', 'lines[].sku': 'line[].sku', 'lines[].qty': 'line[].qty' }\n"
    )
    assert values(await run(tmp_path, typed, "H,7\nL,'a, b',2\nX,?\nL,c,3\n")) == [
        {"no": "7", "lines": [{"sku": "a, b", "qty": 2}, {"sku": "c", "qty": 3}]}
    ]


async def test_rows_of_a_database_are_read_and_written(tmp_path: Path) -> None:
    """Component XML, 4.4: rows as the database connector gives them, and as the platform's takes them."""
    read = "from: rows\nto: item\nfields: { 'lines[].sku': 'stock[].sku', 'lines[].qty': 'stock[].qty' }\n"
    ended = await run(tmp_path, read, '[{"sku":"a","qty":1},{"sku":"b","qty":null}]')
    assert values(ended) == [{"lines": [{"sku": "a", "qty": 1}, {"sku": "b"}]}]
    written = "from: item\nto: rows\nfields: { 'stock[].sku': 'lines[].sku', 'stock[].qty': 'lines[].qty' }\n"
    document = texts(await run(tmp_path, written, DOCUMENT))[0]
    assert document.startswith("DBSTART|")
    assert "a|^|2|#|b|^|3|#|a|^||#||#|OUT_END" in document
    assert values(await run(tmp_path, read, document))[0] == {
        "lines": [{"sku": "a", "qty": 2}, {"sku": "b", "qty": 3}, {"sku": "a"}]
    }


async def test_what_repeats_only_in_the_source_gives_documents(tmp_path: Path) -> None:
    """82: a document for each record."""
    ended = await run(tmp_path, "from: lines\nto: item\nfields: { no: 'line[].sku', total: 'line[].qty' }\n", CSV)
    assert values(ended) == [{"no": " ab ", "total": 2}, {"no": "bc", "total": 3.5}]


async def test_instances_are_told_by_place_or_value(tmp_path: Path) -> None:
    """Component XML, 4: of the source they are read, of the target they are written with what tells them."""
    of_source = "fields: { first: 'lines[1].sku', last: 'lines[-1].sku', b: 'lines[sku=b].qty' }\n"
    assert values(await run(tmp_path, of_source, DOCUMENT)) == [{"first": "a", "last": "a", "b": "3"}]
    of_target = "to: item\nfields: { 'lines[sku=ID].qty': 'lines[1].qty', 'lines[sku=NO].qty': no }\n"
    assert values(await run(tmp_path, of_target, DOCUMENT)) == [
        {"lines": [{"sku": "ID", "qty": 2}, {"sku": "NO", "qty": 1}]}
    ]


async def test_totals_stand_where_their_rows_do(tmp_path: Path) -> None:
    """1.3: of all rows, of the parts of each, by another value, and from row to row."""
    ended = await run(
        tmp_path,
        """\
from: item
to: item
fields:
  total: { function: sum, of: [ "lines[].parts[].n" ] }
  count: { function: count, of: [ "lines[].qty" ] }
  lines[].sku: { function: line number, of: [ "lines[].sku" ] }
  lines[].qty: { function: sum, of: [ "lines[].parts[].n" ] }
functions: {}
""",
        DOCUMENT,
    )
    assert values(ended) == [
        {
            "total": 8,
            "count": 2,
            "lines": [{"sku": "1", "qty": 3}, {"sku": "2", "qty": 5}, {"sku": "3", "qty": 0}],
        }
    ]
    by = """\
to: item
fields:
  lines[].sku: lines[].sku
  lines[].qty: { function: sum by, of: [ "lines[].qty", "lines[].sku" ] }
"""
    assert values(await run(tmp_path, by, DOCUMENT)) == [
        {"lines": [{"sku": "a", "qty": 2}, {"sku": "b", "qty": 3}, {"sku": "a", "qty": 2}]}
    ]


async def test_a_sequence_goes_on_with_the_next_document(tmp_path: Path) -> None:
    """Component XML, 5.1: a number for each row, none of them twice."""
    made = "fields: { 'lines[].sku': 'lines[].sku', 'lines[].no': { function: sequence, counter: n, length: 3 } }\n"
    found = values(await run(tmp_path, made, DOCUMENT, DOCUMENT))
    assert [line["no"] for one in found for line in one["lines"]] == [f"00{number}" for number in range(1, 7)]  # type: ignore[index]


@pytest.mark.parametrize("cache", ["none", "document", "map"])
async def test_functions_of_a_map_are_chains(tmp_path: Path, cache: str) -> None:
    """93: steps in their order, over inputs and the steps before; whatever is kept of their results."""
    ended = await run(
        tmp_path,
        f"""\
functions:
  named:
    inputs: [ text, kind ]
    cache: {cache}
    steps:
      bare: {{ function: whitespace trim, of: [ text ] }}
      found: {{ function: lookup, of: [ bare ], table: kinds, from: sku, to: kind, match: wildcard }}
      both: {{ function: concat, of: [ bare, found, kind, "${{properties.d}}" ], delimiter: "/" }}
      unused: {{ value: x }}
    gives: both
fields:
  lines[].name: {{ function: named, of: [ "lines[].sku", {{ value: k }} ], default: none }}
""",
        '{"lines":[{"sku":" ab "},{"sku":"zz"},{"sku":" ab "}]}',
        d="p",
    )
    assert values(ended) == [{"lines": [{"name": "ab/apple/k/p"}, {"name": "zz/k/p"}, {"name": "ab/apple/k/p"}]}]


async def test_cached_documents_are_joined(tmp_path: Path) -> None:
    """80: below the lines, by the key of each; what is not found has its default."""
    ended = await run(
        tmp_path,
        """\
from: lines
joins:
  stock: { cache: stock, profile: rows, index: by sku, below: "line[]", keys: [ "line[].sku" ] }
fields:
  lines[].sku: line[].sku
  lines[].qty: { from: "stock.stock[].qty", default: none }
""",
        "no;sku;qty;day\n1;bc;3.5;01.02.2024\n1;d;1;\n",
        steps="""\
  - branch:
      - [ { message: '{"sku":"bc","qty":4}' }, { add to cache: stock } ]
      - [ { map: m }, return documents ]
""",
    )
    assert values(ended) == [{"lines": [{"sku": "bc", "qty": "4"}, {"sku": "d", "qty": "none"}]}]


async def test_defaults_and_texts_stand_where_nothing_is(tmp_path: Path) -> None:
    """87, 88: in each occurrence; dates as maps have them."""
    ended = await run(
        tmp_path,
        """\
from: lines
to: order
fields:
  "@no": { value: "7" }
  "o:Line[].@sku": { from: "line[].sku", default: none }
  o:Line[].o:Day: { default: "20240131 000000.000" }
""",
        "no;sku;qty;day\n1;;2;\n1;bc;3;\n",
    )
    assert ended.message is None
    assert texts(ended)[0].count("2024-01-31") == 2
    assert 'no="7"' in texts(ended)[0]
    assert '<o:Line sku="none">' in texts(ended)[0]


@pytest.mark.parametrize("content", ["", "no;sku;qty;day\n", "<", '{"a":1}', "no;sku;qty;day\n1;a;many;31.01.2024\n"])
async def test_what_gives_nothing_fails_alone(tmp_path: Path, content: str) -> None:
    """81, 84: its neighbours are mapped."""
    made = "from: lines\nto: item\nfields: { 'lines[].sku': 'line[].sku', 'lines[].qty': 'line[].qty' }\n"
    ended = await run(tmp_path, made, CSV, content, CSV)
    assert len(texts(ended)) == 2
    assert ended.message


async def test_elements_of_xml_have_texts_of_their_own(tmp_path: Path) -> None:
    """Component XML, 4.2: beside attributes and others within; of what stands once the first counts."""
    profile = """\
format: xml
elements: { r: { ".": text, "@a": text, "n[]": { ".": text, "@k": text, b: { c: text } }, o: text } }
"""
    document = "<r a='1'>own<n k='x'>one<b><c>deep</c></b></n><n>two</n><o>first</o><o>second</o></r>"
    made = "from: x\nfields: { own: '.', a: '@a', o: o, 'l[].t': 'n[]..', 'l[].k': 'n[].@k', 'l[].c': 'n[].b.c' }\n"
    files = {**FILES, "profiles/x.yaml": profile, "maps/m.yaml": made}
    files["processes/p.yaml"] = f"name: p\nstart: passthrough\nsteps:\n{MAPPED}"
    world = World()
    bundle = read_bundle(write(tmp_path, files), world.catalogue())
    ended = await Run(compile_bundle(bundle, world.catalogue()).processes["p"], world, batch(document)).go()
    assert values(ended) == [
        {
            "own": "own",
            "a": "1",
            "o": "first",
            "l": [{"t": "one", "k": "x", "c": "deep"}, {"t": "two"}],
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        "no;sku\n" + "1;" + "x" * 100_000 + "\n",
        "\ufeffno;sku;qty;day\n1;a;1;\n",
        "no;sku;qty;day\r1;a;1;\r",
        'no;sku;qty;day\n"unclosed;a;1;\n',
        "no;sku;qty;day\n" + ";" * 10_000 + "\n",
        "no;sku;qty;day\n1;a;1e9999;\n",
        "no;sku;qty;day\n1;a;1;99.99.9999\n",
        "\x00\x01\x02",
    ],
)
async def test_odd_lines_are_mapped_or_fail_alone(tmp_path: Path, content: str) -> None:
    """81: whatever stands in a file, its neighbours are mapped."""
    made = """\
from: lines
to: item
fields: { "lines[].sku": "line[].sku", "lines[].qty": "line[].qty", no: "line[1].day" }
"""
    alone = texts(await run(tmp_path, made, CSV))
    ended = await run(tmp_path / "b", made, CSV, content, CSV)
    assert [text for text in texts(ended) if text in alone] == alone * 2
    assert ended.message or len(texts(ended)) == 3
