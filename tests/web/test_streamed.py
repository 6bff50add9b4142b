"""Bodies that are read as they arrive."""

from __future__ import annotations

from contextlib import aclosing

import trio
import trio.testing

from runtime.errors import RequestError
from runtime.web.exchange import Answer, CallerGone, Exchange
from runtime.web.front import BodyLimits, Front, Route, Streaming
from runtime.web.streamed import StreamLimits
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import running


class Taker:
    """A handler that counts what comes, and remembers how it ended."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.began = trio.Event()
        self.left = trio.Event()

    async def __call__(self, exchange: Exchange) -> None:
        """Read the body piece by piece and answer with its size; a body for /fs/no is not read at all."""
        if exchange.request.path == "/fs/no":
            await exchange.answer(Answer(status=404, body=b"no"))
            return
        try:
            async with aclosing(exchange.pieces()) as pieces:
                async for piece in pieces:
                    self.pieces.append(piece)
                    self.began.set()
        except CallerGone:
            self.left.set()
            raise
        except RequestError as error:
            await exchange.answer(Answer(status=error.status, body=error.message.encode()))
            return
        await exchange.answer(Answer(status=200, body=b"%d" % sum(map(len, self.pieces))))


def front(taker: Taker, limits: StreamLimits) -> Front:
    """Give a front whose bodies below /fs come as they arrive; others have a small limit."""
    streaming = Streaming(lambda method, path: method == "POST", limits)
    routes = {"/fs": Route(handler=taker, oversize=400, streaming=streaming)}
    return Front(routes, limits=BodyLimits(size=10, time=PATIENCE))


async def test_a_body_is_read_as_it_arrives() -> None:
    """The handler has the beginning while the end is not sent yet, and the limit of other bodies does not count."""
    taker = Taker()
    async with running(front(taker, StreamLimits())) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x", length=2_000_000)
        await caller.say(b"x" * 1_000_000)
        await taker.began.wait()
        await caller.say(b"x" * 1_000_000)
        assert (await caller.reply()).body == b"2000000"
        await caller.request("POST", "/fs/x", b"again")  # the connection serves on
        assert (await caller.reply()).status == 200


async def test_what_is_refused_unread_ends_the_connection() -> None:
    """A request that is answered before its body was read gets its answer, and the connection ends."""
    async with running(front(Taker(), StreamLimits())) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/no", bytes(5_000_000))
        reply = await caller.reply()
        assert (reply.status, reply.headers["connection"]) == (404, "close")
        assert await caller.rest() == b""


async def test_such_a_body_has_limits_too(clock: trio.testing.MockClock) -> None:
    """It is refused beyond its size, by its declared length or by what comes, and when it pauses for too long."""
    limits = StreamLimits(size=100, time=1_000, pause=600)
    async with running(front(Taker(), limits)) as house:
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", length=101)
            assert (await caller.reply()).status == 400
        async with calling(house.port) as caller:
            await caller.say(b"POST /fs/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            await caller.say(b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n")
            assert (await caller.reply()).status == 400
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", length=100)
            await caller.say(b"half")
            await trio.testing.wait_all_tasks_blocked()
            clock.jump(600)
            reply = await caller.reply()
            assert (reply.status, b"paused for 600 s" in reply.body) == (408, True)


async def test_a_caller_that_leaves_is_noticed() -> None:
    """When the connection breaks in the middle of a body, its handler learns of it, and the house serves on."""
    taker = Taker()
    async with running(front(taker, StreamLimits())) as house:
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", length=1_000)
            await caller.say(b"half")
            await taker.began.wait()
        with trio.fail_after(PATIENCE):
            await taker.left.wait()
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", b"x")
            assert (await caller.reply()).status == 200
