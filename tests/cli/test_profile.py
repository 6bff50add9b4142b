"""`nuclide profile from-sample`: what a document looks like becomes the profile that it fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from runtime.bundle.samples import schema_of
from runtime.cli.main import main
from runtime.model.profile import Entry, from_json_schema
from tests.flow.test_round_trip import entries, fitting

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def run(*arguments: str, typed: str | None = None) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["profile", "from-sample", *arguments], input=typed)


@given(st.data())
def test_a_sample_fits_its_profile(data: st.DataObject) -> None:
    """A document that Flow can express gets a profile of the same kinds, as far as it says."""
    shape = data.draw(entries())
    document = json.loads(_ENCODER.encode(data.draw(fitting(shape))))
    schema, findings = schema_of([document])
    assert all(finding.note for finding in findings)
    if not schema:
        return
    profile, mistakes = from_json_schema(schema, "sample")
    assert mistakes == ()
    _compare(profile.entries, shape, document)


def _compare(found: tuple[Entry, ...], meant: tuple[Entry, ...], document: Any) -> None:  # noqa: ANN401 - JSON
    known = {entry.name: entry for entry in found}
    for entry in meant:
        value = document.get(entry.name)
        if value in (None, [], {}):
            continue
        if entry.kind in {"object", "list"}:
            inner = known.get(entry.name)
            rows = value if isinstance(value, list) else [value]
            for row in rows if inner is not None else ():
                _compare(inner.entries if inner is not None else (), entry.entries, row)
        elif entry.kind != "character":
            assert known[entry.name].kind == entry.kind


def test_a_sample_becomes_a_file(tmp_path: Path) -> None:
    """Several samples make one profile, with instants told from texts; what they leave open is noted."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text('{"Id": "1", "When": "2025-09-04T10:20:30Z", "Lines": [{"Sku": "a"}], "Tags": []}')
    second.write_text('{"When": null, "Day": "2025-09-04", "Lines": [{"Qty": 1.5, "Note": null}]}')
    into = tmp_path / "profile.json"
    printed = run(str(first), str(second), "--into", str(into))
    assert printed.exit_code == 0, printed.output
    assert "note: /Tags: an empty list says nothing of its items" in printed.stderr
    assert json.loads(into.read_text()) == {
        "type": "object",
        "properties": {
            "Id": {"type": "string"},
            "When": {"type": "string", "format": "date-time"},
            "Lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "Sku": {"type": "string"},
                        "Qty": {"type": "number"},
                        "Note": {"type": "string"},
                    },
                },
            },
            "Day": {"type": "string"},
        },
    }


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('{"a": [1, 2]}', "/a/0: a list in Flow holds objects, and this holds a number"),
        ('{"a": [[{"b": 1}]]}', "/a/0: a list in Flow holds objects, and this holds a list"),
        ('{"a": [{"b": 1}, {"b": true}]}', "/a/0/b: a value has one kind, and this is true or false and a number"),
        ("[]", "the document: the root of a document for Flow is an object"),
        ('{"a\\"b": 1}', "a property's name is blank, or holds a quote"),
        ("{", "this is not JSON"),
    ],
)
def test_what_flow_cannot_express(typed: str, words: str) -> None:
    """A sample that no profile fits is told at its place, and nothing is printed."""
    printed = run("-", typed=typed)
    assert (printed.exit_code, printed.stdout) == (1, "")
    assert words in printed.stderr
