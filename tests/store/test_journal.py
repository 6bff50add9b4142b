from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
import trio
from msgspec.structs import replace

from runtime.errors import Fenced, StoreError, TokenTaken
from runtime.model.journal import Append, Forget, Operation, Park, Purge, Release, Renew, Status, Suspend, Yield
from tests.store.examples import accept, brief, callback, execution, finish

if TYPE_CHECKING:
    from runtime.store.protocols import Journal, Store


async def test_accepted_execution_is_found(journal: Journal) -> None:
    """An accepted execution is found by its id and its token, with the work copy it was accepted with."""
    await journal.commit([accept("ex-1", token="t1")])
    assert await journal.execution("ex-1") == execution("ex-1", token="t1")
    assert await journal.by_token("t1") == execution("ex-1", token="t1")
    assert await journal.start("ex-1") == b"start"
    assert await journal.execution("ex-2") is None
    assert await journal.by_token("t2") is None
    assert await journal.start("ex-2") is None


async def test_token_serves_one_execution(journal: Journal) -> None:
    """A token in use names the execution that has it, and nothing of the second acceptance stays."""
    await journal.commit([accept("ex-1", token="t1")])
    with pytest.raises(TokenTaken) as caught:
        await journal.commit([accept("ex-2"), accept("ex-3", token="t1")])
    assert caught.value.execution == "ex-1"
    assert await journal.executions() == [execution("ex-1", token="t1")]


async def test_token_outlives_the_execution(journal: Journal) -> None:
    """A finished execution still has its token, so that a repeated call gets the same answer."""
    await journal.commit([accept("ex-1", token="t1"), finish("ex-1", answer=b"done")])
    with pytest.raises(TokenTaken):
        await journal.commit([accept("ex-2", token="t1")])


async def test_id_is_accepted_once(journal: Journal) -> None:
    """An id that is in use is refused."""
    await journal.commit([accept("ex-1")])
    with pytest.raises(StoreError, match=r"store\.known"):
        await journal.commit([accept("ex-1")])


async def test_records_come_back_in_order(journal: Journal) -> None:
    """Records come back in the order in which they were written, whoever wrote in between."""
    await journal.commit([accept("ex-1"), accept("ex-2")])
    await journal.commit([Append("ex-1", 0, (b"1", b"2"))])
    await journal.commit([Append("ex-2", 0, (b"other",))])
    await journal.commit([Append("ex-1", 0, (b"3",)), Append("ex-1", 0, (b"4",))])
    assert await journal.records("ex-1") == [b"1", b"2", b"3", b"4"]
    assert await journal.records("ex-3") == []


OWNED = {
    "append": Append("ex-1", 0, (b"record",)),
    "suspend": Suspend("ex-1", 0, 1200.0),
    "yield": Yield("ex-1", 0),
    "park": Park("ex-1", 0, "in doubt"),
    "callback": callback("ex-1"),
    "finish": finish("ex-1"),
}


@pytest.mark.parametrize("operation", OWNED.values(), ids=OWNED.keys())
async def test_older_epoch_is_fenced(journal: Journal, operation: Operation) -> None:
    """After a claim the former owner changes nothing any more."""
    await journal.commit([accept("ex-1", owner=None)])
    claimed = await journal.claim("there", 1000.0, 1100.0, 10)
    with pytest.raises(Fenced):
        await journal.commit([operation])
    assert await journal.executions() == claimed
    assert await journal.records("ex-1") == []
    assert await journal.callbacks() == []


@pytest.mark.parametrize("operation", OWNED.values(), ids=OWNED.keys())
async def test_finished_execution_is_fenced(journal: Journal, operation: Operation) -> None:
    """A finished execution does not change any more, and an unknown one cannot."""
    with pytest.raises(Fenced):
        await journal.commit([operation])
    await journal.commit([accept("ex-1"), finish("ex-1")])
    before = await journal.executions()
    with pytest.raises(Fenced):
        await journal.commit([operation])
    assert await journal.executions() == before


async def test_operations_stand_or_fall_together(journal: Journal) -> None:
    """When one operation of a list is refused, those before it have not happened either."""
    await journal.commit([accept("ex-1")])
    with pytest.raises(Fenced):
        await journal.commit([accept("ex-2"), Append("ex-1", 0, (b"record",)), callback("ex-1"), Yield("ex-1", 7)])
    assert await journal.executions() == [execution("ex-1")]
    assert await journal.records("ex-1") == []
    assert await journal.callbacks() == []


