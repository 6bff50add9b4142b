from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
from msgspec import Struct

from runtime.sdk.connector import Call, ConnectorSpec, OperationSpec, Reply
from runtime.sdk.contract import a_call, check_cancellation, check_spec, expect_fault, expect_replies
from runtime.sdk.effect import Effect
from runtime.sdk.faults import NotSent, OutcomeUnknown


class Good(Struct, frozen=True):
    """Fields of a good operation."""

    name: str = ""


class Bad(Struct):
    """Fields of a bad operation: not frozen, and not made of texts."""

    items: list[str]
    api_key: str = ""


@asynccontextmanager
async def nothing(_settings: object) -> AsyncGenerator[Stub]:
    """Open a stub."""
    yield Stub()


class Stub:
    """A connection that keeps a lock while it waits; it may forget to give it back."""

    def __init__(self, *, forgets: bool = False) -> None:
        self._free = trio.Semaphore(1)
        self._forgets = forgets

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Pause twice."""
        await self._free.acquire()
        try:
            await trio.lowlevel.checkpoint()
        except trio.Cancelled:
            if not self._forgets:
                self._free.release()
            raise
        self._free.release()
        return (Reply(b""),)


def spec(operation: OperationSpec, settings: type[Struct] = Good, secrets: tuple[str, ...] = ()) -> ConnectorSpec:
    """Give a connector with one operation."""
    return ConnectorSpec(
        name="stub", summary="does nothing", settings=settings, operations=(operation,), open=nothing, secrets=secrets
    )


GOOD = OperationSpec(name="get", summary="gets", fields=Good, effect=lambda _: Effect.PURE)


def test_a_complete_specification_passes() -> None:
    """Nothing is asked beyond what is needed."""
    check_spec(spec(GOOD))


def test_everything_that_is_missing_is_told_at_once() -> None:
    """An author mends all of it in one go."""
    bad = OperationSpec(name="Get", summary="", fields=Bad, effect=lambda _: "pure")  # type: ignore[arg-type,return-value]
    with pytest.raises(AssertionError) as caught:
        check_spec(spec(bad, Bad, secrets=("pin",)))
    for part in (
        "lower case",
        "a summary of one line",
        "not frozen",
        "'items' cannot be read from a text",
        "declares no effect",
        "'pin' is no setting",
        "'api_key' sounds like a secret",
    ):
        assert part in str(caught.value), part


async def test_a_connection_that_survives_cancellation_passes() -> None:
    """It was cancelled at each of its checkpoints."""
    assert await check_cancellation(Stub(), "get", a_call(Good())) == 2


async def test_a_connection_that_loses_a_slot_is_found(autojump_clock: trio.abc.Clock) -> None:
    """The next call hangs, and the check says after which checkpoint."""
    with pytest.raises(AssertionError, match="cancelled at checkpoint 1, the next one hangs"):
        await check_cancellation(Stub(forgets=True), "get", a_call(Good()))


async def test_a_fault_of_another_kind_is_found() -> None:
    """What the engine may do next depends on the class alone."""

    class Refusing(Stub):
        async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
            raise OutcomeUnknown("stub.cut", "cut")

    assert (await expect_fault(Refusing(), "get", a_call(Good()), OutcomeUnknown)).code == "stub.cut"
    with pytest.raises(AssertionError, match="NotSent is expected"):
        await expect_fault(Refusing(), "get", a_call(Good()), NotSent)
    with pytest.raises(AssertionError, match="NotSent is expected, not 1 replies"):
        await expect_fault(Stub(), "get", a_call(Good()), NotSent)
    assert await expect_replies(Stub(), "get", a_call(Good())) == (Reply(b""),)
