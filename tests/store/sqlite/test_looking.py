from __future__ import annotations

from typing import TYPE_CHECKING

import apsw

from runtime.store.cipher import Cipher
from runtime.store.sqlite import queries
from tests.store.examples import KEY, accept, callback, sqlite

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_look_costs_the_same_however_much_is_due(tmp_path: Path) -> None:
    """A look at due callbacks reads those that it gives: a thousand more that are due make it no dearer."""
    async with sqlite(tmp_path) as store:
        steps = []
        for first, many in ((0, 20), (20, 1_000)):
            numbers = range(first, first + many)
            await store.journal.commit([accept(f"ex-{number}", released=True) for number in numbers])
            await store.journal.commit([callback(f"ex-{number}", host=f"host{number % 4}") for number in numbers])
            steps.append(_steps(tmp_path))
    assert steps[1] <= steps[0]


def _steps(folder: Path) -> int:
    """Give how many steps of SQLite's machine a look takes."""
    connection, steps = apsw.Connection(str(folder / "journal.db")), 0

    def step() -> bool:
        nonlocal steps
        steps += 1
        return False

    connection.set_progress_handler(step, 1)
    found = queries.callbacks_due(
        connection, Cipher(KEY), 1000.0, 8, per_host=4, sending=(), without=frozenset(), full=frozenset()
    )
    connection.close()
    assert len(found) == 8
    return steps
