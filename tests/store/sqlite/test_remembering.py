from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from runtime.store.sqlite import remembering
from runtime.store.sqlite.known_tokens import KnownTokens
from tests.store.examples import accept, sqlite

if TYPE_CHECKING:
    from pathlib import Path

MANY = 50


async def test_a_long_history_is_read_after_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a long history is read nothing is denied; then new tokens are, and none that is there or came meanwhile."""
    monkeypatch.setattr(remembering, "AT_ONCE", MANY // 2)
    monkeypatch.setattr(remembering, "PIECE", 7)
    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept(f"ex-{number}", token=f"token-{number}") for number in range(MANY)])
    begun, go_on, done = trio.Event(), trio.Event(), trio.Event()
    read = remembering.remember_tokens

    async def held_up(*given: object) -> None:
        begun.set()
        await go_on.wait()
        await read(*given)  # type: ignore[arg-type]
        done.set()

    monkeypatch.setattr("runtime.store.sqlite.opening.remember_tokens", held_up)
    async with sqlite(tmp_path) as store:
        await begun.wait()
        assert store.journal.may_know("a new one")
        assert await store.journal.by_token("a new one") is None
        assert await store.journal.by_token("token-3") is not None
        await store.journal.commit([accept("ex-meanwhile", token="meanwhile")])
        go_on.set()
        await done.wait()
        assert not store.journal.may_know("a new one")
        known = ["meanwhile", *(f"token-{number}" for number in range(MANY))]
        assert all(store.journal.may_know(token) for token in known)


async def test_a_short_history_is_there_at_once(tmp_path: Path) -> None:
    """Where tokens are few, a new one is denied from the first call on."""
    async with sqlite(tmp_path) as store:
        await store.journal.commit([accept("ex-1", token="one")])
    async with sqlite(tmp_path) as store:
        assert store.journal.may_know("one")
        assert not store.journal.may_know("another")


@given(st.lists(st.text()), st.lists(st.text()))
def test_what_is_read_and_what_came_meanwhile(read: list[str], meanwhile: list[str]) -> None:
    """A filter that was awaited knows what was read and what came meanwhile, and denies nothing before."""
    known = KnownTokens(awaited=True)
    for token in meanwhile:
        known.add(token)
    assert known.may_hold("any")
    known.complete(KnownTokens(read))
    assert all(known.may_hold(token) for token in [*read, *meanwhile])
    known.add("later")
    assert known.may_hold("later")
    assert not known.awaited
