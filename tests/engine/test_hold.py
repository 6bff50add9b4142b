from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio

from runtime.engine.ending import Ending
from runtime.engine.hold import PAUSE, Hold, Writes, released
from runtime.errors import Fenced, StoreError
from runtime.flow.handover import AnswerFault, AnswerResult, AnswerSent, AnswerWait, Finished, SyncTimeout
from runtime.model.journal import Status

ENDING = Ending(status=Status.COMPLETE, body=b"{}")


class Disk:
    """What a hold has written, and what the disk does not take, by name."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.refused: dict[str, list[Exception]] = {}
        self.seconds = 0.0
        self.ended = False  # the end of the work is on the disk already

    async def _write(self, what: str) -> None:
        await trio.sleep(self.seconds)
        if self.refused.get(what):
            raise self.refused[what].pop(0)
        self.written.append(what)

    async def hand_over(self) -> bool:
        """Write the call."""
        await self._write("call")
        return not self.ended

    async def record(self, released: bool) -> None:  # noqa: FBT001 - as the engine has it
        """Write the ending."""
        await self._write("released ending" if released else "held ending")

    async def release(self) -> None:
        """Release the callback."""
        await self._write("release")

    async def close(self) -> None:
        """End what owes no callback."""
        await self._write("close")

    def note(self, what: str) -> None:
        """Note what is no write."""
        self.written.append(what)


@asynccontextmanager
async def holding(disk: Disk) -> AsyncGenerator[Hold]:
    """Open a hold over a disk; at the end of the block its writes have ended."""
    async with trio.open_nursery() as nursery:
        writes = Writes(
            disk.hand_over,
            disk.record,
            disk.release,
            disk.close,
            lambda: disk.note("cancel"),
            lambda: disk.note("revive"),
        )
        yield Hold("ex", writes, nursery)


def full(times: int) -> list[Exception]:
    """Give refusals of a full disk."""
    return [StoreError("store.disk", "no space") for _ in range(times)]


async def test_result_in_time() -> None:
    """A result that comes in time is the answer itself: nothing is written for it."""
    disk = Disk()
    async with holding(disk) as hold:
        hold.ending = ENDING
        hold.post(Finished())
        assert isinstance(hold.decision, AnswerResult)
        assert hold.is_closed
    assert disk.written == []


async def test_wait_is_decided_when_it_is_durable(autojump_clock: object) -> None:
    """WAIT is decided after the hand-over is on disk, and the ending is held until the answer has gone."""
    disk = Disk()
    disk.seconds = 3.0
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        await trio.sleep(1)
        assert not hold.decided.is_set()
        await hold.decided.wait()
        assert isinstance(hold.decision, AnswerWait)
        assert disk.written == ["call"]
        hold.post(Finished())
        await trio.sleep(5)
        hold.post(AnswerSent())
    assert disk.written == ["call", "held ending", "release"]


async def test_refused_hand_over() -> None:
    """A hand-over that the disk refuses is a refusal of the call, and stops the work."""
    disk = Disk()
    disk.refused["call"] = full(1)
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        await hold.decided.wait()
        assert hold.decision == AnswerFault(status=503)
        await hold.settled()
        await hold.let_go()
    assert disk.written == ["cancel"]


async def test_hand_over_after_the_end(autojump_clock: object) -> None:
    """Where the end was on the disk before the call could be handed over, the result is the answer."""
    disk = Disk()
    disk.seconds, disk.ended = 1.0, True
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        hold.ending = ENDING
        hold.post(Finished())
        await hold.decided.wait()
        assert isinstance(hold.decision, AnswerResult)
    assert disk.written == ["call", "close"]


async def test_result_while_the_hand_over_is_refused(autojump_clock: object) -> None:
    """A result that came meanwhile is the better answer; its end is written until the disk takes it."""
    disk = Disk()
    disk.seconds = 1.0
    disk.refused = {"call": full(1), "close": full(3)}
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        hold.ending = ENDING
        hold.post(Finished())
        await hold.decided.wait()
        assert isinstance(hold.decision, AnswerResult)
    assert disk.written == ["close"]


@pytest.mark.parametrize("times", [1, 5])
async def test_ending_and_release_insist(times: int, autojump_clock: object) -> None:
    """What was promised is written until the disk takes it, at a pause that lets it recover."""
    disk, begun = Disk(), trio.current_time()
    disk.refused = {"held ending": full(times), "release": full(times)}
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        await hold.decided.wait()
        hold.post(Finished())
        await trio.sleep(times * PAUSE + 0.1)
        hold.post(AnswerSent())
    assert disk.written == ["call", "held ending", "release"]
    assert trio.current_time() - begun >= 2 * times * PAUSE


async def test_other_owner() -> None:
    """Who has lost the execution to another owner gives up without a word."""
    disk = Disk()
    disk.refused = {"held ending": [Fenced("store.fenced", "another owner")]}
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        await hold.decided.wait()
        hold.post(Finished())
    assert disk.written == ["call"]


async def test_last_caller_stops_the_work() -> None:
    """Work stops when the last of its callers has gone, and not before; one that comes back in time revives it."""
    disk = Disk()
    async with holding(disk) as hold:
        hold.join()
        hold.join()
        hold.leave()
        assert disk.written == []
        hold.leave()
        assert disk.written == ["cancel"]
        hold.join()
        assert disk.written == ["cancel", "revive"]
        assert hold.is_held
        hold.post(Finished())
        assert hold.decided.is_set()


async def test_let_go_waits_for_the_answer() -> None:
    """Whoever sends callbacks waits until the answer has gone out."""
    disk = Disk()
    async with holding(disk) as hold:
        hold.post(SyncTimeout())
        await hold.settled()
        with trio.move_on_after(0) as early:
            await hold.let_go()
        assert early.cancelled_caught
        hold.post(AnswerSent())
        await hold.let_go()


async def test_taken_over() -> None:
    """A hold on what another process has handed over answers WAIT at once, and lets callbacks go."""
    async with trio.open_nursery() as nursery:
        disk = Disk()
        writes = Writes(disk.hand_over, disk.record, disk.release, disk.close, lambda: None, lambda: None)
        hold = Hold("ex", writes, nursery, released())
        assert isinstance(hold.decision, AnswerWait)
        await hold.let_go()
        hold.post(Finished())
    assert disk.written == ["released ending"]