async def test_finish_erases_what_recovery_needed(store: Store) -> None:
    """At the end records, start and documents are erased; the answer is kept until it is forgotten."""
    journal, documents = store.journal, store.documents
    async with documents.create("ex-1") as writer:
        await writer.write(b"content")
    await journal.commit([accept("ex-1"), Append("ex-1", 0, (b"record",))])
    await journal.commit([finish("ex-1", status=Status.ERROR, message="no", answer=b"answer")])
    row = await journal.execution("ex-1")
    assert row is not None
    assert (row.status, row.message, row.finished_at, row.owner) == (Status.ERROR, "no", 1050.0, None)
    assert await journal.start("ex-1") is None
    assert await journal.records("ex-1") == []
    assert await journal.answer("ex-1") == b"answer"
    with pytest.raises(StoreError, match=r"store\.missing"):
        await documents.sync("ex-1", [writer.name])


async def test_finish_takes_an_end() -> None:
    """An execution is not finished with a status that is no end: what it needs would be erased."""
    with pytest.raises(ValueError, match="waiting"):
        finish("ex-1", status=Status.WAITING)


async def test_answers_are_forgotten_by_age(journal: Journal) -> None:
    """Only answers of executions that finished before the given time are erased; the executions stay."""
    for number, at in (("1", 1010.0), ("2", 1020.0)):
        await journal.commit([accept(f"ex-{number}"), finish(f"ex-{number}", finished_at=at, answer=b"answer")])
    await journal.commit([Forget(1020.0)])
    assert await journal.answer("ex-1") is None
    assert await journal.answer("ex-2") == b"answer"
    assert len(await journal.executions()) == 2


async def test_history_is_purged_but_no_work(journal: Journal) -> None:
    """Old finished executions leave with their tokens; unfinished ones and those with callbacks stay."""
    await journal.commit([accept("ex-old", token="t1"), finish("ex-old", finished_at=1010.0, answer=b"answer")])
    await journal.commit([accept("ex-new"), finish("ex-new", finished_at=1020.0)])
    await journal.commit([accept("ex-calling"), callback("ex-calling"), finish("ex-calling", finished_at=1010.0)])
    await journal.commit([accept("ex-running")])
    await journal.commit([Purge(1020.0)])
    assert [row.id for row in await journal.executions()] == ["ex-running", "ex-calling", "ex-new"]
    assert await journal.answer("ex-old") is None
    await journal.commit([accept("ex-again", token="t1")])


async def test_executions_come_newest_first(journal: Journal) -> None:
    """Executions are listed newest first, by status if wanted, and no more than asked for."""
    for number in range(4):
        await journal.commit([accept(f"ex-{number}")])
    await journal.commit([Park("ex-1", 0, "in doubt"), Park("ex-2", 0, "in doubt")])
    assert [row.id for row in await journal.executions(limit=3)] == ["ex-3", "ex-2", "ex-1"]
    assert [row.id for row in await journal.executions(status=Status.PARKED)] == ["ex-2", "ex-1"]


async def test_claim_takes_what_nobody_works_on(journal: Journal) -> None:
    """Claimable is what runs without an owner or with a lease that has ended, and what waits and is due."""
    await journal.commit([accept("ex-owned", lease_until=1100.0), accept("ex-free", owner=None)])
    await journal.commit([accept("ex-lost", lease_until=999.0), accept("ex-just", lease_until=1000.0)])
    await journal.commit(
        [accept("ex-due"), Suspend("ex-due", 0, 998.0), accept("ex-now"), Suspend("ex-now", 0, 1000.0)]
    )
    await journal.commit([accept("ex-later"), Suspend("ex-later", 0, 1001.0), accept("ex-parked")])
    await journal.commit([Park("ex-parked", 0, "in doubt"), accept("ex-done"), finish("ex-done")])
    claimed = await journal.claim("there", 1000.0, 1060.0, 10)
    assert [row.id for row in claimed] == ["ex-free", "ex-due", "ex-lost", "ex-now"]
    for row in claimed:
        assert replace(row, due=None) == await journal.execution(row.id)
        assert (row.status, row.owner, row.epoch, row.lease_until) == (Status.RUNNING, "there", 1, 1060.0)
        assert row.released
    assert [row.due for row in claimed] == [None, 998.0, None, 1000.0], "what they waited for is told"
    assert await journal.claim("third", 1000.0, 1060.0, 10) == []


async def test_claim_takes_no_more_than_asked(journal: Journal) -> None:
    """A claim is limited, and takes what is due longest first."""
    for number, due in enumerate((30.0, 10.0, 20.0)):
        await journal.commit([accept(f"ex-{number}"), Suspend(f"ex-{number}", 0, due)])
    assert [row.id for row in await journal.claim("there", 1000.0, 1060.0, 2)] == ["ex-1", "ex-2"]
    assert [row.id for row in await journal.claim("there", 1000.0, 1060.0, 2)] == ["ex-0"]


