"""Connections between two requests: who needs no task gets none, and nobody can end the watch."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from contextlib import ExitStack

import pytest
import trio
import trio.testing
from msgspec.structs import replace

from runtime.web.exchange import Answer, Exchange, Handler, Request
from runtime.web.front import BodyLimits, Front, Lane, Route
from runtime.web.hot.connection import hot_connections
from runtime.web.later import Later
from runtime.web.listener import ListenerLimits
from runtime.web.watch import open_watch
from runtime.web.wire import Wire
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import echo, running

TASK = "web: connection"


def tasks_of_connections() -> int:
    """Count the tasks that serve one connection each."""
    root = trio.lowlevel.current_root_task()
    assert root is not None
    waiting, count = [root], 0
    while waiting:
        task = waiting.pop()
        count += task.name == TASK
        waiting += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return count


def answering(decide: Callable[[Request], Answer | Handler], handler: Handler = echo) -> Front:
    """Give a front whose route decides what it can at once."""
    return Front({"/fs": Route(handler=handler, decide=decide)}, limits=BodyLimits(size=1024))


def mirrored(request: Request) -> Answer:
    """Answer with the body that came."""
    return Answer(status=200, body=request.body)


async def test_who_is_answered_at_once_needs_no_task() -> None:
    """Law: a connection has a task only while a request on it waits for something."""
    began, finish = trio.Event(), trio.Event()

    async def wait(exchange: Exchange) -> None:
        began.set()
        await finish.wait()
        await exchange.answer(Answer(status=200, body=b"waited"))

    def decide(request: Request) -> Answer | Handler:
        return wait if request.path == "/fs/slow" else mirrored(request)

    async with running(answering(decide)) as house, calling(house.port) as caller:
        for body in (b"1", b"2", b"3"):
            await caller.request("POST", "/fs/x", body)
            assert (await caller.reply()).body == body
            assert (house.tally.open, tasks_of_connections()) == (1, 0)
        await caller.request("POST", "/fs/slow")
        await began.wait()
        assert tasks_of_connections() == 1
        finish.set()
        assert (await caller.reply()).body == b"waited"
        await trio.testing.wait_all_tasks_blocked()
        assert (house.tally.open, tasks_of_connections()) == (1, 0)
        await caller.request("POST", "/fs/x", b"4")
        assert (await caller.reply()).body == b"4"
    await house.until_open(0)


async def test_what_one_caller_causes_meets_no_other() -> None:
    """Law: an error that nobody has foreseen ends the connection that caused it, and no other."""

    def passes(request: Request) -> bool:
        if request.body == b"bad":
            raise ZeroDivisionError
        return True

    async def gate(_request: Request) -> Answer | None:
        return None

    route = Route(handler=echo, decide=mirrored, gate=gate, passes=passes)
    front = Front({"/fs": route}, limits=BodyLimits(size=1024))
    async with running(front) as house, calling(house.port) as good, calling(house.port) as bad:
        await good.request("POST", "/fs/x", b"1")
        assert (await good.reply()).body == b"1"
        await bad.request("POST", "/fs/x", b"bad")
        assert await bad.rest() == b""
        await house.until_open(1)
        assert house.tally.guarded == {"ZeroDivisionError": 1}
        await good.request("POST", "/fs/x", b"2")
        assert (await good.reply()).body == b"2"


async def test_an_answer_larger_than_its_way_arrives_whole() -> None:
    """Law: an answer that the socket does not take at once is sent to its end, and the connection goes on."""
    large = b"x" * 20_000_000

    def decide(request: Request) -> Answer:
        return Answer(status=200, body=large if request.body == b"large" else request.body)

    async with running(answering(decide)) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x", b"large")
        assert (await caller.reply()).body == large
        await caller.request("POST", "/fs/x", b"small")
        assert (await caller.reply()).body == b"small"


async def test_who_asks_together_is_answered_in_a_row() -> None:
    """Law: of those who speak at one time none is answered before all are heard; who has left then costs no other."""
    answered: list[bool] = []
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(3)]
        for ends in pairs:
            for end in ends:
                stack.enter_context(end).setblocking(False)  # noqa: FBT003 - the name of the method says it
        clients = [ours for ours, _ in pairs]

        def decide(request: Request) -> Answer:
            readable, _, _ = select.select(clients, [], [], 0)
            answered.append(bool(readable))
            if len(answered) == len(clients):
                clients[1].close()
            return mirrored(request)

        left: list[Exception | None] = []
        handler = hot_connections(answering(decide), nobody, ListenerLimits())
        watch = stack.enter_context(open_watch(lambda *_: nobody(), lambda _, error: left.append(error)))
        for number, (ours, theirs) in enumerate(pairs):
            wire = Wire(trio.SocketStream(trio.socket.from_stdlib_socket(theirs)), theirs)
            watch.add(wire, handler.begin(wire))
            ours.send(b"POST /fs/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n%d" % number)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch.run, nursery)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        assert answered == [False] * 3
        assert left == [None]
        assert [clients[number].recv(4096)[-1:] for number in (0, 2)] == [b"0", b"2"]


async def nobody(_: object = None) -> None:
    """Serve what nobody has asked for."""
    raise AssertionError


async def test_a_head_that_stops_half_way_is_late_as_ever(clock: trio.testing.MockClock) -> None:
    """Law: a caller that begins a request and does not finish its head is cut, also after one that was answered."""
    limits = ListenerLimits(head_timeout=10, keep_alive=600)
    async with running(answering(mirrored), limits=limits) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x", b"1")
        await caller.reply()
        await caller.say(b"POST /fs/x HT")
        await trio.testing.wait_all_tasks_blocked()
        clock.jump(12)
        assert await caller.rest() == b""
        assert house.tally.overdue == 1


async def test_what_answers_a_head_ends_with_what_it_stood_on() -> None:
    """Law: who passed once is asked again as soon as who may pass has changed; a request is never answered twice."""
    allowed: list[object] = [object()]
    asked: list[bytes] = []

    def passes(_request: Request) -> bool:
        return bool(allowed)

    async def gate(_request: Request) -> Answer | None:
        return Answer(status=401)

    async def own(exchange: Exchange) -> None:
        await exchange.answer(Answer(status=200, body=b"its own, of " + exchange.request.body))

    def lane(_request: Request) -> Lane:
        def answer(body: bytes, _arrived: float) -> Answer | Handler | None:
            asked.append(body)
            if body == b"odd":
                return None
            if body == b"own":
                return own
            if body == b"bad":
                raise ZeroDivisionError
            return Answer(status=200, body=b"lane")

        return answer

    route = Route(
        handler=echo,
        decide=mirrored,
        gate=gate,
        passes=passes,
        lane=lane,
        standing=lambda: allowed[0] if allowed else None,
    )
    front = Front({"/fs": route}, limits=BodyLimits(size=1024))

    async with running(front) as house, calling(house.port) as caller:

        async def said(body: bytes) -> tuple[int, bytes]:
            await caller.request("POST", "/fs/x", body)
            reply = await caller.reply()
            return reply.status, reply.body

        assert await said(b"one") == (200, b"one")
        assert await said(b"two") == (200, b"lane")
        assert await said(b"odd") == (200, b"odd")
        assert await said(b"six") == (200, b"lane")
        assert await said(b"own") == (200, b"its own, of own")
        assert (await said(b"bad"))[0] == 500
        allowed[0] = object()
        assert await said(b"new") == (200, b"new")
        assert await said(b"two") == (200, b"lane")
        assert await said(b"another length") == (200, b"another length")
        allowed.clear()
        assert (await said(b"two"))[0] == 401
    assert asked == [b"two", b"odd", b"six", b"own", b"bad", b"two"]


async def begun(laters: list[Later], count: int) -> None:
    """Wait until so many answers are to come: a turn of the loop at a time."""
    with trio.fail_after(PATIENCE):
        while len(laters) < count:
            await trio.lowlevel.checkpoint()
    assert len(laters) == count


async def test_an_answer_that_comes_by_itself_needs_no_task() -> None:
    """Law: while an answer is on its way nobody runs, the next request waits, and a stop waits for the answer."""
    laters: list[Later] = []

    def decide(request: Request) -> Answer | Later:
        if request.path != "/fs/later":
            return mirrored(request)
        laters.append(Later())
        return laters[-1]

    def lane(request: Request) -> Lane:
        return lambda body, _arrived: decide(replace(request, body=body))

    route = Route(handler=echo, decide=decide, lane=lane)
    front = Front({"/fs": route}, limits=BodyLimits(size=1024))
    async with running(front, drain=60) as house, calling(house.port) as caller, calling(house.port) as other:
        for number in range(2):
            await caller.request("POST", "/fs/later", b"1")
            await caller.request("POST", "/fs/x", b"2")
            await begun(laters, number + 1)
            await other.request("POST", "/fs/x", b"3")
            assert (await other.reply()).body == b"3"
            assert tasks_of_connections() == 0
            laters[number].complete(Answer(status=200, body=b"later"))
            assert (await caller.reply()).body == b"later"
            assert (await caller.reply()).body == b"2"
        await caller.request("POST", "/fs/later", b"1")
        await begun(laters, 3)
        house.stopping.set()
        assert await other.rest() == b""
        assert not house.over.is_set()
        laters[2].complete(Answer(status=200, body=b"last"))
        assert (await caller.reply()).body == b"last"
        assert await caller.rest() == b""
        with trio.fail_after(PATIENCE):
            await house.over.wait()


async def test_who_left_before_the_answer_came_is_let_go() -> None:
    """Law: an answer for somebody who has left frees the connection, whenever it comes."""
    laters: list[Later] = []

    def decide(_request: Request) -> Later:
        laters.append(Later())
        return laters[-1]

    route = Route(handler=echo, decide=decide)
    async with running(Front({"/fs": route}, limits=BodyLimits(size=1024))) as house:
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x")
            await begun(laters, 1)
            caller.reset()
        laters[0].complete(Answer(status=200, body=b"late"))
        await house.until_open(0)


async def test_a_body_behind_its_head_needs_no_task() -> None:
    """Law: a request that comes in pieces is answered without a task, where its head is known; also by halves."""

    def lane(_request: Request) -> Lane:
        return lambda body, _arrived: Answer(status=200, body=body + b" again")

    front = Front({"/fs": Route(handler=echo, decide=mirrored, lane=lane)}, limits=BodyLimits(size=1024))
    async with running(front) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x", b"whole")
        assert (await caller.reply()).body == b"whole"
        for pieces in ([b""], [b"w"], [b"w", b"ho", b"l"]):
            await caller.request("POST", "/fs/x", length=5)
            said = b""
            for piece in pieces:
                await caller.say(piece)
                said += piece
                await trio.testing.wait_all_tasks_blocked()
                assert tasks_of_connections() == 0
            await caller.say(b"whole"[len(said) :])
            assert (await caller.reply()).body == b"whole again"


def answered_again(_request: Request) -> Lane:
    """Give what answers a head that comes again."""
    return lambda body, _arrived: Answer(status=200, body=body)


@pytest.mark.parametrize("known", [False, True])
async def test_a_body_that_does_not_come_is_told_as_ever(clock: trio.testing.MockClock, *, known: bool) -> None:
    """Law: whether or not a head is known, who stops amid the body is told so, after the time for bodies."""
    route = Route(handler=echo, decide=mirrored, lane=answered_again)
    front = Front({"/fs": route}, limits=BodyLimits(size=1024, time=20))
    async with running(front, limits=ListenerLimits(head_timeout=5)) as house, calling(house.port) as caller:
        if known:
            await caller.request("POST", "/fs/x", b"whole")
            await caller.reply()
        await caller.request("POST", "/fs/x", b"w", length=5)
        for _ in range(8):
            await trio.testing.wait_all_tasks_blocked()
            clock.jump(3)
        assert (await caller.reply()).status == 408
        assert await caller.rest() == b""
    await house.until_open(0)


async def test_a_stop_waits_for_a_body_that_has_begun() -> None:
    """Law: a request of which a part has come is served to its end, though the house stops."""
    front = Front({"/fs": Route(handler=echo, decide=mirrored, lane=answered_again)}, limits=BodyLimits(size=1024))
    async with running(front, drain=60) as house, calling(house.port) as caller, calling(house.port) as other:
        await caller.request("POST", "/fs/x", b"whole")
        await caller.reply()
        await caller.request("POST", "/fs/x", b"w", length=5)
        await other.request("POST", "/fs/x", b"2")
        await other.reply()
        house.stopping.set()
        assert await other.rest() == b""
        await caller.say(b"hole")
        assert (await caller.reply()).body == b"whole"
        assert await caller.rest() == b""


async def test_what_answers_a_head_serves_all_connections_of_an_address() -> None:
    """Law: heads that take turns, on one connection or on several, are each read once."""
    made: list[str] = []

    def lane(request: Request) -> Lane:
        made.append(request.path)
        return lambda body, _arrived: Answer(status=200, body=request.path.encode() + body)

    front = Front({"/fs": Route(handler=echo, decide=mirrored, lane=lane)}, limits=BodyLimits(size=1024))
    async with running(front) as house, calling(house.port) as one, calling(house.port) as two:
        for caller in (one, two, one):
            for path in ("/fs/a", "/fs/b"):
                await caller.request("POST", path, b"x")
                assert (await caller.reply()).body in {b"x", path.encode() + b"x"}
        assert made == ["/fs/a", "/fs/b"]
