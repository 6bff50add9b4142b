"""The bounds that a bundle sets for its executions."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.engine.context import EngineLimits, tightened
from runtime.model.bundle import Limits
from tests.bundle.house import SOUND, problems, process_of, read

HEAD = "name: pricing\nversion: 1\nneeds: { http: 1 }\n"


def test_limits_are_read_with_their_units(tmp_path: Path) -> None:
    """Counts are numbers, times are seconds."""
    bundle = read(tmp_path, {**SOUND, "bundle.yaml": HEAD + "limits: { documents: 100, steps: 50, deadline: 2 min }\n"})
    assert bundle.limits == Limits(documents=100, steps=50, deadline=120.0)


@pytest.mark.parametrize(("own", "expected"), [("", 60.0), ("deadline: 10 s", 10.0), ("deadline: 5 min", 60.0)])
def test_no_process_has_a_longer_deadline_than_its_bundle(tmp_path: Path, own: str, expected: float) -> None:
    """The shorter one holds."""
    process = process_of("  - stop\n").replace("steps:", f"options: {{ {own} }}\nsteps:")
    files = {**SOUND, "bundle.yaml": HEAD + "limits: { deadline: 1 min }\n", "processes/p.yaml": process}
    assert read(tmp_path, files).processes["P"].options.deadline == expected


def test_a_bundle_tightens_the_limits_of_the_daemon_and_never_widens_them() -> None:
    """The smaller number wins, whoever wrote it."""
    daemon = EngineLimits(documents=1_000, steps=100)
    assert tightened(daemon, Limits()) is daemon
    found = tightened(daemon, Limits(documents=10, steps=1_000_000))
    assert (found.documents, found.steps, found.batch) == (10, 100, daemon.batch)


@pytest.mark.parametrize(
    ("limits", "where"),
    [("documents: 0", "4:22"), ("steps: many", "4:18"), ("deadline: 0 s", "4:21"), ("document: 5", "4:11")],
)
def test_a_limit_that_makes_no_sense_is_told_at_its_place(tmp_path: Path, limits: str, where: str) -> None:
    """A misspelt limit must not silently be no limit."""
    (problem,) = problems(tmp_path, {**SOUND, "bundle.yaml": HEAD + f"limits: {{ {limits} }}\n"})
    assert str(problem.place) == f"bundle.yaml:{where}"
