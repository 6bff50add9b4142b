"""Requests that stand behind a refused one: answered, or cut after the refusal has been read, and never by a reset."""

from __future__ import annotations

import pytest
import trio

from runtime.web.access.gate import Gate
from runtime.web.asgi import AsgiApp
from runtime.web.exchange import Answer, Request
from runtime.web.front import BodyLimits, Front, Route
from runtime.web.problem import problem
from tests.patience import PATIENCE
from tests.web.caller import Caller, calling
from tests.web.house import echo, running

LIMIT = 100_000  # bytes of a body


async def closed_door(request: Request) -> Answer | None:
    """Refuse whoever does not know the word."""
    return None if request.header("x-word") else problem(401, request.path, "no")


def front(gate: Gate | None = None) -> AsgiApp:
    """Give a front with a door that may be closed."""
    return Front({"/fs": Route(handler=echo, oversize=400, gate=gate)}, limits=BodyLimits(size=LIMIT, time=PATIENCE))


def request(body: bytes, *headers: str) -> bytes:
    """Give the bytes of a request."""
    lines = ["POST /fs/x HTTP/1.1", "host: x", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def all_of(caller: Caller) -> bytes:
    """Read to the end; a reset is an error."""
    told = b""
    with trio.fail_after(PATIENCE):
        while more := await caller.stream.receive_some():
            told += more
    return told


@pytest.mark.parametrize("body", [b"", b"x" * 500], ids=["without a body", "with a body"])
async def test_a_request_behind_a_refused_one_is_answered(body: bytes) -> None:
    """A refusal whose request has wholly arrived ends nothing: the next one on the connection is served."""
    async with running(front(closed_door)) as house, calling(house.port) as caller:
        await caller.say(
            request(body) + request(b"hello", "x-word: 1") + request(body) + request(b"again", "x-word: 1")
        )
        assert [(await caller.reply()).status for _ in range(2)] == [401, 200]
        assert (await caller.reply()).status == 401
        assert (await caller.reply()).body == b"again"


@pytest.mark.parametrize("behind", [1, 2_000], ids=["one", "more than is read at once"])
async def test_a_refusal_that_ends_the_connection_is_read_whatever_stands_behind_it(behind: int) -> None:
    """The caller sends all, and reads only when the server has closed: the refusal is there, and an end after it."""
    async with running(front()) as house:
        async with calling(house.port) as caller:
            with trio.fail_after(PATIENCE):
                await caller.say(request(b"x" * (LIMIT + 1)) + request(b"y" * 100) * behind)
            await house.until_open(0)
            told = await all_of(caller)
            assert told.startswith(b"HTTP/1.1 400")
            assert told.count(b"HTTP/1.1") == 1
        await house.assert_serving()
