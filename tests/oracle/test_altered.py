from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from runtime.plugins import installed_connectors
from tests.oracle.__main__ import RATE, folder_of
from tests.oracle.altered import ALTERATIONS, MANY, all_altered, altered
from tests.oracle.altering.consequences import OTHERS
from tests.oracle.altering.graph import Altering
from tests.oracle.harness import judge, untimed
from tests.oracle.test_harness import case

CASES = folder_of(None)
SAMPLE = 40  # of some 1,700: `make altered` runs all

EXPECT = {
    "status": "COMPLETE",
    "error_message": None,
    "inbound_document_count": 1,
    "outbound_document_count": 1,
    "child_execution_records": [],
    "http_requests": [{"method": "POST", "path": "/things", "body": ""}],
    "documents_into_shape": {"root/shape2": 1, "root/shape3": 1},
}


@pytest.mark.parametrize("name", ALTERATIONS)
async def test_what_is_known_of_a_case_holds_of_the_altered_one(name: str, tmp_path: Path) -> None:
    """Another graph with the same meaning does the same; where the meaning is another one, what that gives."""
    made = altered(case(tmp_path, expect=EXPECT), name, 1)
    if made is not None:
        assert await judge(made, installed_connectors()) == []


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_changes_what_is_written(name: str, tmp_path: Path) -> None:
    """An alteration that can be made leaves no case as it was."""
    whole = case(tmp_path, expect=EXPECT)
    made = altered(whole, name, 1)
    if made is not None:
        assert (made.files, made.stimulus) != (Altering(whole, Random(1)).made().files, whole.stimulus)


def test_most_alterations_can_be_made_of_a_small_case(tmp_path: Path) -> None:
    """What cannot be altered needs a branch, a call or a refusal, which the smallest case has not."""
    whole = case(tmp_path, expect=EXPECT)
    missing = {name for name in ALTERATIONS if altered(whole, name, 1) is None}
    assert missing <= {"a branch divided", "a call through another process", *OTHERS}


async def test_another_meaning_is_told(tmp_path: Path) -> None:
    """An altered case whose expectation is not altered with it fails: the comparison sees what is altered."""
    whole = case(tmp_path, expect=EXPECT)
    made = altered(whole, "other methods", 1)
    assert made is not None
    made.expect.http_requests = whole.expect.http_requests
    assert await judge(made, installed_connectors()) == ["request 1: expected POST /things '', seen PATCH /things ''"]


@pytest.mark.skipif(not CASES.is_dir(), reason=f"no recorded cases in {CASES}: set CASES or NUCLIDE_CONFORMANCE")
def test_recorded_cases_hold_when_they_are_altered() -> None:
    """What was recorded on the platform holds of each recorded process in another shape: a sample of all of them."""
    every = list(all_altered(CASES, "*", 1))
    chosen = Random(1).sample(every, min(SAMPLE, len(every)))
    assert {name.split(", ")[1] for name, _ in every} == {*ALTERATIONS, MANY}

    async def run() -> list[str]:
        catalogue = installed_connectors()
        return [f"{name}: {found}" for name, one in chosen for found in await judge(untimed(one), catalogue, math.inf)]

    assert trio.run(run, clock=MockClock(rate=RATE)) == []
