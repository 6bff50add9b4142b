from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.journal import Acknowledged, CallbackState, Dead, Postpone, Redeliver, Release, Withdraw
from tests.store.examples import accept, callback, finish

if TYPE_CHECKING:
    from runtime.model.journal import CallbackRow
    from runtime.store.protocols import Journal


async def due(journal: Journal, now: float = 1000.0, limit: int = 10) -> list[CallbackRow]:
    """Give what is due."""
    return await journal.callbacks_due(now, limit)


async def test_callback_is_held_until_released(journal: Journal) -> None:
    """A callback is not sent before its execution is released: WAIT must have been answered."""
    await journal.commit([accept("ex-1"), callback("ex-1"), finish("ex-1")])
    assert [row.state for row in await journal.callbacks()] == [CallbackState.HELD]
    assert await due(journal) == []
    await journal.commit([Release("ex-1")])
    (row,) = await due(journal)
    assert (row.execution, row.number, row.state, row.request) == ("ex-1", 1, CallbackState.DUE, b"request")
    assert (row.host, row.due, row.expires_at, row.attempts) == ("flow.example", 1000.0, 9000.0, 0)


async def test_claim_releases_callbacks(journal: Journal) -> None:
    """Whoever takes an execution over lets its callbacks go: the caller who was to get the answer has gone."""
    await journal.commit([accept("ex-1", owner=None), callback("ex-1")])
    await journal.claim("there", 1000.0, 1100.0, 10)
    assert len(await due(journal)) == 1


async def test_callback_of_a_released_execution_is_due(journal: Journal) -> None:
    """Once released, later callbacks are not held."""
    await journal.commit([accept("ex-1"), Release("ex-1"), callback("ex-1", due=1010.0)])
    assert await due(journal, 1009.0) == []
    assert len(await due(journal, 1010.0)) == 1


async def test_callbacks_of_an_execution_go_in_order(journal: Journal) -> None:
    """Of one execution only the first unanswered callback is due, however late it is put off."""
    await journal.commit(
        [accept("ex-1", released=True), callback("ex-1", request=b"1"), callback("ex-1", request=b"2")]
    )
    (first,) = await due(journal)
    assert first.request == b"1"
    await journal.commit([Postpone(first.id, 1300.0, "BUSY")])
    assert await due(journal, 1299.0) == []
    (again,) = await due(journal, 1300.0)
    assert (again.id, again.attempts, again.error) == (first.id, 1, "BUSY")
    await journal.commit([Acknowledged(first.id)])
    (second,) = await due(journal)
    assert (second.request, second.number) == (b"2", 2)


async def test_dead_letter_holds_nothing_back(journal: Journal) -> None:
    """A dead letter stays for a person to see and lets the next callback go."""
    await journal.commit([accept("ex-1", released=True), callback("ex-1"), callback("ex-1")])
    (first,) = await due(journal)
    await journal.commit([Dead(first.id, "refused with 401")])
    assert [row.number for row in await due(journal)] == [2]
    dead = (await journal.callbacks())[0]
    assert (dead.state, dead.error, dead.attempts) == (CallbackState.DEAD, "refused with 401", 1)


async def test_expired_callback_counts_no_attempt(journal: Journal) -> None:
    """Attempts count what was sent: one that expired unsent adds none."""
    await journal.commit([accept("ex-1", released=True), callback("ex-1")])
    (row,) = await due(journal)
    await journal.commit([Dead(row.id, "expired", attempted=False)])
    assert [row.attempts for row in await journal.callbacks()] == [0]


async def test_dead_letter_is_sent_again_or_dismissed(journal: Journal) -> None:
    """A person has a dead letter sent again, its attempts counted anew, or dismisses it."""
    await journal.commit([accept("ex-1", released=True), callback("ex-1")])
    (row,) = await due(journal)
    await journal.commit([Dead(row.id, "refused")])
    await journal.commit([Redeliver(row.id, 2000.0, 3000.0)])
    (again,) = await due(journal, 2000.0)
    assert (again.id, again.attempts, again.expires_at) == (row.id, 0, 3000.0)
    await journal.commit([Dead(row.id, "refused again")])
    await journal.commit([Acknowledged(row.id)])
    assert await journal.callbacks() == []


