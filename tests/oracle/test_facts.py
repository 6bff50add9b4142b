"""The small facts of an oracle, each a case of its own, where their table is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.oracle.facts import CHECKS, GUESSED, Fact, difference, read_facts

ROOT = Path(__file__).parents[2]
TABLE = Path(os.environ.get("NUCLIDE_CONFORMANCE", ROOT / "../shared/conformance")) / "oracle/facts.tsv"

FACTS = [fact for fact in (read_facts(TABLE) if TABLE.is_file() else ()) if fact.sure[:1] != GUESSED]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.number}-{fact.area}".replace(" ", "-"))
def test_the_fact_is_met(fact: Fact) -> None:
    """What the platform makes of an input is made of it here."""
    assert difference(fact, CHECKS[fact.area]) is None