async def test_suspended_execution_gives_its_claim_back(journal: Journal) -> None:
    """A suspended execution waits as a row without an owner; its next owner goes on under a new epoch."""
    await journal.commit([accept("ex-1"), Suspend("ex-1", 0, 1200.0)])
    row = await journal.execution("ex-1")
    assert row == execution("ex-1", status=Status.WAITING, owner=None, lease_until=0.0, due=1200.0)
    assert await journal.claim("there", 1199.0, 1300.0, 10) == []
    (claimed,) = await journal.claim("there", 1200.0, 1300.0, 10)
    await journal.commit([Append("ex-1", claimed.epoch, (b"record",))])


async def test_yielded_execution_is_claimable_at_once(journal: Journal) -> None:
    """What a stopping owner gives back is claimed before everything else."""
    await journal.commit([accept("ex-lost", lease_until=1.0), accept("ex-1"), Yield("ex-1", 0)])
    assert [row.id for row in await journal.claim("there", 1000.0, 1060.0, 1)] == ["ex-1"]


async def test_parked_execution_waits_for_a_decision(journal: Journal) -> None:
    """A parked execution says why, is never claimed, and goes on when its epoch's holder yields it."""
    await journal.commit([accept("ex-1"), Park("ex-1", 0, "in doubt")])
    assert await journal.execution("ex-1") == execution(
        "ex-1", status=Status.PARKED, owner=None, lease_until=0.0, message="in doubt"
    )
    assert await journal.claim("there", 9999.0, 10_100.0, 10) == []
    await journal.commit([Append("ex-1", 0, (b"decision",)), Yield("ex-1", 0)])
    (row,) = await journal.claim("there", 9999.0, 10_100.0, 10)
    assert (row.status, row.message) == (Status.RUNNING, None)


async def test_renew_prolongs_every_claim_of_an_owner(journal: Journal) -> None:
    """An owner that lives keeps all it has claimed, and only that."""
    await journal.commit([accept("ex-1"), accept("ex-2"), accept("ex-3", owner="there")])
    await journal.commit([Renew("here", 1500.0)])
    assert [row.id for row in await journal.claim("third", 1400.0, 1600.0, 10)] == ["ex-3"]


async def test_release_of_the_unknown_is_nothing(journal: Journal) -> None:
    """Releasing an execution that is not there is no error: it may have been purged."""
    await journal.commit([Release("ex-1")])
    assert await journal.executions() == []


async def test_counts_name_every_state(journal: Journal) -> None:
    """Counts hold every status and every state of a callback, zeros too."""
    await journal.commit([accept("ex-1"), callback("ex-1"), accept("ex-2", released=True), callback("ex-2")])
    await journal.commit([finish("ex-2")])
    assert await journal.counts() == {
        "running": 1,
        "waiting": 0,
        "parked": 0,
        "complete": 1,
        "error": 0,
        "cancelled": 0,
        "callbacks held": 1,
        "callbacks due": 1,
        "callbacks dead": 0,
    }
    assert journal.statistics().queued == 0
    assert journal.statistics().commits > 0


async def test_submitted_is_done_later_and_told(journal: Journal) -> None:
    """What is submitted is there when its end is told, in a later turn, and each stands or falls alone."""
    told: dict[str, Exception | None] = {}
    await journal.commit([accept("ex-0", token="t0")])
    for name, token in (("ex-1", "t1"), ("ex-2", "t0"), ("ex-3", "t1"), ("ex-4", None)):
        journal.submit(brief(name, token=token), partial(told.__setitem__, name))
    assert told == {}
    while len(told) < len(("ex-1", "ex-2", "ex-3", "ex-4")):
        await trio.lowlevel.checkpoint()
    assert {name: None if error is None else type(error) for name, error in told.items()} == {
        "ex-1": None,
        "ex-2": TokenTaken,
        "ex-3": TokenTaken,
        "ex-4": None,
    }
    assert [row.id for row in await journal.executions()] == ["ex-4", "ex-1", "ex-0"]
    assert await journal.by_token("t1") == brief("ex-1", token="t1").execution
    assert (await journal.answer("ex-1"), await journal.start("ex-1")) == (b"answer", b"kept")
    assert await journal.tracked("ex-1") == [("x", "1")]


async def test_brief_among_other_operations(journal: Journal) -> None:
    """An execution that begins and ends at once may be one of several operations, which stand or fall together."""
    await journal.commit([accept("ex-0"), brief("ex-1", token="t1")])
    with pytest.raises(TokenTaken):
        await journal.commit([accept("ex-2"), brief("ex-3", token="t1")])
    assert [row.id for row in await journal.executions()] == ["ex-1", "ex-0"]
