"""Promises 1 and 2: whoever got WAIT gets one result, whoever did not may call again, and nobody waits for ever.

Here at moments that are chosen, under virtual time; `tests/chaos/handover.py` looks for them with real processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
import trio

from runtime.engine.house import ExecutionSettings
from runtime.errors import Fenced, StoreError
from runtime.model.journal import Accept, CallbackRow, CallbackState, Finish, Operation, Park, Release, Status
from runtime.store.memory import MemoryStore
from tests.chaos import handover
from tests.e2e.flow import Flow, text_of, token_of
from tests.e2e.inside import Backend, Caller, Life, callbacks, living, refuse

flow = Flow()
DURABLE, LIGHT = "Slow", "Light"  # the same process: journalled from its start, and from its hand-over


def states(rows: Sequence[CallbackRow]) -> list[CallbackState]:
    """Give the states of callbacks."""
    return [row.state for row in rows]


def text(row: CallbackRow) -> str | None:
    """Give the text that a callback brings."""
    request = msgspec.msgpack.decode(row.request)
    return text_of(msgspec.json.decode(request["body"]))


async def waited(caller: Caller) -> str:
    """Expect WAIT; gives the execution's id."""
    await caller.wait_reply()
    assert caller.json["invokeType"] == "WAIT"
    return caller.execution


async def until(is_so: Callable[[], bool]) -> None:
    """Wait, in virtual time, until something has happened."""
    with trio.fail_after(120):
        while not is_so():  # noqa: ASYNC110 - virtual time: it costs nothing
            await trio.sleep(0.05)


async def test_killed_in_the_middle() -> None:
    """With real processes, killed in the middle of hand-overs, no call stays silent and none ends in two ways."""
    result = await handover.run(requests=200, kills=2, seed=7)
    assert result.is_clean, str(result)
    assert result.waited
    assert result.broken


@pytest.mark.parametrize("action", [DURABLE, LIGHT])
async def test_together(action: str, autojump_clock: object) -> None:
    """Callers that repeat a token at the same moment share one execution and its answer."""
    async with living(MemoryStore()) as life:
        message = flow.request(action, Seconds=0.5, Text="one")
        callers = [life.call(message) for _ in range(5)]
        for caller in callers:
            assert text_of(msgspec.json.decode((await caller.wait_reply()).body)) == "one"
        assert len({caller.execution for caller in callers}) == 1


@pytest.mark.parametrize("action", [DURABLE, LIGHT])
async def test_repeated_after_leaving(action: str, autojump_clock: object) -> None:
    """Who left before an answer and calls again is answered in time, whether the work was stopped meanwhile or not."""
    async with living(MemoryStore()) as life:
        message = flow.request(action, Seconds=0.5, Text="again")
        first = life.call(message)
        await trio.sleep(0.1)
        first.leave()
        await trio.lowlevel.checkpoint()
        for _ in range(2):  # at once, and when the first has been stopped
            caller = life.call(message)
            await caller.wait_reply()
            assert (caller.seconds <= 1, text_of(caller.json)) == (True, "again")
            await trio.sleep(1)


async def test_stopping_work_is_not_joined(autojump_clock: object) -> None:
    """Work that is being stopped, and takes its time, answers nobody who calls again meanwhile."""
    async with living(MemoryStore(), backend=Backend(seconds=30)) as life:
        message = flow.request("Order")
        first = life.call(message, "/fs/Parking")
        await trio.sleep(0.1)
        first.leave()
        await trio.sleep(0.1)
        second = life.call(message, "/fs/Parking")
        await waited(second)
        assert second.seconds < 1.5


async def test_repeated_after_a_crash(autojump_clock: object) -> None:
    """A call that goes on after a crash is repeated: WAIT at once, and one result."""
    store = MemoryStore()
    message = flow.request(DURABLE, Seconds=4, Text="one")
    async with living(store) as life:
        execution = await waited(life.call(message))
    async with living(store) as life:
        await until(lambda: execution in life.house.live)
        caller = life.call(message)
        assert await waited(caller) == execution
        assert caller.seconds < 1
        await until(lambda: execution not in life.house.live)
        (row,) = await callbacks(store, execution)
        assert (row.state, text(row)) == (CallbackState.DUE, "one")


@pytest.mark.parametrize("action", [DURABLE, LIGHT])
async def test_killed_before_the_release(action: str, autojump_clock: object) -> None:
    """A result that was written down before its WAIT had gone out is sent by the next process, though nothing runs."""
    store = MemoryStore()

    def no_release(operations: Sequence[Operation]) -> None:
        if any(isinstance(operation, Release) for operation in operations):
            raise StoreError("store.disk", "the power is about to fail")

    store.journal.before_commit = no_release
    async with living(store) as life:
        caller = life.call(flow.request(action, Seconds=1, Text="one"))  # ends while its hand-over is written
        execution = await waited(caller)
        await until(lambda: execution not in life.house.live)
    assert states(await callbacks(store, execution)) == [CallbackState.HELD]
    async with living(store):
        await trio.sleep(0.1)
        assert states(await callbacks(store, execution)) == [CallbackState.DUE]


@pytest.mark.parametrize("action", [DURABLE, LIGHT])
async def test_broken_while_wait_is_written(action: str, autojump_clock: object) -> None:
    """A connection that breaks under WAIT, in whatever way, holds no callback back."""
    store = MemoryStore()
    async with living(store) as life:
        life.call(flow.request(action, Seconds=2, Text="one"), deaf=True)
        await trio.sleep(3)
        (execution,) = await store.journal.executions()
        assert states(await callbacks(store, execution.id)) == [CallbackState.DUE]