async def test_late_result_changes_nothing(journal: Journal) -> None:
    """A result for a callback that is gone, dead or held changes nothing; no id is used twice."""
    await journal.commit([accept("ex-1", released=True), callback("ex-1"), accept("ex-2"), callback("ex-2")])
    (gone,) = await due(journal)
    held = (await journal.callbacks(execution="ex-2"))[0]
    await journal.commit([Acknowledged(gone.id), callback("ex-1")])
    before = await journal.callbacks()
    assert gone.id not in {row.id for row in before}
    await journal.commit([Acknowledged(gone.id), Postpone(gone.id, 1.0, "late"), Dead(gone.id, "late")])
    await journal.commit([Postpone(held.id, 1.0, "early"), Redeliver(held.id, 1.0, 2.0)])
    assert await journal.callbacks() == before


async def test_number_is_not_used_twice(journal: Journal) -> None:
    """Numbers go on where they were, even when all earlier callbacks are gone."""
    await journal.commit([accept("ex-1", released=True), callback("ex-1")])
    await journal.commit([Acknowledged((await due(journal))[0].id), callback("ex-1")])
    assert [row.number for row in await journal.callbacks()] == [2]


async def test_oldest_due_goes_first(journal: Journal) -> None:
    """Due callbacks come in the order of their due times, no more than asked for."""
    for number, at in enumerate((30.0, 10.0, 20.0)):
        await journal.commit([accept(f"ex-{number}", released=True), callback(f"ex-{number}", due=at)])
    assert [row.execution for row in await due(journal, limit=2)] == ["ex-1", "ex-2"]


async def test_busy_host_does_not_hide_others(journal: Journal) -> None:
    """With a limit for each host, a host with many old callbacks leaves room for the others, and they come in turn."""
    for number in range(6):
        host = "slow" if number < 5 else "quick"
        await journal.commit(
            [accept(f"ex-{number}", released=True), callback(f"ex-{number}", host=host, due=float(number))]
        )
    given = await journal.callbacks_due(1000.0, 3, per_host=2)
    assert [row.execution for row in given] == ["ex-0", "ex-5", "ex-1"]
    sending = await journal.callbacks_due(1000.0, 1, per_host=2)
    given = await journal.callbacks_due(1000.0, 1, per_host=2, sending=sending)
    assert [row.execution for row in given] == ["ex-5"], "the older one's host has one under way"


async def test_what_is_being_sent_is_not_given_again(journal: Journal) -> None:
    """Callbacks under way are left out, count against their host's limit, and hold back those behind them."""
    await journal.commit([accept("ex-0", released=True), callback("ex-0"), callback("ex-0")])
    for number in range(1, 4):
        await journal.commit([accept(f"ex-{number}", released=True), callback(f"ex-{number}", due=float(number))])
    sending = await journal.callbacks_due(1000.0, 10, per_host=1)
    assert [row.execution for row in sending] == ["ex-1"]
    more = await journal.callbacks_due(1000.0, 10, per_host=3, sending=sending)
    assert [row.execution for row in more] == ["ex-2", "ex-3"]
    everything = await journal.callbacks_due(1000.0, 10, sending=[*sending, *more])
    assert [(row.execution, row.number) for row in everything] == [("ex-0", 1)]
    assert await journal.callbacks_due(1000.0, 10, sending=[*sending, *more, *everything]) == []


async def test_full_hosts_are_left_out(journal: Journal) -> None:
    """To a host that is full nothing is given, not even what has expired."""
    await journal.commit([accept("ex-1", released=True), callback("ex-1", host="a", expires_at=900.0)])
    await journal.commit([accept("ex-2", released=True), callback("ex-2", host="b")])
    assert [row.host for row in await journal.callbacks_due(1000.0, 10, full={"a"})] == ["b"]
    assert [row.host for row in await journal.callbacks_due(1000.0, 10, without={"a", "b"})] == ["a"]


async def test_what_is_still_due(journal: Journal) -> None:
    """Of callbacks that were looked up, those that were withdrawn, accepted or given up since are due no more."""
    for number in range(5):
        await journal.commit([accept(f"ex-{number}", released=True), callback(f"ex-{number}")])
    rows = {row.execution: row.id for row in await due(journal)}
    before = journal.withdrawals()
    await journal.commit([Acknowledged(rows["ex-0"]), Dead(rows["ex-1"], "expired")])
    assert journal.withdrawals() == before
    await journal.commit([Withdraw("ex-2", 0)])
    assert journal.withdrawals() > before
    await journal.commit([Postpone(rows["ex-3"], 2000.0, "BUSY")])
    assert await journal.still_due(rows.values()) == {rows["ex-3"], rows["ex-4"]}
    assert await journal.still_due([]) == set()
