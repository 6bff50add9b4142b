"""Requests that a proxy in front may cut elsewhere than we do: none of them brings a second request with it."""

from __future__ import annotations

import pytest

from runtime.web.exchange import Exchange
from runtime.web.front import BodyLimits, Front
from tests.web.caller import calling
from tests.web.house import echo, running
from tests.web.mixed import mixed_route

HIDDEN = b"GET /fs/hidden HTTP/1.1\r\nhost: x\r\n\r\n"
PLAIN = b"POST /fs/x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"
CHUNKED = b"transfer-encoding: chunked"
LENGTH = b"content-length: 5"  # with which the hidden request begins behind "0\r\n\r\n"

FRAMED_TWICE = {
    "a length, then chunks": LENGTH + b"\r\n" + CHUNKED,
    "chunks, then a length": CHUNKED + b"\r\n" + LENGTH,
    "a coding that is none": LENGTH + b"\r\ntransfer-encoding: xchunked",
    "a blank before the colon": LENGTH + b"\r\ntransfer-encoding : chunked",
    "a tab before the colon": LENGTH + b"\r\ntransfer-encoding\t: chunked",
    "a tab before the value": LENGTH + b"\r\ntransfer-encoding:\tchunked",
    "a vertical tab before the value": LENGTH + b"\r\ntransfer-encoding:\x0bchunked",
    "a fold before the value": LENGTH + b"\r\ntransfer-encoding:\r\n chunked",
    "two codings in two lines": LENGTH + b"\r\n" + CHUNKED + b"\r\ntransfer-encoding: identity",
    "two codings in one line": LENGTH + b"\r\n" + CHUNKED + b", identity",
    "chunks twice": LENGTH + b"\r\n" + CHUNKED + b", chunked",
    "a coding in quotes": LENGTH + b'\r\ntransfer-encoding: "chunked"',
    "a coding with a parameter": LENGTH + b"\r\n" + CHUNKED + b";q=1",
    "a zero byte in the name": LENGTH + b"\r\ntransfer-\x00encoding: chunked",
    "a zero byte in the value": LENGTH + b"\r\n" + CHUNKED + b"\x00",
    "a line feed alone before chunks": LENGTH + b"\r\nx: y\n" + CHUNKED,
    "a carriage return alone before chunks": LENGTH + b"\r\nx: y\r" + CHUNKED,
    "two lengths": LENGTH + b"\r\ncontent-length: 60",
    "two lengths in one line": LENGTH + b", 60",
    "the same length twice, then another": LENGTH + b"\r\n" + LENGTH + b"\r\ncontent-length: 0",
    "a signed length": b"content-length: +5",
    "a negative length": b"content-length: -5",
    "a hexadecimal length": b"content-length: 0x5",
    "a length with a blank in it": b"content-length: 5 5",
    "a length of nothing": b"content-length: ",
    "a length that overflows": b"content-length: 18446744073709551621",
    "a length in other digits": b"content-length: \xd9\xa5",
    "a blank before the colon of a length": b"content-length : 5",
    "two hosts": LENGTH + b"\r\nhost: y",
    "a zero byte in another header": LENGTH + b"\r\nx: \x00",
}
"""Lines of a head; its body is the end of chunks, whose length the first of them also tell."""

CHUNKS = {
    "a hexadecimal mark": b"0x5\r\nabcde\r\n0\r\n\r\n",
    "a signed size": b"+5\r\nabcde\r\n0\r\n\r\n",
    "a negative size": b"-5\r\nabcde\r\n0\r\n\r\n",
    "a size that overflows": b"10000000000000005\r\nabcde\r\n0\r\n\r\n",
    "a size that is not true": b"3\r\nabcde\r\n0\r\n\r\n",
    "a line feed alone behind a size": b"5\nabcde\r\n0\r\n\r\n",
    "no size": b"\r\nabcde\r\n0\r\n\r\n",
    "a blank before a size": b" 5\r\nabcde\r\n0\r\n\r\n",
}
"""Bodies in chunks that are none."""


async def assert_refused(data: bytes) -> None:
    """Fail if anything is answered, on a connection that has been served before, as if it was a good request."""
    seen: list[str] = []

    async def noted(exchange: Exchange) -> None:
        seen.append(exchange.request.path)
        await echo(exchange)

    front = Front({"/fs": mixed_route(handler=noted, seen=seen)}, limits=BodyLimits(size=1000))
    async with running(front) as house:
        async with calling(house.port) as caller:
            for _ in range(2):
                await caller.say(PLAIN)
                assert (await caller.reply()).body == b"body"
            seen.clear()
            await caller.say(data + HIDDEN)
            await caller.stream.send_eof()
            told = await caller.rest()
            assert seen == []
            assert told.count(b"HTTP/1.1 ") <= 1
            assert told == b"" or told.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
        await house.until_open(0)
        await house.assert_serving()


@pytest.mark.parametrize("case", FRAMED_TWICE)
async def test_a_request_that_may_end_elsewhere_is_refused(case: str) -> None:
    """Law: what says in two ways, or in none, where its body ends is refused with all that follows."""
    await assert_refused(b"POST /fs/x HTTP/1.1\r\nhost: x\r\n%b\r\n\r\n0\r\n\r\n" % FRAMED_TWICE[case])


@pytest.mark.parametrize("case", CHUNKS)
async def test_chunks_that_may_end_elsewhere_are_refused(case: str) -> None:
    """Law: a body that is no chunks to the letter is refused with all that follows."""
    await assert_refused(b"POST /fs/x HTTP/1.1\r\nhost: x\r\n%b\r\n\r\n%b" % (CHUNKED, CHUNKS[case]))


async def test_chunks_are_nothing_to_an_older_protocol() -> None:
    """Law: HTTP/1.0 knows no chunks, and a proxy that speaks it takes them for another request."""
    await assert_refused(b"POST /fs/x HTTP/1.0\r\nhost: x\r\nconnection: keep-alive\r\n%b\r\n\r\n0\r\n\r\n" % CHUNKED)
