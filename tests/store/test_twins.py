from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.errors import StoreError
from runtime.model.journal import (
    Acknowledged,
    Append,
    Audit,
    CallbackState,
    Dead,
    Forget,
    Operation,
    Park,
    Postpone,
    Purge,
    Redeliver,
    Release,
    Renew,
    Search,
    Status,
    Suspend,
    Unkeep,
    Withdraw,
    Yield,
)
from runtime.model.persisted import Persist, Unpersist
from runtime.store.memory import MemoryStore
from tests.store.examples import accept, callback, finish, sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.store.protocols import Journal


class Claim(msgspec.Struct, frozen=True):
    """A claim, among the lists of operations."""

    now: float
    limit: int


IDENTITIES = ("ex-1", "ex-2", "ex-3")
identities = st.sampled_from(IDENTITIES)
epochs = st.integers(0, 2)
times = st.integers(0, 4).map(float)
callbacks = st.integers(1, 6)
payloads = st.binary(max_size=3)
owners = st.sampled_from(["here", "there"])

ACCEPT = st.builds(
    accept,
    identities,
    start=payloads,
    token=st.sampled_from([None, "t1", "t2"]),
    owner=st.one_of(st.none(), owners),
    lease_until=times,
    released=st.booleans(),
)
APPEND = st.builds(Append, identities, epochs, st.lists(payloads, max_size=3).map(tuple))
FINISH = st.builds(
    finish,
    identities,
    epoch=epochs,
    status=st.sampled_from([Status.COMPLETE, Status.ERROR, Status.CANCELLED]),
    finished_at=times,
    answer=st.one_of(st.none(), payloads),
    message=st.sampled_from([None, "No route to 10%_\\", "no space"]),
    keep=st.one_of(st.none(), payloads),
    tracked=st.sampled_from([(), (("order", "1"),), (("order", "2"), ("who", "Ada"))]),
)
PERSIST = st.builds(
    Persist,
    bundle=st.just("b"),
    process=st.just("p"),
    name=st.sampled_from(["m", "n"]),
    value=st.sampled_from(["1", "2"]),
    writer=st.sampled_from(["", "ex-1", "ex-2"]),
    over=st.sampled_from([None, "", "ex-1", "ex-2"]),
)
OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    ACCEPT,
    APPEND,
    st.builds(Suspend, identities, epochs, times, times),
    st.builds(Yield, identities, epochs),
    st.builds(Park, identities, epochs, st.just("in doubt")),
    st.builds(callback, identities, epoch=epochs, host=st.sampled_from(["a", "b"]), due=times, expires_at=times),
    FINISH,
    st.builds(Release, identities),
    st.builds(Renew, owners, times),
    st.builds(Acknowledged, callbacks),
    st.builds(Postpone, callbacks, times, st.just("BUSY"), times),
    st.builds(Dead, callbacks, st.just("refused"), st.booleans()),
    st.builds(Redeliver, callbacks, times, times),
    st.builds(Forget, times),
    PERSIST,
    st.builds(Unpersist, st.just("b"), st.just("p"), st.sampled_from(["m", "n"])),
    st.builds(Purge, times, st.integers(1, 3)),
    st.builds(Unkeep, st.lists(identities, max_size=2).map(tuple)),
    st.builds(Withdraw, identities, epochs),
    st.builds(Audit, at=times, who=st.just("ada"), what=st.just("decided"), execution=identities, detail=st.just("")),
)
LIVES: st.SearchStrategy[list[Operation]] = st.builds(
    lambda begun, between, ended: [begun, *between, ended],
    ACCEPT,
    st.lists(st.one_of(APPEND, PERSIST), max_size=3),
    FINISH,
)
TURNS = st.one_of(st.lists(OPERATIONS, min_size=1, max_size=4), LIVES, st.builds(Claim, times, st.integers(1, 3)))

SEARCHES = [
    Search(process="process"),
    Search(status=Status.ERROR, text="ROUTE"),
    Search(text="%_\\"),
    Search(tracked=("order", "1")),
    Search(tracked=("who", "Ada"), status=Status.COMPLETE),
    Search(since=0.0, until=1.0),
    Search(origin="ex-1"),
    Search(parent="ex-1"),
]

Turn = list[Operation] | Claim


async def take(journal: Journal, turn: Turn) -> object:
    """Do one thing, and give its result or what it raised."""
    try:
        if isinstance(turn, Claim):
            return await journal.claim("third", turn.now, turn.now + 2, turn.limit)
        await journal.commit(turn)
    except StoreError as error:
        return error.code, str(error)
    return None


async def seen(journal: Journal) -> object:
    """Give everything that can be asked of a journal."""
    due = [
        await journal.callbacks_due(now, limit, per_host=per_host)
        for now in (0.0, 2.0, 4.0)
        for limit in (1, 10)
        for per_host in (None, 1, 2)
    ]
    due.append(await journal.callbacks_due(2.0, 9, without={"a"}))
    sending = due[0]
    return (
        await journal.executions(),
        await journal.executions(status=Status.RUNNING, limit=2),
        [await journal.executions(search=search) for search in SEARCHES],
        [await journal.kept(now, 2) for now in (2.0, 9.0)],
        msgspec.structs.replace(await journal.history(), size=0),
        await journal.audit(),
        await journal.audit(execution="ex-1", limit=1),
        await journal.callbacks(state=CallbackState.DEAD),
        [await journal.execution(identity) for identity in IDENTITIES],
        [await journal.by_token(token) for token in ("t1", "t2")],
        [await journal.start(identity) for identity in IDENTITIES],
        [await journal.records(identity) for identity in IDENTITIES],
        [await journal.answer(identity) for identity in IDENTITIES],
        await journal.callbacks(),
        [await journal.callbacks(execution=identity, limit=2) for identity in IDENTITIES],
        due,
        await journal.callbacks_due(4.0, 10, per_host=1, sending=sending),
        await journal.callbacks_due(4.0, 10, full={"a"}),
        await journal.still_due(range(10)),
        journal.withdrawals(),
        await journal.counts(),
        await journal.persisted("b", "p"),
    )


async def compare(turns: Sequence[Turn]) -> None:
    """Do the same with both stores and compare what comes of it."""
    memory = MemoryStore().journal
    with tempfile.TemporaryDirectory() as folder:
        async with sqlite(Path(folder)) as store:
            for turn in turns:
                assert await take(memory, turn) == await take(store.journal, turn)
            assert await seen(memory) == await seen(store.journal)


@settings(max_examples=60)
@given(st.lists(TURNS, min_size=1, max_size=25))
def test_stores_are_twins(turns: list[Turn]) -> None:
    """Whatever is done in whatever order, the store in memory and the one in SQLite answer the same."""
    trio.run(compare, turns)
