"""What outlives executions: kept properties and counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runtime.errors import Changed, StoreError
from runtime.model.persisted import LARGEST_COUNT, Persist, Persisted, Unpersist
from tests.store.examples import accept, sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.store.protocols import Journal


def keep(value: str, *, writer: str = "", over: str | None = None, name: str = "n", process: str = "p") -> Persist:
    """Keep a value."""
    return Persist(bundle="b", process=process, name=name, value=value, writer=writer, over=over)


async def test_a_value_is_kept_for_its_process(journal: Journal) -> None:
    """The last value counts; another process, or another bundle, does not see it."""
    await journal.commit([keep("1", writer="ex-1"), keep("2", writer="ex-2")])
    await journal.commit([keep("other", process="q")])
    assert await journal.persisted("b", "p") == {"n": Persisted("2", "ex-2")}
    assert await journal.persisted("b", "q") == {"n": Persisted("other", "")}
    assert await journal.persisted("c", "p") == {}
    assert await journal.keepers() == [("b", "p"), ("b", "q")]
    await journal.commit([Unpersist("b", "p", "n")])
    assert await journal.persisted("b", "p") == {}
    assert await journal.keepers() == [("b", "q")]


async def test_a_value_replaces_the_one_its_writer_began_with(journal: Journal) -> None:
    """With `over` a value is kept over that writer's or its own, and over nothing where nobody has written."""
    await journal.commit([keep("1", writer="ex-1", over="")])
    await journal.commit([keep("2", writer="ex-1", over="")])
    await journal.commit([keep("3", writer="ex-2", over="ex-1")])
    with pytest.raises(Changed):
        await journal.commit([accept("ex-9"), keep("4", writer="ex-3", over="ex-1")])
    assert await journal.persisted("b", "p") == {"n": Persisted("3", "ex-2")}
    assert await journal.execution("ex-9") is None


async def test_counters_give_each_number_once(journal: Journal) -> None:
    """Numbers begin at 1 and are taken in blocks; a counter can be set, and ends where the platform's does."""
    assert [await journal.take_numbers("c", count) for count in (1, 3, 1)] == [1, 2, 5]
    assert await journal.take_numbers("d", 2) == 1
    assert await journal.counters() == {"c": 6, "d": 3}
    await journal.set_counter("c", LARGEST_COUNT)
    with pytest.raises(StoreError, match=r"store\.counter-full"):
        await journal.take_numbers("c", 2)
    assert await journal.take_numbers("c", 1) == LARGEST_COUNT


def _everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_kept_values_and_counters_survive_the_process(tmp_path: Path) -> None:
    """What was kept is there when the store is opened again, and never in clear on the disk."""
    async with sqlite(tmp_path) as store:
        await store.journal.commit([keep("the-value", writer="ex-1")])
        await store.journal.take_numbers("c", 7)
    assert b"the-value" not in _everything(tmp_path)
    async with sqlite(tmp_path) as store:
        assert await store.journal.persisted("b", "p") == {"n": Persisted("the-value", "ex-1")}
        assert await store.journal.take_numbers("c", 1) == 8
