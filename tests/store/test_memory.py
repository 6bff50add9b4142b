from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio

from runtime.errors import StoreError
from runtime.model.journal import Append
from runtime.store.memory import MemoryStore
from tests.store.examples import accept, execution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.model.journal import Operation


def broken_disk(operations: Sequence[Operation]) -> None:
    """Refuse every commit, as a full disk does."""
    raise StoreError("store.disk", "the disk is full")


async def test_fault_before_a_commit_undoes_it() -> None:
    """What a hook raises before a commit is raised by the commit, and nothing has happened."""
    journal = MemoryStore().journal
    await journal.commit([accept("ex-1")])
    journal.before_commit = broken_disk
    with pytest.raises(StoreError, match=r"store\.disk"):
        await journal.commit([Append("ex-1", 0, (b"record",))])
    journal.before_commit = None
    assert await journal.records("ex-1") == []


async def test_fault_after_a_commit_does_not_undo_it() -> None:
    """What a hook raises after a commit is raised by the commit, but it has happened: as in a crash after the fsync."""
    journal = MemoryStore().journal
    journal.after_commit = broken_disk
    with pytest.raises(StoreError, match=r"store\.disk"):
        await journal.commit([accept("ex-1")])
    assert await journal.execution("ex-1") == execution("ex-1")


async def test_hooks_see_the_operations() -> None:
    """Hooks are given the operations, so that a test can choose the commit at which it strikes."""
    journal = MemoryStore().journal
    given: list[Sequence[Operation]] = []
    journal.before_commit = journal.after_commit = given.append
    await journal.commit([accept("ex-1")])
    assert given == [[accept("ex-1")], [accept("ex-1")]]


async def test_cancelled_commit_has_not_happened() -> None:
    """A commit that is cancelled has changed nothing."""
    journal = MemoryStore().journal
    with trio.CancelScope() as scope:
        scope.cancel()
        await journal.commit([accept("ex-1")])
    assert scope.cancelled_caught
    assert await journal.executions() == []
