"""Looking things up in a table."""

from __future__ import annotations

import pytest

from runtime.engine.mapping import compile_map
from runtime.errors import DocumentFault
from runtime.expressions import Scope
from runtime.model.bundle import LookupTable
from runtime.model.document import Document
from tests.engine.mapping.support import a_map, call

COUNTRIES = LookupTable(
    name="countries",
    columns=("code", "name", "zone"),
    rows=(("DE", "Germany", "1"), ("FR", "France", "1"), ("DE", "Allemagne", ""), ("7", "seven", "0")),
)


def looked_up(content: bytes, to: str = "name", table: str = "countries", default: str | None = None) -> bytes:
    """Map the field `country` through the table, and give the document that comes out."""
    source = call("lookup", "country", table=table, to=to, **{"from": "code"})
    defaults = {"result": default} if default is not None else None
    compiled = compile_map(a_map({"result": source, "kept": "kept"}, defaults), tables={"countries": COUNTRIES})
    return compiled.apply(content, Scope(Document(b"d", content), {}, {}))


def test_the_first_row_that_matches_gives_its_cell() -> None:
    """Where two rows match, the upper one wins."""
    assert looked_up(b'{"country": "DE"}') == b'{"result":"Germany"}'
    assert looked_up(b'{"country": "DE"}', to="zone") == b'{"result":"1"}'


def test_a_number_is_looked_up_as_it_prints() -> None:
    """Cells are texts; so is what is looked up."""
    assert looked_up(b'{"country": 7}') == b'{"result":"seven"}'


@pytest.mark.parametrize("country", ['"de"', '"XX"', '""', "null"])
def test_what_does_not_match_exactly_gives_nothing(country: str) -> None:
    """A miss leaves the field out, or fills it with the rule's default."""
    content = f'{{"country": {country}, "kept": 1}}'.encode()
    assert looked_up(content) == b'{"kept":1}'
    assert looked_up(content, default="unknown") == b'{"result":"unknown","kept":1}'


@pytest.mark.parametrize(("table", "to"), [("cities", "name"), ("countries", "capital")])
def test_a_table_or_column_that_is_not_there_is_refused_when_it_is_compiled(table: str, to: str) -> None:
    """No document meets a lookup that cannot work."""
    with pytest.raises(DocumentFault) as caught:
        looked_up(b'{"country": "DE"}', to=to, table=table)
    assert caught.value.code == "map.invalid-option"


@pytest.mark.parametrize(
    ("match", "country", "found"),
    [
        ("exact", "de", "Germany"),
        ("wildcard", "fr", "France"),
        ("wildcard", "xfrx", "any"),
        ("regex", "42", "digits"),
        ("regex", "", "any"),
    ],
)
def test_cells_may_be_patterns(match: str, country: str, found: str) -> None:
    """92: the first row whose cell matches, without regard to case but for regular expressions."""
    rows = {
        "exact": (("DE", "Germany"),),
        "wildcard": (("F?", "France"), ("x*X", "any")),
        "regex": (("[0-9]+", "digits"), (".*", "any")),
    }
    table = LookupTable(name="t", columns=("code", "name"), rows=rows[match])
    source = call("lookup", "country", table="t", to="name", match=match, **{"from": "code"})
    compiled = compile_map(a_map({"result": source, "kept": "kept"}, None), tables={"t": table})
    content = f'{{"country": "{country}"}}'.encode()
    assert compiled.apply(content, Scope(Document(b"d", content), {}, {})) == f'{{"result":"{found}"}}'.encode()


def test_several_inputs_are_looked_up_in_several_columns() -> None:
    """Reference 1.3: all of them must match."""
    source = call("lookup", "a", "b", table="countries", to="name", **{"from": "code, zone"})
    compiled = compile_map(a_map({"result": source}, {"result": "none"}), tables={"countries": COUNTRIES})
    for a, b, found in (("DE", "1", "Germany"), ("DE", "", "Allemagne"), ("FR", "2", "none")):
        content = f'{{"a": "{a}", "b": "{b}"}}'.encode()
        assert compiled.apply(content, Scope(Document(b"d", content), {}, {})) == f'{{"result":"{found}"}}'.encode()
