from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from runtime.model.journal import Acknowledged, Operation
from runtime.outbox.notes import GATHER, Note, Notes
from runtime.store.memory import MemoryStore
from tests.outbox.examples import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trio.testing import MockClock

MOMENT = GATHER / 4


async def test_outcomes_gather_for_a_moment(autojump_clock: MockClock) -> None:
    """Outcomes that come a moment apart share a commit; where there are enough, they wait for no more."""
    journal = MemoryStore().journal
    commits: list[tuple[float, int]] = []

    def see(operations: Sequence[Operation]) -> None:
        commits.append((trio.current_time(), len(operations)))

    journal.before_commit = see
    noted: list[int] = []
    notes = Notes(journal, lambda note: noted.append(note.row.id), enough=3)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notes.run)
        for number in (1, 2):
            notes.add(Note(row(id=number), Acknowledged(number)))
            await trio.sleep(MOMENT)
        await trio.sleep(1.0)
        for number in (3, 4, 5):
            notes.add(Note(row(id=number), Acknowledged(number)))
        await trio.sleep(1.0)
        notes.close()
    assert noted == [1, 2, 3, 4, 5]
    assert [many for _, many in commits] == [2, 3]
    assert commits[0][0] == GATHER
    assert commits[1][0] == 1.0 + 2 * MOMENT
