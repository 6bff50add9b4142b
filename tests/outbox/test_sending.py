from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import wait_all_tasks_blocked

from runtime.errors import StoreError
from runtime.model.journal import Acknowledged, CallbackState
from runtime.outbox.message import Response, Undelivered
from runtime.outbox.sending import LOOK_EVERY, open_outbox
from runtime.store.memory import MemoryStore
from tests.outbox.examples import SETTINGS, TrioClock, accept
from tests.outbox.other_side import ACCEPTED, Flow, answers, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trio.testing import MockClock

    from runtime.flow.callbacks import CallbackRequest
    from runtime.model.journal import Operation
    from runtime.store.memory import MemoryJournal

BUSY = Response(200, b'"BUSY"')
FAILED = Response(500, b"")


@pytest.fixture
def journal() -> MemoryJournal:
    """Give an empty journal."""
    return MemoryStore().journal


async def test_due_callback_is_sent_and_erased(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """What is due is sent once, and gone when it is accepted."""
    flow = Flow()
    await journal.commit(accept("ex-1", b"1"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()) as outbox:
        await empty(journal)
        assert outbox.statistics().accepted == 1
    assert flow.bodies == [b"1"]
    assert await journal.callbacks() == []


async def test_waking_makes_it_look_at_once(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A callback that is added later goes out at once when the sender is woken, and soon when it is not."""
    flow = Flow()
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()) as outbox:
        await trio.sleep(10.5)
        await journal.commit(accept("ex-1", b"woken"))
        outbox.wake()
        await trio.sleep(10)
        await journal.commit(accept("ex-2", b"not woken"))
        await trio.sleep(10)
    (first, _), (second, _) = flow.seen
    assert first == 10.5
    assert 20.5 <= second <= 20.5 + LOOK_EVERY


async def test_failed_callback_is_sent_again_until_accepted(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """An outage of whatever kind is outlived: the same bytes are sent until they are accepted, after growing pauses."""
    flow = Flow(answers(FAILED, Undelivered("connection refused"), BUSY, Response(503, b"<html>"), ACCEPTED))
    await journal.commit(accept("ex-1", b"1"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()) as outbox:
        await empty(journal)
        assert outbox.statistics().postponed == 4
    assert flow.bodies == [b"1"] * 5
    times = [at for at, _ in flow.seen]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    for given, longest in zip(pauses, (1.0, 2.0, 2.0, 8.0), strict=True):
        assert longest / 2 <= given <= longest + 0.01


async def test_busy_is_tried_within_its_pause(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A pause that is shorter than the time between two looks is kept all the same."""
    flow = Flow(answers(BUSY, ACCEPTED))
    await journal.commit(accept("ex-1", b"1"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert 0.25 <= flow.seen[1][0] - flow.seen[0][0] <= 0.51


async def test_silence_is_ended(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A host that never answers is left after the time-out and tried again."""
    flow = Flow()
    flow.gates[b"1"] = trio.Event()
    await journal.commit(accept("ex-1", b"1"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await trio.sleep(SETTINGS.timeout + 0.1)
        (row,) = await journal.callbacks()
        assert (row.attempts, row.error) == (1, "no answer within 20 s")
        flow.gates[b"1"].set()
        await empty(journal)


async def test_order_is_kept_within_an_execution(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """The callbacks of one execution arrive in order, one after the other, whatever fails in between."""
    flow = Flow(answers(BUSY, FAILED, ACCEPTED, FAILED, ACCEPTED, ACCEPTED))
    await journal.commit(accept("ex-1", b"1", b"2", b"3"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert flow.bodies == [b"1", b"1", b"1", b"2", b"2", b"3"]
    assert flow.most_at_once["all"] == 1


async def test_slow_host_does_not_starve_others(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A host that hangs from the first takes one place; the others' callbacks go out meanwhile."""
    flow = Flow()
    for number in range(20):
        body = b"slow %d" % number
        flow.gates[body] = trio.Event()
        await journal.commit(accept(f"ex-slow-{number}", body, host="slow.example"))
    for number in range(20):
        await journal.commit(accept(f"ex-quick-{number}", b"quick", host="quick.example"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await trio.sleep(0.5)
        assert flow.bodies.count(b"quick") == 20
        assert flow.at_once["slow.example"] == 1
        for gate in flow.gates.values():
            gate.set()
        await empty(journal)
    assert flow.most_at_once["slow.example"] == SETTINGS.per_host


async def test_deliveries_at_once_are_limited(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """No more callbacks are under way than allowed, to one host and in all."""
    flow = Flow()
    for number in range(24):
        await journal.commit(accept(f"ex-{number}", b"1", host=f"host{number % 6}.example"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert len(flow.seen) == 24
    assert flow.most_at_once.pop("all") == SETTINGS.at_once
    assert max(flow.most_at_once.values()) <= SETTINGS.per_host


async def test_refused_callback_is_a_dead_letter(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A refusal is final and seen; the next callback of the execution goes out."""
    flow = Flow(answers(Response(401, b"who?"), ACCEPTED))
    await journal.commit(accept("ex-1", b"1", b"2"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()) as outbox:
        await empty(journal)
        assert outbox.statistics().dead == 1
    assert flow.bodies == [b"1", b"2"]
    (dead,) = await journal.callbacks()
    assert (dead.number, dead.state, dead.attempts) == (1, CallbackState.DEAD, 1)


async def test_expired_callback_is_a_dead_letter(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A callback that nobody took until its time was up becomes a dead letter then, and is not sent after that."""
    flow = Flow(lambda _: FAILED)
    await journal.commit(accept("ex-1", b"1", expires_at=600.0))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await trio.sleep(700)
    assert all(at < 600 for at, _ in flow.seen)
    (dead,) = await journal.callbacks()
    assert dead.state == CallbackState.DEAD
    assert dead.error == f"expired after {len(flow.seen)} attempts; the last said: the engine answered 500"


async def test_host_that_is_not_allowed_is_not_called(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A callback to a host that is not listed is a dead letter, unsent."""
    flow = Flow()
    await journal.commit(accept("ex-1", b"1", host="evil.test"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert flow.seen == []


async def test_acknowledgement_outlives_a_full_disk(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """While an acknowledgement cannot be written, its callback is not sent again; later it is written."""
    flow = Flow()
    await journal.commit(accept("ex-1", b"1"))
    healthy_from = 60.0

    def disk(operations: Sequence[Operation]) -> None:
        if trio.current_time() < healthy_from and isinstance(operations[0], Acknowledged):
            raise StoreError("store.disk", "the disk is full")

    journal.before_commit = disk
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert flow.bodies == [b"1"]
    assert await journal.callbacks() == []


async def test_unreadable_journal_does_not_end_the_sender(
    journal: MemoryJournal, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When due callbacks cannot be read, the sender asks again later."""
    flow = Flow()
    await journal.commit(accept("ex-1", b"1"))
    read = journal.callbacks_due

    async def failing(*arguments: float, **named: object) -> object:
        if trio.current_time() < 30:
            raise StoreError("store.disk", "the disk is away")
        return await read(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(journal, "callbacks_due", failing)
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert flow.seen[0][0] >= 30


async def test_stopping_lets_deliveries_end(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """At a stop nothing new is begun, and what is under way is brought to its end."""
    flow = Flow()
    flow.gates[b"1"] = trio.Event()
    await journal.commit(accept("ex-1", b"1", b"2"))
    async with trio.open_nursery() as nursery, open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await wait_all_tasks_blocked()
        nursery.start_soon(open_after, flow.gates[b"1"], 2.0)
    assert flow.bodies == [b"1"]
    assert [row.number for row in await journal.callbacks()] == [2]


async def open_after(gate: trio.Event, seconds: float) -> None:
    """Open a gate later."""
    await trio.sleep(seconds)
    gate.set()


async def test_stopping_does_not_wait_for_ever(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """A delivery that outlasts the grace is cut off and sent again after the next start."""
    flow = Flow()
    flow.gates[b"1"] = trio.Event()
    await journal.commit(accept("ex-1", b"1"))
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await wait_all_tasks_blocked()
    assert trio.current_time() < SETTINGS.timeout
    flow.gates[b"1"].set()
    async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
        await empty(journal)
    assert flow.bodies == [b"1", b"1"]


async def test_accepted_callback_is_noted_even_when_cancelled(
    journal: MemoryJournal, autojump_clock: MockClock
) -> None:
    """When the sender is cancelled as the answer comes in, the answer is written down: it is not sent twice."""
    scope = trio.CancelScope()

    def accept_and_cancel(_: CallbackRequest) -> Response:
        scope.cancel()
        return ACCEPTED

    flow = Flow(accept_and_cancel)
    await journal.commit(accept("ex-1", b"1"))
    with scope:
        async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
            await trio.sleep_forever()
    assert await journal.callbacks() == []


async def test_log_tells_no_secrets(journal: MemoryJournal, autojump_clock: MockClock) -> None:
    """The log names execution, host, attempt and reason; never the address, the user's header or the result."""
    flow = Flow(answers(FAILED, Response(401, b"who?"), ACCEPTED))
    await journal.commit(accept("ex-1", b"result-4111", b"result-4111"))
    with capture_logs() as events:
        async with open_outbox(journal, flow.send, SETTINGS, TrioClock()):
            await empty(journal)
    assert [event["event"] for event in events] == [
        "callback postponed",
        "callback is a dead letter",
        "callback accepted",
    ]
    text = str(msgspec.to_builtins(events))
    assert not [secret for secret in ("secret", "api/run", "4111") if secret in text]
