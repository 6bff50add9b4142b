"""What a person decides about parked work, and what becomes of it."""

from __future__ import annotations

import pytest
import trio

from runtime.engine.cancelling import cancel
from runtime.engine.decisions import Decision, Order, decide, described, doubts_of
from runtime.engine.executions import begin_process
from runtime.errors import RequestError
from runtime.model.journal import Status
from runtime.sdk.faults import OutcomeUnknown
from tests.engine.houses import Daemon, bundle, daemon
from tests.engine.processes import Steps
from tests.engine.slow import GENERAL, Slow

UNKNOWN = OutcomeUnknown("net.timeout", "no answer")


class Doubtful(Slow):
    """A world whose first call is felt and gives no answer."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self._rule = self._first
        self.attempts: list[str] = []

    def _first(self, operation: str, call: object, tries: int) -> bytes:
        if not self.attempts:
            self.attempts.append(operation)
            raise UNKNOWN
        self.attempts.append(operation)
        return b'"replied"'


def process() -> object:
    """Give a process with one call that must not be made twice, whose reply it returns."""
    steps = Steps()
    end = steps.message(steps.returned(), '{"Message": "${document}"}')
    return bundle(steps.shapes, steps.call("", end, effect="once", identity="charge"), GENERAL)


async def parked(one: Daemon) -> str:
    """Let a call park; gives its execution."""
    one.upkeep()
    assert await one.ask() == "WAIT"
    await trio.sleep(5)
    row = await one.row()
    assert row.status is Status.PARKED
    assert described(await doubts_of(one.house, row)) == ("charge",)
    return row.id


@pytest.mark.parametrize(
    ("decision", "calls", "told"), [("happened", 1, "a receipt"), ("did-not", 2, "replied"), ("again", 2, "replied")]
)
async def test_decided(decision: Decision, calls: int, told: str, autojump_clock: object) -> None:
    """What happened is not called again, and its reply is what the person says; else the call is made now.

    The caller learns the result alone: what it was to be told of the parking, and was not yet, is taken back.
    """
    world = Doubtful()
    async with daemon(process(), world) as one:  # type: ignore[arg-type]
        execution = await parked(one)
        order = Order(execution=execution, decision=decision, who="ada", reply=b'"a receipt"')
        assert described(await decide(one.house, order)) == ("charge",)
        await trio.sleep(10)
        assert (await one.row()).status is Status.COMPLETE
        assert await one.told() == [("due", told)]
        assert len(world.attempts) == calls
        (entry,) = await one.store.journal.audit(execution=execution)
        assert (entry.who, entry.what) == ("ada", f"decided {decision}")


async def test_decided_twice(autojump_clock: object) -> None:
    """Only what is parked is decided; what nobody knows is told so."""
    async with daemon(process(), Doubtful()) as one:  # type: ignore[arg-type]
        order = Order(execution=await parked(one), decision="happened", who="ada")
        await decide(one.house, order)
        for _ in range(2):  # at once, and when it has ended
            with pytest.raises(RequestError, match="not parked") as refused:
                await decide(one.house, order)
            assert refused.value.status == 409
            await trio.sleep(10)
        with pytest.raises(RequestError, match="There is no execution"):
            await decide(one.house, Order(execution="ex-unknown", decision="again", who="ada"))


async def test_decided_again_in_doubt(autojump_clock: object) -> None:
    """A call that is made again and is in doubt again parks again: each doubt is a person's."""
    world = Doubtful()
    async with daemon(process(), world) as one:  # type: ignore[arg-type]
        execution = await parked(one)
        world.error = UNKNOWN
        await decide(one.house, Order(execution=execution, decision="again", who="ada"))
        await trio.sleep(10)
        assert (await one.row()).status is Status.PARKED
        world.error = None
        await decide(one.house, Order(execution=execution, decision="did-not", who="ada"))
        await trio.sleep(10)
        assert (await one.row()).status is Status.COMPLETE


async def test_parked_without_a_caller(autojump_clock: object) -> None:
    """Work that nobody's request holds is parked as well, and goes on by a decision."""
    async with daemon(process(), Doubtful()) as one:  # type: ignore[arg-type]
        one.upkeep()
        await begin_process(one.house, one.deployment, "p", [b'{"Message":"hi"}'], {})
        await trio.sleep(5)
        row = await one.row()
        assert row.status is Status.PARKED
        await decide(one.house, Order(execution=row.id, decision="did-not", who="ada"))
        await trio.sleep(5)
        assert (await one.row()).status is Status.COMPLETE


async def test_decided_too_late(autojump_clock: object) -> None:
    """When the fault may have been told by then, the work goes on and its result is not told."""
    async with daemon(process(), Doubtful()) as one:  # type: ignore[arg-type]
        execution = await parked(one)
        await trio.sleep(one.house.settings.park_answer_after)
        before = await one.told()
        await decide(one.house, Order(execution=execution, decision="did-not", who="ada"))
        await trio.sleep(10)
        assert (await one.row()).status is Status.COMPLETE
        assert await one.told() == before
        assert len(before) == 2


async def test_cancelled_too_late(autojump_clock: object) -> None:
    """Parked work that is cancelled after its fault may have been told tells no second one."""
    async with daemon(process(), Doubtful()) as one:  # type: ignore[arg-type]
        execution = await parked(one)
        await trio.sleep(one.house.settings.park_answer_after)
        before = await one.told()
        await cancel(one.house, execution, who="ada")
        assert (await one.row()).status is Status.CANCELLED
        assert await one.told() == before


async def test_cancelled_in_time(autojump_clock: object) -> None:
    """Parked work that is cancelled before tells that, and not the fault."""
    async with daemon(process(), Doubtful()) as one:  # type: ignore[arg-type]
        await cancel(one.house, await parked(one), who="ada")
        ((state, told),) = await one.told()
        assert (state, "cancelled by a person" in told) == ("due", True)
