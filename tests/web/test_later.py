"""An answer that comes by itself reaches who asked for it, once, whoever was first and whoever has left."""

from __future__ import annotations

from typing import Any, cast

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from runtime.web.exchange import Alike, Answer, Kind
from runtime.web.later import Later

ANSWER = Answer(status=200, body=b"so")


@pytest.mark.parametrize("before", [True, False])
def test_told_once_in_either_order(*, before: bool) -> None:
    """Whether it is asked for before it comes or afterwards, it is told once, and at once when both are there."""
    later, told = Later(), list[Answer | Alike]()
    if before:
        later.then(told.append)
        assert told == []
        later.complete(ANSWER)
    else:
        later.complete(ANSWER)
        later.then(told.append)
    assert told == [ANSWER]


async def test_several_are_waited_for_without_a_turn_between() -> None:
    """One turn of the loop completes as many as there are, and those who wait go on with their own."""
    many, got = [Later() for _ in range(5)], dict[int, Answer]()

    async def wait(number: int) -> None:
        got[number] = await many[number].wait()

    async with trio.open_nursery() as nursery:
        for number in range(5):
            nursery.start_soon(wait, number)
        await wait_all_tasks_blocked()
        assert got == {}
        for number, later in enumerate(many):
            later.complete(Answer(status=200 + number))
    assert {number: answer.status for number, answer in got.items()} == {number: 200 + number for number in range(5)}


async def test_who_waits_may_leave(autojump_clock: object) -> None:
    """A wait that is cancelled ends, and the answer that comes afterwards disturbs nobody."""
    later = Later()
    with trio.move_on_after(1) as scope:
        await later.wait()
    assert scope.cancelled_caught
    later.complete(ANSWER)
    assert await later.wait() == ANSWER


async def test_it_answers_as_a_handler_does() -> None:
    """Who has a task to wait in may take it for a handler."""

    class Exchange:
        answered: Answer | None = None

        async def answer(self, answer: Answer) -> None:
            self.answered = answer

    later, exchange = Later(), Exchange()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, cast("Any", exchange))
        await wait_all_tasks_blocked()
        assert exchange.answered is None
        later.complete(ANSWER)
    assert exchange.answered == ANSWER


async def test_an_answer_of_a_kind_is_told_as_it_is_and_waited_for_at_length() -> None:
    """Who sends many answers alike gets what they have in common by itself; who waits in a task gets a whole one."""
    later, told = Later(), list[Answer | Alike]()
    alike = Alike(Kind(200, ((b"a", b"1"),), b"b"), b"2", b"so")
    later.then(told.append)
    later.complete(alike)
    assert told == [alike]
    assert await later.wait() == Answer(status=200, body=b"so", headers=((b"a", b"1"), (b"b", b"2")))
