"""The laws of cancelling: whatever an execution is at, it ends, and whoever waits for it is told."""

from __future__ import annotations

import pytest
import trio

from runtime.engine.cancelling import cancel
from runtime.engine.executions import begin_process
from runtime.errors import RequestError
from runtime.model.bundle import Bundle
from runtime.model.journal import Status
from runtime.model.process import Options
from runtime.sdk.faults import OutcomeUnknown
from tests.engine.houses import Daemon, bundle, call, daemon
from tests.engine.processes import Steps
from tests.engine.slow import MODES, Slow, whole
from tests.engine.worlds import World

TOLD = "The execution was cancelled by a person. wrong file"


def one_call(effect: str = "keyed", **options: object) -> Bundle:
    """Give a process of one call."""
    steps = Steps()
    return bundle(steps.shapes, steps.call("", steps.returned(), effect=effect), Options(**options))  # type: ignore[arg-type]


def waiting() -> Bundle:
    """Give a process that waits for an hour."""
    steps = Steps()
    return bundle(steps.shapes, steps.wait(steps.returned(), "1 h"), Options())


async def stop(one: Daemon, identity: str) -> str:
    """Cancel as a person does."""
    return await cancel(one.house, identity, who="ada", reason="wrong file")


@pytest.mark.parametrize("mode", MODES)
async def test_a_caller_that_waits_gets_a_fault(mode: str, autojump_clock: object) -> None:
    """While the request is held, cancelling ends a call in its midst, and the fault is the answer."""
    world = Slow(1_000.0)
    async with daemon(one_call(mode=mode), world) as one:
        hold = await one.begin(call())
        hold.join()
        await trio.sleep(5)
        assert await stop(one, hold.execution) == "cancelling"
        await hold.decided.wait()
        assert hold.ending is not None
        assert (hold.ending.status, hold.ending.message) == (Status.CANCELLED, TOLD)
        await one.house.drained()
        await whole(one)
        assert trio.current_time() < 20


@pytest.mark.parametrize("mode", MODES)
async def test_after_wait_there_is_a_callback(mode: str, autojump_clock: object) -> None:
    """Once WAIT was answered, cancelling ends in the callback that says so."""
    async with daemon(one_call(mode=mode), Slow(1_000.0)) as one:
        assert await one.ask() == "WAIT"
        row = await one.row()
        assert await stop(one, row.id) == "cancelling"
        await one.house.drained()
        assert [told for _, told in await one.told()] == [TOLD]
        assert (await one.row()).status is Status.CANCELLED


async def test_what_waits_as_a_row(autojump_clock: object) -> None:
    """An execution that has left memory ends at once; its caller is called back, and nothing goes on later."""
    async with daemon(waiting(), World()) as one:
        assert await one.ask() == "WAIT"
        await one.house.drained()
        row = await one.row()
        assert row.status is Status.WAITING
        assert await stop(one, row.id) == "cancelled"
        assert [told for _, told in await one.told()] == [TOLD]
        one.upkeep()
        await trio.sleep(7_200)
        assert (await one.row()).status is Status.CANCELLED
        assert [told for _, told in await one.told()] == [TOLD]


async def test_what_is_parked(autojump_clock: object) -> None:
    """A parked execution ends; what its caller was to be told of the doubt, and was not yet, is taken back."""
    async with daemon(one_call("once"), Slow(25.0, OutcomeUnknown("x", "the connection broke"))) as one:
        assert await one.ask() == "WAIT"
        await one.house.drained()
        row = await one.row()
        assert row.status is Status.PARKED
        assert await stop(one, row.id) == "cancelled"
        assert [told for _, told in await one.told()][-1] == TOLD
        assert (await one.row()).status is Status.CANCELLED


async def test_what_waits_at_a_gate(autojump_clock: object) -> None:
    """An execution that waits for another of its process never begins."""
    world = Slow(50.0)
    async with daemon(one_call(simultaneous="queue"), world) as one:
        first, second = [await begin_process(one.house, one.deployment, "p", [b"x"], {}) for _ in range(2)]
        await trio.testing.wait_all_tasks_blocked()
        assert await stop(one, second) == "cancelling"
        await one.house.drained()
        ends = {row.id: row.status for row in await one.store.journal.executions()}
        assert ends == {first: Status.COMPLETE, second: Status.CANCELLED}
        assert len(world.calls) == 1


async def test_a_call_in_doubt_is_told(autojump_clock: object) -> None:
    """Where a call was under way that must not be made twice, the end says that nobody knows what became of it."""
    async with daemon(one_call("once"), Slow(1_000.0)) as one:
        identity = await begin_process(one.house, one.deployment, "p", [b"x"], {})
        await trio.sleep(5)
        await stop(one, identity)
        await one.house.drained()
        assert "it is not known whether it happened" in ((await one.row()).message or "")


async def test_what_cannot_be_cancelled(autojump_clock: object) -> None:
    """One that has ended, or that there never was, is refused with the reason."""
    async with daemon(one_call(), World()) as one:
        with pytest.raises(RequestError, match="There is no execution"):
            await stop(one, "ex-none")
        identity = await begin_process(one.house, one.deployment, "p", [b"x"], {})
        await one.house.drained()
        with pytest.raises(RequestError, match="has ended: it is complete"):
            await stop(one, identity)
