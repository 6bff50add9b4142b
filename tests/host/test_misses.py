"""The laws of wrong guesses among workers: they count together, as those in one process do, and drain with time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.host import misses
from runtime.host.misses import SharedFailures
from runtime.web.access.failures import Failures
from tests.patience import PATIENCE

ADDRESS = st.sampled_from(["10.0.0.1", "10.0.0.2", "2001:db8::/64"])


@pytest.fixture
def failures() -> Iterator[SharedFailures]:
    """Give a table in which three failures are allowed at once, and one an hour."""
    shared = SharedFailures(1 / 60, 3)
    yield shared
    shared.close()


@given(st.lists(st.tuples(ADDRESS, st.booleans()), max_size=30))
def test_it_counts_as_one_process_does(asked: list[tuple[str, bool]]) -> None:
    """Whoever may guess in one process may guess here, and has to wait as long."""
    shared, alone = SharedFailures(1 / 60, 3), Failures(1 / 60, 3)
    try:
        for address, wrong in asked:
            if wrong:
                shared.note(address, 0.0)
                alone.note(address, 0.0)
            assert shared.wait(address, 0.0) == pytest.approx(alone.wait(address, 0.0), abs=60.0)
    finally:
        shared.close()


def test_guesses_in_other_processes_count() -> None:
    """An address that was wrong in several workers has used up the guesses of all."""
    ran = subprocess.run([sys.executable, "-c", _GUESSES], capture_output=True, check=True, timeout=PATIENCE)
    assert ran.stdout.decode().split() == ["True", "False"]


def test_the_fullest_are_remembered(failures: SharedFailures, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more addresses than there is room for, those that were wrong most are kept."""
    monkeypatch.setattr(failures, "_rows", 1)
    for _ in range(4):
        failures.note("often", 0.0)
    for number in range(20):
        failures.note(f"once {number}", 0.0)
    assert failures.wait("often", 0.0) > 0


def test_a_row_that_another_holds_allows_no_guess(failures: SharedFailures, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who cannot be looked up in this moment is told to come back in a moment."""
    monkeypatch.setattr(misses, "_TRIES", 0)
    assert 0 < failures.wait("10.0.0.1", 0.0) < 1


# Forks, as the supervisor does: in a process with one thread.
_GUESSES = """
import os
from runtime.host.misses import SharedFailures

failures = SharedFailures(1 / 60, 3)
for _ in range(3):
    if os.fork() == 0:
        failures.note("10.0.0.1", 0.0)
        os._exit(0)
    os.wait()
print(failures.wait("10.0.0.1", 0.0) > 0, failures.wait("10.0.0.2", 0.0) > 0)
"""
