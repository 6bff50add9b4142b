from __future__ import annotations

from mmap import mmap

from hypothesis import given
from hypothesis import strategies as st

from runtime.store.sqlite.known_tokens import KnownTokens


@given(st.lists(st.text()))
def test_no_token_that_is_there_is_denied(tokens: list[str]) -> None:
    """Law: a token that was noted may be there, whatever else was noted."""
    known = KnownTokens(tokens[:5])
    for token in tokens[5:]:
        known.add(token)
    assert all(known.may_hold(token) for token in tokens)


def test_new_tokens_are_mostly_denied() -> None:
    """Law: with as many tokens as a large history keeps, few new ones are asked of the index."""
    known = KnownTokens(f"token {number}" for number in range(100_000))
    assert sum(known.may_hold(f"other {number}") for number in range(10_000)) < 100


def test_what_is_not_complete_denies_nothing() -> None:
    """Law: until every token of a journal has been noted, each may be there; what one notes, all see."""
    memory = mmap(-1, KnownTokens.SIZE)
    noting, asking = KnownTokens(memory=memory), KnownTokens(memory=memory)
    assert asking.may_hold("new")
    noting.complete(KnownTokens(["old"]))
    assert not asking.may_hold("new")
    noting.add("new")
    assert asking.may_hold("new")
    assert asking.may_hold("old")