async def test_parked(autojump_clock: object) -> None:
    """Where a person must decide, the caller is told WAIT, then how things stand, and a fault if that takes long."""
    store = MemoryStore()
    async with living(store, settings=ExecutionSettings(park_answer_after=60)) as life:
        execution = await waited(life.call(flow.request("Order"), "/fs/Parking"))
        await until(lambda: execution not in life.house.live)
        row = await store.journal.execution(execution)
        assert row is not None
        assert row.status is Status.PARKED
        progress, fault = await callbacks(store, execution)
        assert states([progress, fault]) == [CallbackState.DUE] * 2
        assert fault.due - progress.due == pytest.approx(60, abs=1)


async def test_parked_without_an_address(autojump_clock: object) -> None:
    """Who left no address for a callback is told the fault at once, for WAIT would be for ever."""
    store = MemoryStore()
    async with living(store) as life:
        caller = life.call(flow.request("Order", callback=False), "/fs/Parking")
        reply = await caller.wait_reply()
        assert (reply.status, caller.seconds < 1) == (500, True)
        assert b"operator has to decide" in reply.body
        await until(lambda: not life.house.live)
        assert (await store.journal.counts())["parked"] == 1


async def test_parked_before_it_can_be_kept(autojump_clock: object) -> None:
    """Parked work that the disk does not take keeps nobody waiting, and is parked by whoever finds it next."""
    store = MemoryStore()
    async with living(store) as life:
        caller = life.call(flow.request("Order"), "/fs/Parking")
        await trio.sleep(0.05)
        refuse(store, unless=lambda operation: not isinstance(operation, Park))
        execution = await waited(caller)
        await trio.sleep(5)
        store.journal.before_commit = None
        await trio.sleep(life.house.settings.lease + 5)
        row = await store.journal.execution(execution)
        assert row is not None
        assert row.status is Status.PARKED
        assert states(await callbacks(store, execution)) == [CallbackState.DUE] * 2


async def test_refused_while_another_joins(autojump_clock: object) -> None:
    """When a call cannot be accepted, those who have joined it are told as well."""
    store = MemoryStore()
    async with living(store) as life:
        refuse(store, unless=lambda operation: not isinstance(operation, Accept))
        message = flow.request(DURABLE, Seconds=0.1)
        callers = [life.call(message) for _ in range(3)]
        for caller in callers:
            assert (await caller.wait_reply()).status >= 500
            assert caller.seconds < 1
        assert life.house.live == {}


async def test_disk_refuses_after_wait(autojump_clock: object) -> None:
    """Work that was stopped by its disk goes on when the disk is well again, in the same process."""
    store = MemoryStore()
    async with living(store) as life:
        execution = await waited(life.call(flow.request(DURABLE, Seconds=3, Text="one")))
        refuse(store)
        await trio.sleep(10)
        store.journal.before_commit = None
        await trio.sleep(life.house.settings.lease + 5)
        assert [text(row) for row in await callbacks(store, execution)] == ["one"]


async def test_cannot_be_loaded(autojump_clock: object) -> None:
    """Work that cannot be loaded now is tried again, and does not end the process."""
    store = MemoryStore()
    async with living(store) as life:
        execution = await waited(life.call(flow.request(DURABLE, Seconds=3, Text="one")))
    start, tries = store.journal.start, 0

    async def failing(identity: str) -> bytes | None:
        nonlocal tries
        tries += 1
        return b"\xc1 no MessagePack" if tries <= 2 else await start(identity)

    store.journal.start = failing  # type: ignore[method-assign]
    async with living(store) as life:
        await trio.sleep(3 * life.house.settings.lease)
        assert [text(row) for row in await callbacks(store, execution)] == ["one"]
        assert life.house.live == {}


async def test_forgotten_answer(autojump_clock: object) -> None:
    """A token whose answer is not kept any more is told so: WAIT is only for those to whom a callback comes."""
    store = MemoryStore()
    message = flow.request(DURABLE, Seconds=0.1, Text="one")
    async with living(store, settings=ExecutionSettings(repeated_answers_for=10)) as life:
        first = life.call(message)
        await first.wait_reply()
        assert text_of(first.json) == "one"
        await trio.sleep(20)
        second = life.call(message)
        reply = await second.wait_reply()
        assert reply.status == 500
        assert second.execution == first.execution


async def test_taken_over_while_it_ends(autojump_clock: object) -> None:
    """Who loses an execution to another owner at its very end lets it leave memory, and writes nothing."""
    store = MemoryStore()
    async with living(store) as life:
        execution = await waited(life.call(flow.request(DURABLE, Seconds=2, Text="one")))
        await _taken_over_at_the_end(store, life, execution)
        assert await callbacks(store, execution) == []


async def _taken_over_at_the_end(store: MemoryStore, life: Life, execution: str) -> None:
    def fenced(operations: Sequence[Operation]) -> None:
        if any(isinstance(operation, Finish) for operation in operations):
            raise Fenced("store.fenced", "another owner")

    store.journal.before_commit = fenced
    await until(lambda: execution not in life.house.live)
    assert life.house.tokens.known(token_of(flow.request(DURABLE))) is None
