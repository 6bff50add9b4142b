from __future__ import annotations

import pytest
import trio

from runtime.web.listener import ListenerLimits
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import front, running


async def test_a_body_too_large_by_its_own_word_is_refused_before_it_comes() -> None:
    """Law: a declared length above the limit is refused at once, and the connection ends instead of wedging."""
    async with running(front(size=100)) as house:
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", length=101)
            reply = await caller.reply()
            assert (reply.status, reply.headers["connection"]) == (400, "close")
            await caller.stream.send_eof()
            assert await caller.rest() == b""
        await house.assert_serving()


async def test_a_body_at_the_limit_is_served() -> None:
    """Law: the limit itself is allowed."""
    async with running(front(size=100)) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x", b"x" * 100)
        assert (await caller.reply()).status == 200


async def test_chunks_are_counted() -> None:
    """Law: a body without a declared length is refused when it grows above the limit."""
    async with running(front(size=100)) as house:
        async with calling(house.port) as caller:
            await caller.say(b"POST /fs/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            await caller.say(b"32\r\n" + b"x" * 50 + b"\r\n")
            await caller.say(b"33\r\n" + b"x" * 51 + b"\r\n0\r\n\r\n")
            reply = await caller.reply()
            assert (reply.status, reply.headers["connection"]) == (400, "close")
            assert await caller.rest() == b""
        await house.assert_serving()


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_upload_that_goes_on_gets_its_answer_and_an_end(chunked: bool) -> None:  # noqa: FBT001
    """Law: a caller that sends far more than allowed, and reads only afterwards, still finds the answer.

    The body is many times what the server's queue and the socket's buffers hold.
    """
    size = 8_000_000
    async with running(front(size=100)) as house:
        async with calling(house.port) as caller:
            with trio.fail_after(PATIENCE):
                if chunked:
                    await caller.say(b"POST /fs/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
                    await caller.say(b"%x\r\n" % size + bytes(size) + b"\r\n0\r\n\r\n")
                else:
                    await caller.request("POST", "/fs/x", bytes(size))
            assert (await caller.reply()).status == 400
            assert await caller.rest() == b""
        await house.assert_serving()


async def test_a_slow_body_is_answered_408() -> None:
    """Law: a body that does not arrive in time is refused, and the connection ends."""
    async with running(front(seconds=0.05)) as house:
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", b"part", length=50)
            reply = await caller.reply()
            assert (reply.status, reply.headers["connection"]) == (408, "close")
            await caller.stream.send_eof()
            assert await caller.rest() == b""
        await house.assert_serving()


async def test_a_caller_who_leaves_amid_its_body_is_nobodys_error() -> None:
    """Law: half a request reaches no handler."""
    async with running(front()) as house:
        async with calling(house.port) as caller:
            await caller.request("POST", "/fs/x", b"part", length=50)
            caller.reset()
        await house.assert_serving()


async def test_the_limit_holds_for_the_fallback_too() -> None:
    """Law: what no route serves has the same limit, as a neutral problem."""
    async with running(front(size=100)) as house, calling(house.port) as caller:
        await caller.request("POST", "/elsewhere", length=101)
        reply = await caller.reply()
        assert (reply.status, reply.headers["connection"]) == (413, "close")


async def test_a_head_that_trickles_is_cut() -> None:
    """Law: a request head has its time, however slowly its bytes drip; then the place is free again."""
    limits = ListenerLimits(head_timeout=0.01)
    async with running(front(), limits=limits) as house:
        async with calling(house.port) as caller:
            await caller.say(b"GET /fs/x HTTP/1.1\r\n")
            assert await caller.rest() == b""
        assert house.tally.overdue == 1
