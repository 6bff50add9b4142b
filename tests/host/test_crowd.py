"""The laws of the crowd: whose a token is, which journals there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from runtime.host.crowd import Crowd, crowd_of, folder_of


@given(st.text(), st.integers(1, 64))
def test_every_token_has_one_owner(token: str, workers: int) -> None:
    """Any text belongs to one of the workers that serve."""
    owner = Crowd(state=Path(), workers=workers).owner_of(token)
    assert 1 <= owner <= workers


def test_the_owner_is_the_same_in_every_process() -> None:
    """A token's owner does not depend on Python's hash, which each process keys anew; all workers get their share."""
    crowd = Crowd(state=Path(), workers=3)
    assert [crowd.owner_of(token) for token in ("a", "b", "c", "d")] == [1, 3, 1, 1]
    assert min(Counter(crowd.owner_of(str(number)) for number in range(3_000)).values()) > 900


def test_journals_of_more_workers_are_left(tmp_path: Path) -> None:
    """A folder with a journal beyond the number of workers is left to be finished; one without holds nothing."""
    for number in (2, 3, 5):
        folder_of(tmp_path, number).mkdir(parents=True)
    for number in (2, 5):
        (folder_of(tmp_path, number) / "journal.db").touch()
    assert crowd_of(tmp_path, 2, "journal.db").numbers == (1, 2, 5)
    assert crowd_of(tmp_path, 1, "journal.db").left == (2, 5)
    assert crowd_of(tmp_path / "other", 1, "journal.db").is_alone
    assert folder_of(tmp_path, 1) == tmp_path
