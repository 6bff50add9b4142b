"""The laws of claims: whoever is first has a token, in all processes, for as long as answers are remembered."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from runtime.host.claims import Claims


@contextmanager
def _claims(entries: int = 1_000, seconds: float = 60.0) -> Iterator[Claims]:
    claims = Claims(entries, seconds)
    try:
        yield claims
    finally:
        claims.close()


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(1, 64)), max_size=40))
def test_the_first_has_it(asked: list[tuple[str, int]]) -> None:
    """A token is the first claimer's, whoever asks later; one that nobody has claimed is nobody's."""
    first: dict[str, int] = {}
    with _claims() as claims:
        for token, worker in asked:
            assert claims.holder(token) == first.get(token, 0)
            assert claims.claim(token, worker) == first.setdefault(token, worker)


def test_as_many_are_remembered_as_was_asked_for() -> None:
    """The last so many claims are there, and the table takes any number."""
    with _claims(entries=1_000) as claims:
        for number in range(20_000):
            claims.claim(str(number), 1 + number % 2)
        kept = [claims.holder(str(number)) == 1 + number % 2 for number in range(19_000, 20_000)]
        assert all(kept)


def test_a_claim_ends_with_the_answer() -> None:
    """A claim older than answers are remembered is none."""
    with _claims(seconds=-1.0) as claims:
        assert claims.claim("a", 1) == 1
        assert claims.holder("a") == 0
        assert claims.claim("a", 2) == 2


def test_processes_see_each_other_and_exactly_one_wins() -> None:
    """Of several processes that claim the same tokens at once, each token goes to one, and all are told the same."""
    ran = subprocess.run([sys.executable, "-c", _RACE], capture_output=True, check=True, timeout=60)
    told = ran.stdout.decode().split()
    assert len(told) == 3
    assert len(set(told)) == 1
    assert set(told[0]) <= set("123")
    assert len(told[0]) == 300


# Forks, as the supervisor does: in a process with one thread.
_RACE = """
import os
from runtime.host.claims import Claims

claims = Claims(1_000, 60.0)

def insist(token, worker):
    while (holder := claims.claim(token, worker)) is None:
        pass
    return holder

for worker in (1, 2, 3):
    if os.fork() == 0:
        os.write(1, "".join(str(insist(str(number), worker)) for number in range(300)).encode() + b"\\n")
        os._exit(0)
for _ in range(3):
    os.wait()
"""
