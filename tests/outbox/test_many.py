from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio

from runtime.errors import StoreError
from runtime.model.journal import Withdraw
from runtime.outbox.sending import open_outbox
from runtime.settings import Callbacks
from runtime.store.memory import MemoryStore
from tests.outbox.examples import SETTINGS, TrioClock, accept
from tests.outbox.other_side import Flow, empty

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from trio.testing import MockClock

    from runtime.model.journal import Operation
    from runtime.store.memory import MemoryJournal


@pytest.fixture
def journal() -> MemoryJournal:
    """Give an empty journal."""
    return MemoryStore().journal


async def test_hosts_that_hang_give_their_places_back(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """Hosts that fall silent after they have earned all places hold them for one time-out, and then one place each."""
    flow, silent = Flow(), [f"silent{number}.example" for number in range(8)]
    settings = Callbacks(allow=("*.example",), per_host=4, at_once=32)
    for host in silent:
        for number in range(50):
            body = b"heard" if number < 10 else b"unheard"
            await journal.commit(accept(f"ex-{host}-{number}", body, host=host))
    flow.gates[b"unheard"] = trio.Event()
    async with open_outbox(journal, flow.send, settings, TrioClock()):
        await trio.sleep(settings.timeout - 1)
        assert [flow.at_once[host] for host in silent] == [4] * 8
        await journal.commit(accept("ex-other", b"other", host="other.example"))
        await trio.sleep(2)
        assert [flow.at_once[host] for host in silent] == [1] * 8
        assert b"other" in flow.bodies
        flow.gates[b"unheard"].set()
        await empty(journal)
    assert {flow.most_at_once[host] for host in silent} == {4}


async def test_what_was_withdrawn_is_not_sent(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A callback that is withdrawn while it waits for a place at its host is not sent."""
    flow = Flow()
    flow.gates[b"1"] = trio.Event()
    for number in (b"1", b"2", b"3"):
        await journal.commit(accept(f"ex-{number.decode()}", number))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()) as outbox:
        await trio.sleep(5)
        await journal.commit([Withdraw("ex-2", 0)])
        flow.gates[b"1"].set()
        await empty(journal)
        assert outbox.statistics().accepted == 2
    assert flow.bodies == [b"1", b"3"]


async def test_what_may_be_withdrawn_is_not_sent_unasked(
    journal: MemoryJournal, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody can tell what was withdrawn, nothing that waits is sent; it is sent when that can be read again."""
    flow, ask = Flow(), journal.still_due
    flow.gates[b"1"] = trio.Event()
    for number in (b"1", b"2", b"3"):
        await journal.commit(accept(f"ex-{number.decode()}", number))

    async def failing(callbacks: Collection[int]) -> set[int]:
        if trio.current_time() < 10:
            raise StoreError("store.disk", "the disk is away")
        return await ask(callbacks)

    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await trio.sleep(5)
        await journal.commit([Withdraw("ex-2", 0)])
        monkeypatch.setattr(journal, "still_due", failing)
        flow.gates[b"1"].set()
        await empty(journal)
    assert flow.bodies == [b"1", b"3"]


async def test_what_a_crash_repeats_is_limited(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """While outcomes cannot be written, no more callbacks are sent than may be under way at once."""
    flow = Flow()
    for number in range(50):
        await journal.commit(accept(f"ex-{number}", b"%d" % number, host=f"host{number % 5}.example"))

    def disk(operations: Sequence[Operation]) -> None:
        raise StoreError("store.disk", "the disk is full")

    journal.before_commit = disk
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await trio.sleep(60)
        assert len(flow.seen) == SETTINGS.at_once
        journal.before_commit = None
        await empty(journal)
    assert sorted(flow.bodies) == sorted(b"%d" % number for number in range(50))


async def test_outcomes_are_written_in_groups(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """What comes of many callbacks is written in few commits, and each of them is looked up once."""
    flow, commits, looks = Flow(), 0, 0
    for number in range(200):
        await journal.commit(accept(f"ex-{number}", b"1", host="one.example"))
    settings = Callbacks(allow=("*.example",), per_host=32, at_once=32)
    read = journal.callbacks_due

    def count(operations: Sequence[Operation]) -> None:
        nonlocal commits
        commits += 1

    async def counted(*arguments: float, **named: object) -> object:
        nonlocal looks
        looks += 1
        return await read(*arguments, **named)  # type: ignore[arg-type]

    journal.before_commit = count
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "callbacks_due", counted)
        async with open_outbox(journal, flow.send, settings, TrioClock()):
            await empty(journal)
    assert len(flow.seen) == 200
    assert commits <= 200 / 8
    assert looks <= 200 / 8
