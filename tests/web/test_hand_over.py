"""A connection between the watch and its tasks: whoever has it, the same times and the same ends hold for it."""

from __future__ import annotations

import errno
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
import trio
import trio.testing

from runtime.web.exchange import Answer, Request
from runtime.web.front import BodyLimits, Front, Lane, Route
from runtime.web.hot.connection import hot_connections
from runtime.web.later import Later
from runtime.web.listener import ListenerLimits
from runtime.web.watch import Conversation, Next, Watch
from runtime.web.wire import Wire
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import echo, running
from tests.web.mixed import mixed_route

if TYPE_CHECKING:
    from collections.abc import Callable

JUMP = 0.5  # seconds, less than the sweeper takes to have a task go on
WHOLE = b"POST /fs/x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi"


def at_once(seen: Callable[[Request], None] = lambda _: None) -> Front:
    """Give a front that answers with the body that came, and repeated heads by a lane; it shows what it has read."""

    def decide(request: Request) -> Answer:
        seen(request)
        return Answer(status=200, body=request.body)

    def lane(_request: Request) -> Lane:
        return lambda body, _arrived: Answer(status=200, body=body)

    return Front({"/fs": Route(handler=echo, decide=decide, lane=lane)}, limits=BodyLimits(size=1024))


async def behind(_wire: Wire) -> None:
    """Serve what the front door does not: here nothing is for it."""
    raise AssertionError


@pytest.mark.parametrize("before", [1, 2], ids=["answered at once", "answered by its task"])
async def test_half_a_head_behind_a_request_is_late_as_any(clock: trio.testing.MockClock, before: int) -> None:
    """Law: the time for a head runs for one whose first bytes came together with the request before, too."""
    limits = ListenerLimits(head_timeout=10, keep_alive=600)
    async with running(at_once(), limits=limits) as house, calling(house.port) as caller:
        await caller.say(WHOLE * before + b"POST /fs/x HT")
        for _ in range(before):
            assert (await caller.reply()).body == b"hi"
        await trio.testing.wait_all_tasks_blocked()
        clock.jump(12)
        assert await caller.rest() == b""
        assert house.tally.overdue == 1


async def test_a_request_counts_from_its_own_first_byte(clock: trio.testing.MockClock) -> None:
    """Law: what arrives with the end of a request has not arrived with its beginning."""
    arrived: list[float] = []
    async with (
        running(at_once(lambda request: arrived.append(request.arrived))) as house,
        calling(house.port) as caller,
    ):
        await caller.say(WHOLE)
        assert (await caller.reply()).body == b"hi"
        await caller.say(WHOLE[:-1])
        await trio.testing.wait_all_tasks_blocked()
        clock.jump(JUMP)
        await caller.say(WHOLE[-1:] + WHOLE)
        for _ in range(2):
            assert (await caller.reply()).body == b"hi"
        assert arrived[-1] - arrived[0] >= JUMP


async def test_a_stop_waits_for_no_head() -> None:
    """Law: a connection that is let go when its task is to begin ends as if it had begun: half a head is no request."""
    limits = ListenerLimits()
    handler = hot_connections(at_once(), behind, limits)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(0)
        wire = Wire(trio.SocketStream(trio.socket.from_stdlib_socket(theirs)), theirs)
        conversation = handler.begin(wire)
        assert conversation.at_once(b"POST /fs/x HT", trio.current_time()) is Next.TASK
        wire.let_go()
        with wire.live(), trio.fail_after(PATIENCE):
            assert not await conversation.go_on()


@pytest.mark.parametrize("body", [b"", b"22"], ids=["when it comes", "behind its task"])
async def test_who_cannot_be_watched_costs_nobody_else(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """Law: where the kernel watches no further connection, that one ends, is counted no longer, and others go on."""
    add, is_full = Watch.add, False

    def tried(self: Watch, wire: Wire, conversation: Conversation) -> None:
        if is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        add(self, wire, conversation)

    monkeypatch.setattr(Watch, "add", tried)
    front = Front({"/fs": mixed_route()}, limits=BodyLimits(size=1024))
    async with running(front) as house, calling(house.port) as other:
        await other.request("POST", "/fs/x", b"333")
        assert (await other.reply()).body == b"333"
        if body:
            async with calling(house.port) as caller:
                await house.until_open(2)
                is_full = True
                await caller.request("POST", "/fs/x", body)
                assert (await caller.reply()).body == body
                assert await caller.rest() == b""
        else:
            is_full = True
            async with calling(house.port) as caller:
                assert await caller.rest() == b""
        await house.until_open(1)
        assert house.tally.broken == 1 or house.tally.guarded == {"OSError": 1}
        is_full = False
        await other.request("POST", "/fs/x", b"333")
        assert (await other.reply()).body == b"333"
        await house.assert_serving()


class Flood(socket.socket):
    """A socket at whose other end is always more."""

    reads = 0

    def recv(self, most: int, flags: int = 0) -> bytes:
        """Give a piece, for as long as somebody may ask."""
        self.reads += 1
        assert self.reads < 10_000, "it is read for ever"
        return b"x" * (most + flags)


async def test_who_sends_on_and_on_is_parted_from() -> None:
    """Law: nobody is held up by throwing away what a caller sends who is not waited for."""
    ours, theirs = trio.socket.socketpair()
    with ours, theirs, Flood() as flood:
        Wire(trio.SocketStream(ours), flood).part()


async def test_half_a_body_behind_a_known_head_is_told() -> None:
    """Law: who closes its half amid a body is told so, also where its head was known and nobody has begun with it."""
    async with running(at_once()) as house, calling(house.port) as caller:
        await caller.say(WHOLE)
        assert (await caller.reply()).body == b"hi"
        await caller.say(WHOLE[:-1])
        await trio.testing.wait_all_tasks_blocked()
        await caller.stream.send_eof()
        assert (await caller.reply()).status == 400
        assert await caller.rest() == b""
        await house.until_open(0)


async def test_an_answer_that_comes_after_the_stop_is_counted_out() -> None:
    """Law: a connection that ends with the answer it waited for is open no longer."""
    laters: list[Later] = []

    def decide(_request: Request) -> Later:
        laters.append(Later())
        return laters[-1]

    front = Front({"/fs": Route(handler=echo, decide=decide)}, limits=BodyLimits(size=1024))
    async with running(front, drain=60) as house, calling(house.port) as caller:
        await caller.say(WHOLE)
        with trio.fail_after(PATIENCE):
            while not laters:
                await trio.lowlevel.checkpoint()
            house.stopping.set()
            await trio.testing.wait_all_tasks_blocked()
            laters[0].complete(Answer(status=200, body=b"late"))
            assert (await caller.reply()).body == b"late"
            await house.over.wait()
        assert house.tally.open == 0


async def test_who_is_cut_at_the_end_is_counted_out() -> None:
    """Law: when all is given up at once, no connection is counted as open afterwards, and callers see an end."""
    async with AsyncExitStack() as stack:
        async with running(at_once()) as house:
            caller = await stack.enter_async_context(calling(house.port))
            await caller.say(WHOLE)
            assert (await caller.reply()).body == b"hi"
        assert house.tally.open == 0
        assert await caller.rest() == b""
