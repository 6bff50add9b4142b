from __future__ import annotations

import msgspec
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs

from runtime.web.exchange import Answer, CallerGone, Exchange
from runtime.web.front import BodyLimits, Front, Route
from runtime.web.problem import problem
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import front, running

ANSWERED = Answer(status=200, body=b"fine")


async def test_an_error_of_a_handler_is_answered_without_internals() -> None:
    """Law: a failed handler costs one 500 that tells no internals; the log tells all; the connection lives."""

    async def handler(exchange: Exchange) -> None:
        if exchange.request.method == "POST":
            raise ValueError("the password is swordfish")
        await exchange.answer(ANSWERED)

    async with running(front(handler)) as house, calling(house.port) as caller:
        with capture_logs() as logs:
            await caller.request("POST", "/fs/x")
            reply = await caller.reply()
        assert reply.status == 500
        assert reply.headers["content-type"] == "application/problem+json"
        assert msgspec.json.decode(reply.body)["instance"] == "/fs/x"
        assert b"swordfish" not in reply.body
        assert [entry["event"] for entry in logs] == ["web.handler-failed"]
        await caller.request("GET", "/fs/x")
        assert (await caller.reply()).body == b"fine"


async def test_a_silent_handler_is_answered_for() -> None:
    """Law: a handler that returns without an answer leaves no caller waiting."""

    async def handler(exchange: Exchange) -> None:
        await trio.lowlevel.checkpoint()

    async with running(front(handler)) as house, calling(house.port) as caller:
        with capture_logs() as logs:
            await caller.request("POST", "/fs/x")
            assert (await caller.reply()).status == 500
        assert [entry["event"] for entry in logs] == ["web.handler-silent"]


async def test_an_error_after_the_answer_is_only_logged() -> None:
    """Law: what has been answered stays answered."""

    async def handler(exchange: Exchange) -> None:
        await exchange.answer(ANSWERED)
        raise ValueError("too late")

    async with running(front(handler)) as house, calling(house.port) as caller:
        with capture_logs() as logs:
            for _ in range(2):
                await caller.request("GET", "/fs/x")
                assert (await caller.reply()).body == b"fine"
        assert {entry["event"] for entry in logs} == {"web.handler-failed"}


async def test_a_route_refuses_in_its_own_form() -> None:
    """Law: the caller of a route reads refusals in the form that the route's protocol has for them."""

    async def handler(exchange: Exchange) -> None:
        raise ValueError

    def refusal(status: int, path: str, message: str) -> Answer:
        return Answer(status=status, body=f"{status} {path}".encode(), headers=((b"x-kind", b"own"),))

    route = Route(handler=handler, refusal=refusal, oversize=400)
    app = Front({"/fs": route}, limits=BodyLimits(size=10, time=5))
    async with running(app) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x")
        reply = await caller.reply()
        assert (reply.body, reply.headers["x-kind"]) == (b"500 /fs/x", "own")
        await caller.request("POST", "/fs/x", b"x" * 11)
        assert (await caller.reply()).body == b"400 /fs/x"


async def test_a_request_is_answered_once() -> None:
    """Law: a second answer is a mistake of the handler, and is told so."""
    told: list[type[Exception]] = []
    finished = trio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.answer(ANSWERED)
        assert exchange.answered
        with pytest.raises(RuntimeError) as caught:
            await exchange.answer(ANSWERED)
        told.append(caught.type)
        finished.set()

    async with running(front(handler)) as house, calling(house.port) as caller:
        await caller.request("GET", "/fs/x")
        await caller.reply()
        await finished.wait()
    assert told == [RuntimeError]


async def test_wait_gone_ends_when_the_caller_leaves() -> None:
    """Law: a handler can learn at once that nobody waits for its answer; then answering raises CallerGone."""
    began, gone, refused = trio.Event(), trio.Event(), trio.Event()

    async def handler(exchange: Exchange) -> None:
        began.set()
        await exchange.wait_gone()
        gone.set()
        with pytest.raises(CallerGone):
            await exchange.answer(ANSWERED)
        refused.set()

    with trio.fail_after(PATIENCE):
        async with running(front(handler)) as house:
            async with calling(house.port) as caller:
                await caller.request("POST", "/fs/x")
                await began.wait()
            await refused.wait()
            assert gone.is_set()


async def test_an_answer_to_a_caller_who_has_left_raises() -> None:
    """Law: CallerGone is raised also for a handler that never looked."""
    began, left, told = trio.Event(), trio.Event(), trio.Event()

    async def handler(exchange: Exchange) -> None:
        began.set()
        await left.wait()
        try:
            while True:  # the reset is on its way through the kernel; it is there after some turns of the loop
                await trio.lowlevel.checkpoint()
                if exchange._has_left():  # type: ignore[attr-defined]
                    await exchange.answer(ANSWERED)
        except CallerGone:
            told.set()
            raise

    with trio.fail_after(PATIENCE), capture_logs() as logs:
        async with running(front(handler)) as house, calling(house.port) as caller:
            await caller.request("POST", "/fs/x")
            await began.wait()
            caller.reset()
            left.set()
            await told.wait()
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []


@pytest.mark.parametrize("attempt", range(8))
async def test_a_caller_who_leaves_while_the_answer_is_sent_is_noticed(attempt: int) -> None:
    """Law: an answer that did not wholly reach the transport raises, also when a watcher has the news first.

    Repeated, because it is the scheduler that decides which of three tasks learns of it first.
    """
    began, told = trio.Event(), trio.Event()
    large = Answer(status=200, body=b"x" * 50_000_000)  # far more than the buffers of both sockets hold

    async def handler(exchange: Exchange) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(exchange.wait_gone)
            began.set()
            try:
                await exchange.answer(large)
            except CallerGone:
                told.set()
            nursery.cancel_scope.cancel()

    with trio.fail_after(PATIENCE):
        async with running(front(handler)) as house, calling(house.port) as caller:
            await caller.request("POST", "/fs/x")
            await began.wait()
            await caller.stream.receive_some(1000)
            caller.reset()
            await told.wait()


async def test_waiting_beside_the_work_changes_nothing_while_the_caller_stays() -> None:
    """Law: wait_gone may be cancelled and begun again, by several tasks; an answer does not look like a departure."""
    departures: list[str] = []
    finished = trio.Event()

    async def handler(exchange: Exchange) -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            await exchange.wait_gone()

        async def watch() -> None:
            await exchange.wait_gone()
            departures.append(exchange.request.path)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch)
            nursery.start_soon(watch)
            await trio.testing.wait_all_tasks_blocked()
            await exchange.answer(ANSWERED)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        finished.set()

    with trio.fail_after(PATIENCE):
        async with running(front(handler)) as house, calling(house.port) as caller:
            await caller.request("GET", "/fs/x")
            assert (await caller.reply()).body == b"fine"
            await finished.wait()
    assert departures == []


def test_a_problem_names_status_path_and_reason() -> None:
    """Law: a neutral refusal is a problem document (RFC 9457)."""
    answer = problem(404, "/x", "No such thing")
    expected = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such thing", "instance": "/x"}
    assert msgspec.json.decode(answer.body) == expected
