"""Tables of reference data, and the lookups that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle import tables
from runtime.model.bundle import LookupTable
from tests.bundle.house import SOUND, Files, problems, read

CSV = 'code,name\r\nDE,Germany\r\n\r\nXX,"a, b\nc"\r\n'
LOOKUP = "fields:\n  a: { function: lookup, of: [ b ], table: countries, from: code, to: name }\n"


def bundle(**changes: str | bytes) -> Files:
    """Give the sound bundle with a table and a map that looks things up in it."""
    return {**SOUND, "tables/countries.csv": CSV, "maps/m.yaml": LOOKUP, **changes}


def test_a_table_has_the_columns_of_its_first_line(tmp_path: Path) -> None:
    """Empty lines are passed over; quoted cells hold commas and line ends."""
    found = read(tmp_path, bundle()).tables["countries"]
    assert found == LookupTable(name="countries", columns=("code", "name"), rows=(("DE", "Germany"), ("XX", "a, b\nc")))


MISTAKES: dict[str, tuple[str | bytes, str, str, str]] = {
    "cell too many": ("a,b\n1,2\n1,2,3\n", "3:1", "table", "this line has 3 cells, and there are 2 columns"),
    "nameless column": ("a,,b\n", "1:1", "table", "a column has no name"),
    "column twice": ("a,b,a\n", "1:1", "table", "two columns are called 'a'"),
    "open quote": ('a,b\n1,"2\n', "2:1", "table", "unexpected end of data"),
    "nothing": ("", "1:1", "missing-value", "the file is empty"),
    "not UTF-8": (b"a,b\n\xff,1\n", "2:1", "not-text", "the file is not UTF-8"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_table_that_is_not_sound_is_told_at_its_line(tmp_path: Path, name: str) -> None:
    """One finding a table: the next lines are most often wrong in the same way."""
    text, where, code, message = MISTAKES[name]
    (problem,) = problems(tmp_path, {**SOUND, "tables/t.csv": text})
    assert (str(problem.place), problem.code, problem.message) == (f"tables/t.csv:{where}", f"bundle.{code}", message)


def test_a_table_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Larger data belongs into a database."""
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    (problem,) = problems(tmp_path, {**SOUND, "tables/t.csv": "a\n1\n2\n3\n"})
    assert str(problem.place) == "tables/t.csv:4:1"


def test_other_files_are_no_tables(tmp_path: Path) -> None:
    """A workbook is told to be exported; a README is welcome."""
    (problem,) = problems(tmp_path, {**SOUND, "tables/t.xlsx": b"PK", "tables/README.md": "what these are"})
    assert (str(problem.place), problem.code) == ("tables/t.xlsx", "bundle.unknown-file")


@pytest.mark.parametrize(
    ("before", "after", "where", "hint"),
    [
        ("table: countries", "table: country", "2:44", "did you mean 'countries'?"),
        ("from: code", "from: cod", "2:61", "did you mean 'code'?"),
        ("to: name", "to: nam", "2:71", "did you mean 'name'?"),
    ],
)
def test_a_lookup_is_held_to_the_tables_of_the_bundle(
    tmp_path: Path, before: str, after: str, where: str, hint: str
) -> None:
    """Table and columns are names that exist."""
    (problem,) = problems(tmp_path, bundle(**{"maps/m.yaml": LOOKUP.replace(before, after)}))
    assert (str(problem.place), problem.code, problem.hint) == (
        f"maps/m.yaml:{where}",
        "bundle.unknown-reference",
        hint,
    )
