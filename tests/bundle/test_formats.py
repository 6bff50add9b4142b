"""profiles/*.yaml, and maps by profile: every mistake is told at its place, with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle.sides import parts_of
from tests.bundle.house import SOUND, problems, read
from tests.bundle.test_schema import complaints

LINES = "format: delimited\nrecords: { line: { no: text, qty: number } }\n"


@pytest.mark.parametrize(
    ("text", "line", "code", "part"),
    [
        ("format: csv\n", 1, "unknown-value", "csv"),
        ("records: {}\n", 1, "missing-key", "format"),
        ("format: delimited\n", 1, "missing-key", "records"),
        ("format: delimited\ndelimiter: ''\nrecords: { l: { a: text } }\n", 2, "profile", "delimiter"),
        ("format: delimited\nquote: '||'\nrecords: { l: { a: text } }\n", 2, "profile", "quote"),
        ("format: delimited\nrecords: { l: { a: texts } }\n", 2, "profile", "says not what 'a' is"),
        ("format: delimited\nrecords: { l: { a: 10 text } }\n", 2, "profile", "width"),
        ("format: positional\nrecords: { l: { a: text } }\n", 2, "profile", "no width"),
        ("format: positional\nfill: '00'\nrecords: { l: { a: 3 text } }\n", 2, "profile", "fills up"),
        ("format: delimited\nrecords: { l: { a: date yyyyb } }\n", 2, "profile", "mask"),
        ("format: delimited\nrecords: { l: { a: text 0.0 } }\n", 2, "profile", "mask"),
        ("format: delimited\nrecords: { 'a.b': { a: text } }\n", 2, "profile", "no name"),
        ("format: delimited\nrecords: { l: { a: text } }\ntold by: { k: a=1 }\n", 3, "unknown-reference", "'k'"),
        ("format: delimited\nrecords: { l: { a: text } }\ntold by: { l: b=1 }\n", 3, "unknown-element", "'b'"),
        ("format: delimited\nrecords: { l: { a: text } }\ntold by: { l: a }\n", 3, "profile", "column and its value"),
        ("format: xml\nelements: { a: text, b: text }\n", 2, "profile", "one root"),
        ("format: xml\nelements: { 'o:a': text }\n", 2, "unknown-reference", "namespace 'o'"),
        ("format: xml\nelements: { a: [ text ] }\n", 2, "wrong-type", "single value"),
        ("format: database\nrows: { r: text }\n", 2, "wrong-type", "table"),
        ("format: xml\nrecords: {}\nelements: { a: text }\n", 2, "unknown-key", "records"),
    ],
)
def test_a_mistake_in_a_profile_is_told(tmp_path: Path, text: str, line: int, code: str, part: str) -> None:
    """Each at its line."""
    found = [one for one in problems(tmp_path, {**SOUND, "profiles/p.yaml": text}) if one.severity == "error"]
    assert [(one.code, one.place.file, one.place.line) for one in found] == [
        (f"bundle.{code}", "profiles/p.yaml", line)
    ]
    assert part in found[0].message


@pytest.mark.parametrize(
    ("text", "line", "code", "part"),
    [
        ("from: lines\nfields: { a: 'line[].nope' }\n", 2, "unknown-element", "no element 'line[].nope'"),
        ("from: lines\nfields: { a: line.no }\n", 2, "unknown-element", "what repeats"),
        ("from: lines\nfields: { a: 'line[]' }\n", 2, "unknown-element", "holds others"),
        ("from: lines\nfields: { a: 'line[' }\n", 2, "wrong-type", "not a path"),
        ("from: lines\nfields: { a: 'line[x=1].no' }\n", 2, "unknown-element", "tells no occurrence"),
        ("from: lines\nfields: { a: 'line[0].no' }\n", 2, "unknown-element", "tells no occurrence"),
        ("to: lines\nfields: { 'line[].x': a }\n", 2, "unknown-element", "line[].x"),
        ("from: lines\nfields: { a: '${document.x}' }\n", 2, "map-source", "JSON alone"),
        ("from: lines\nfields: { a: { function: nope, of: [ 'line[].no' ] } }\n", 2, "unknown-function", "nope"),
        ("functions: { f: { inputs: [ a ], steps: { b: c } } }\nfields: { a: b }\n", 1, "unknown-reference", "'c'"),
        ("functions: { f: { inputs: [ a ], steps: { a: a } } }\nfields: { a: b }\n", 1, "duplicate-key", "'a'"),
        ("functions: { f: { inputs: [ a ], steps: { b: a }, gives: c } }\nfields: {}\n", 1, "unknown-reference", "c"),
        ("functions: { upper: { inputs: [ a ], steps: { b: a } } }\nfields: { a: b }\n", 1, "name-taken", "upper"),
        (
            "functions: { f: { inputs: [ a ], steps: { b: { function: sum, of: [ a ] } } } }\nfields: { a: b }\n",
            1,
            "function",
            "one at a time",
        ),
        (
            "functions: { f: { inputs: [ a ], steps: { b: a } } }\nfields: { a: { function: f, of: [ b, c ] } }\n",
            2,
            "function",
            "takes 1 inputs, not 2",
        ),
        ("joins: { j: { cache: c, profile: lines, index: i, keys: [ a ] } }\nfields: {}\n", 1, "unknown-reference", ""),
    ],
)  # fmt: skip
def test_a_mistake_in_a_map_by_profile_is_told(tmp_path: Path, text: str, line: int, code: str, part: str) -> None:
    """Each at its line."""
    files = {**SOUND, "profiles/lines.yaml": LINES, "maps/m.yaml": text}
    found = [one for one in problems(tmp_path, files) if one.severity == "error"]
    assert [(one.code, one.place.file, one.place.line) for one in found] == [(f"bundle.{code}", "maps/m.yaml", line)]
    assert part in found[0].message


def test_a_name_stands_for_one_profile(tmp_path: Path) -> None:
    """Of two files with one name nobody could say which is meant."""
    found = problems(tmp_path, {**SOUND, "profiles/order.yaml": LINES})
    assert "bundle.name-taken" in {one.code for one in found}


def test_paths_are_names_with_dots_between_them() -> None:
    """What tells an occurrence may hold dots of its own; the text of an element is a dot."""
    assert parts_of("a.b[].@c") == [("a", None), ("b", ""), ("@c", None)]
    assert parts_of("a[x=1.5].b[-1]") == [("a", "x=1.5"), ("b", "-1")]
    assert (parts_of("."), parts_of("a..")) == ([(".", None)], [("a", None), (".", None)])
    for wrong in ("", "a[", "a]b", "[].a", "a[[x]]", ".a"):
        assert parts_of(wrong) is None, wrong


def test_editors_take_what_the_reader_takes() -> None:
    """A sound profile of each format has no complaint."""
    made = {
        "a": LINES,
        "b": "format: positional\nfill: '0'\nrecords: { line: { no: 3 text right 1..3, qty: 5 number } }\n",
        "c": "format: xml\nnamespaces: { o: urn:x }\n"
        "elements: { 'o:a': { '.': text, '@b': text required, 'c[]': date yyyy } }\n",
        "d": "format: database\nrows: { row: { id: number, on: boolean } }\n",
    }
    assert complaints({f"profiles/{name}.yaml": text for name, text in made.items()}) == []


def test_what_a_map_by_profile_uses_is_used(tmp_path: Path) -> None:
    """Lint doubts neither its tables nor itself; one that no step names it doubts."""
    process = "name: P\nstart: passthrough\nsteps: [ { map: m }, return documents ]\n"
    made = "{ function: lookup, of: [ 'line[].no' ], table: t, from: a, to: b }"
    own = "functions: { f: { inputs: [ a ], steps: { b: { function: lookup, of: [ a ], table: u, from: a, to: b } } } }"
    files = {
        **SOUND,
        "profiles/lines.yaml": LINES,
        "tables/t.csv": "a,b\n1,2\n",
        "tables/u.csv": "a,b\n1,2\n",
        "maps/m.yaml": f"from: lines\n{own}\nfields: {{ a: {made}, b: {{ function: f, of: [ 'line[].qty' ] }} }}\n",
        "maps/n.yaml": "from: lines\nfields: { a: 'line[].no' }\n",
        "processes/p.yaml": process,
    }
    found = [
        one.message
        for one in read(tmp_path, files).warnings
        if one.code == "bundle.unused" and "script" not in one.message
    ]
    assert found == ["nothing uses the map 'n'"]
