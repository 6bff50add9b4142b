"""The laws of the verbs about what outlives executions."""

from __future__ import annotations

from pathlib import Path

from runtime.web.kept_answers import Counter, Counters, KeptProperties, KeptProperty
from tests.cli.daemon import nuclide, saying

KEPT = KeptProperty(bundle="b", process="p", name="last id", characters=2, execution="ex-1")


def test_kept_properties_are_listed_without_their_values(tmp_path: Path) -> None:
    """`nuclide properties` passes its filters on, and shows no value that nobody asked for."""
    with saying(tmp_path, {"/api/properties?bundle=b&limit=5": KeptProperties(properties=(KEPT,))}) as path:
        result = nuclide("properties", "--socket", path, "--bundle", "b", "--limit", "5")
    assert result.stdout.splitlines()[1].split("  ")[0] == "b"
    assert result.stdout.split()[-5:] == ["p", "last", "id", "2", "ex-1"]


def test_values_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    """`--values` asks for them; a value of a person has no execution."""
    of_a_person = KeptProperty(bundle="b", process="p", name="n", characters=2, value="42")
    answer = KeptProperties(properties=(of_a_person,))
    with saying(tmp_path, {"/api/properties?limit=100&values=true": answer}) as path:
        result = nuclide("properties", "--socket", path, "--values")
    assert result.stdout.split()[-4:] == ["n", "42", "a", "person"]


def test_counters_are_listed(tmp_path: Path) -> None:
    """`nuclide counters` shows the number that each gives next; as JSON it is what the daemon said."""
    answer = Counters(counters=(Counter(counter="orders", next=7),))
    with saying(tmp_path, {"/api/counters": answer}) as path:
        shown = nuclide("counters", "--socket", path)
        given = nuclide("counters", "--socket", path, "--json")
    assert shown.stdout.split() == ["COUNTER", "NEXT", "orders", "7"]
    assert '"next": 7' in given.stdout
