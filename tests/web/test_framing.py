"""The laws of where a body ends: a proxy in front and this server must see the same requests in the same bytes."""

from __future__ import annotations

import pytest

from runtime.web.front import Front, Route
from tests.web.caller import calling
from tests.web.house import echo, running

HOST = "host: localhost\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n"
CHUNKED = f"0\r\n\r\n{SMUGGLED}"

LENGTH, CHUNKS = "content-length: 4\r\n", "transfer-encoding: chunked\r\n"

AMBIGUOUS: dict[str, str] = {
    "a length and chunks": f"POST /fs/x HTTP/1.1\r\n{HOST}{LENGTH}{CHUNKS}\r\n{CHUNKED}",
    "chunks and a length": f"POST /fs/x HTTP/1.1\r\n{HOST}{CHUNKS}{LENGTH}\r\n{CHUNKED}",
    "no route, too": f"POST /none HTTP/1.1\r\n{HOST}{CHUNKS}{LENGTH}\r\n{CHUNKED}",
    "chunks in HTTP/1.0": f"POST /fs/x HTTP/1.0\r\n{HOST}{CHUNKS}\r\n{CHUNKED}",
    "two lengths": f"POST /fs/x HTTP/1.1\r\n{HOST}content-length: 0\r\ncontent-length: 4\r\n\r\n{SMUGGLED}",
    "a list of lengths": f"POST /fs/x HTTP/1.1\r\n{HOST}content-length: 0, 4\r\n\r\n{SMUGGLED}",
    "a signed length": f"POST /fs/x HTTP/1.1\r\n{HOST}content-length: +0\r\n\r\n{SMUGGLED}",
    "a length in hexadecimal": f"POST /fs/x HTTP/1.1\r\n{HOST}content-length: 0x0\r\n\r\n{SMUGGLED}",
    "a blank before the colon": f"POST /fs/x HTTP/1.1\r\n{HOST}content-length : 0\r\n\r\n{SMUGGLED}",
    "a folded header": f"POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding:\r\n xchunked\r\n\r\n{CHUNKED}",
    "an unknown encoding": f"POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding: xchunked\r\n\r\n{CHUNKED}",
    "chunked and more": f"POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding: chunked, identity\r\n\r\n{CHUNKED}",
    "a zero byte in a header": f"POST /fs/x HTTP/1.1\r\n{HOST}a: b\0c\r\n\r\n{SMUGGLED}",
    "no host": f"POST /fs/x HTTP/1.1\r\ncontent-length: 0\r\n\r\n{SMUGGLED}",
    "two hosts": f"POST /fs/x HTTP/1.1\r\n{HOST}host: other\r\ncontent-length: 0\r\n\r\n{SMUGGLED}",
    "chunks in two headers": f"POST /fs/x HTTP/1.1\r\n{HOST}{CHUNKS}transfer-encoding: x\r\n\r\n{CHUNKED}",
    "chunks twice": f"POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding: chunked, chunked\r\n\r\n{CHUNKED}",
    "chunks behind a blank": f"POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding : chunked\r\n\r\n{CHUNKED}",
    "chunks behind a tab": f"POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding: \x0bchunked\r\n\r\n{CHUNKED}",
    "chunks in quotes": f'POST /fs/x HTTP/1.1\r\n{HOST}transfer-encoding: "chunked"\r\n\r\n{CHUNKED}',
    "a header without a name": f"POST /fs/x HTTP/1.1\r\n{HOST}: chunked\r\n\r\n{SMUGGLED}",
    "a header without a colon": f"POST /fs/x HTTP/1.1\r\n{HOST}chunked\r\n\r\n{SMUGGLED}",
    "a fold first": f"POST /fs/x HTTP/1.1\r\n {HOST}\r\n{SMUGGLED}",
    "a bare carriage return": f"POST /fs/x HTTP/1.1\r\n{HOST}a: b\rcontent-length: 4\r\n\r\n{SMUGGLED}",
    "a blank in the target": f"POST /fs/x /fs/y HTTP/1.1\r\n{HOST}\r\n{SMUGGLED}",
    "no version": f"POST /fs/x\r\n{HOST}\r\n{SMUGGLED}",
    "a version beyond": f"POST /fs/x HTTP/1.10\r\n{HOST}\r\n{SMUGGLED}",
    "an endless length": f"POST /fs/x HTTP/1.1\r\n{HOST}content-length: 18446744073709551617\r\n\r\n{SMUGGLED}",
    "an endless chunk": f"POST /fs/x HTTP/1.1\r\n{HOST}{CHUNKS}\r\n{'f' * 21}\r\n{CHUNKED}",
    "a chunk with a prefix": f"POST /fs/x HTTP/1.1\r\n{HOST}{CHUNKS}\r\n0x1\r\na\r\n{CHUNKED}",
    "a chunk that is longer than it says": f"POST /fs/x HTTP/1.1\r\n{HOST}{CHUNKS}\r\n1\r\nab\r\n{CHUNKED}",
    "a chunk with a sign": f"POST /fs/x HTTP/1.1\r\n{HOST}{CHUNKS}\r\n-1\r\n{CHUNKED}",
}


@pytest.mark.parametrize("case", AMBIGUOUS)
async def test_a_body_that_ends_in_two_ways_is_refused_with_its_connection(case: str) -> None:
    """Law: such a request is refused, and nothing behind it on its connection is taken for another request.

    Bytes behind the refused request may end the connection before the refusal has left: hypercorn's parser wants
    nothing more from a connection that is to be closed.
    """
    async with running(Front({"/fs": Route(handler=echo)})) as house:
        async with calling(house.port) as caller:
            await caller.say(AMBIGUOUS[case].encode("latin-1"))
            said = await caller.rest()
        assert said == b"" or said.split(b" ", 2)[1] in {b"400", b"413", b"501"}, said
        assert said.count(b"HTTP/1.1 ") <= 1, said
        await house.assert_serving()


async def test_who_sends_a_length_and_chunks_is_told() -> None:
    """Law: with nothing behind it, the refusal says what is wrong."""
    async with running(Front({"/fs": Route(handler=echo)})) as house, calling(house.port) as caller:
        await caller.say(f"POST /fs/x HTTP/1.1\r\n{HOST}{LENGTH}{CHUNKS}\r\n0\r\n\r\n".encode())
        reply = await caller.reply()
        assert reply.status == 400
        assert b"two ways" in reply.body
        assert await caller.rest() == b""
