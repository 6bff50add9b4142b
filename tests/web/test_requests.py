from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from runtime.web.exchange import Answer, Exchange, Request
from runtime.web.front import Front, Route
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import echo, front, running

if TYPE_CHECKING:
    from runtime.web.asgi import Receive, Scope, Send


async def test_a_connection_serves_one_request_after_another() -> None:
    """Law: a connection is kept for the next request after an answer."""
    async with running(front()) as house, calling(house.port) as caller:
        for text in (b"one", b"two", b"three"):
            await caller.request("POST", "/fs/echo", text)
            assert (await caller.reply()).body == text
        assert house.tally.accepted == 1


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    """Law: requests sent without waiting are answered one by one, in the order they were sent."""
    async with running(front()) as house, calling(house.port) as caller:
        head = b"POST /fs/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n"
        await caller.say(b"".join(head + bytes([digit]) for digit in b"12345"))
        assert [(await caller.reply()).body for _ in range(5)] == [b"1", b"2", b"3", b"4", b"5"]


async def test_a_chunked_body_arrives_whole() -> None:
    """Law: a handler sees one body, however it was cut."""
    async with running(front()) as house, calling(house.port) as caller:
        await caller.say(b"POST /fs/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        await caller.say(b"3\r\nabc\r\n")
        await caller.say(b"2\r\nde\r\n0\r\n\r\n")
        assert (await caller.reply()).body == b"abcde"


async def test_head_is_answered_with_the_length_and_without_the_body() -> None:
    """Law: HEAD gets the headers of the answer, its length among them, and the connection goes on."""

    async def handler(exchange: Exchange) -> None:
        await exchange.answer(Answer(status=200, body=b"12345"))

    async with running(front(handler)) as house, calling(house.port) as caller:
        await caller.request("HEAD", "/fs/x")
        reply = await caller.reply(to_head=True)
        assert (reply.status, reply.headers["content-length"]) == (200, "5")
        await caller.request("GET", "/fs/x")
        assert (await caller.reply()).body == b"12345"


async def test_no_content_carries_no_length() -> None:
    """Law: a 204 names no length (RFC 9110, 8.6), and the connection goes on."""

    async def handler(exchange: Exchange) -> None:
        await exchange.answer(Answer(status=204))

    async with running(front(handler)) as house, calling(house.port) as caller:
        for _ in range(2):
            await caller.request("GET", "/fs/x")
            reply = await caller.reply()
            assert reply.status == 204
            assert "content-length" not in reply.headers


async def test_a_request_keeps_what_the_wire_said() -> None:
    """Law: the path stays percent-encoded, headers keep their order and doubles, the client and the time are known."""
    seen: list[Request] = []

    async def handler(exchange: Exchange) -> None:
        seen.append(exchange.request)
        await exchange.answer(Answer(status=200))

    async with running(front(handler)) as house, calling(house.port) as caller:
        before = trio.current_time()
        await caller.request("PUT", "/fs/a%2Fb/c?x=%20&y", b"body", headers=("X-Two: 1", "x-two: 2"))
        await caller.reply()
        (request,) = seen
        assert (request.method, request.path, request.query, request.body) == (
            "PUT",
            "/fs/a%2Fb/c",
            b"x=%20&y",
            b"body",
        )
        assert [value for name, value in request.headers if name == b"x-two"] == [b"1", b"2"]
        assert (request.header("X-Two"), request.header("absent")) == ("1", None)
        assert request.client == "127.0.0.1"
        assert before <= request.arrived <= trio.current_time()


async def test_a_request_arrives_with_its_first_byte() -> None:
    """Law: the time that a Sync Timeout counts from is the first byte's, not the time the head was complete."""
    arrived: list[float] = []

    async def handler(exchange: Exchange) -> None:
        arrived.append(exchange.request.arrived)
        await exchange.answer(Answer(status=200))

    async with running(front(handler)) as house, calling(house.port) as caller:
        await caller.say(b"GET /fs/x HTTP/1.1\r\n")
        async with calling(house.port) as other:  # its answer proves that the server has read the first line by now
            await other.request("GET", "/fs/other")
            await other.reply()
        between = trio.current_time()
        await caller.say(b"host: x\r\n\r\n")
        await caller.reply()
        assert arrived[1] < between


async def test_an_answer_leaves_in_one_piece() -> None:
    """Law: head and body of an answer are one send, so one packet when they fit."""
    async with running(front()) as house, calling(house.port) as caller:
        for _ in range(2):
            await caller.request("POST", "/fs/echo", b"the body")
            piece = await caller.stream.receive_some()
            assert piece.startswith(b"HTTP/1.1 200")
            assert piece.endswith(b"the body")


async def test_a_stream_begins_before_its_first_byte() -> None:
    """Law: an application that opens its answer without a byte (as for server-sent events) has its head sent."""
    read = trio.Event()

    async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await read.wait()
        await send({"type": "http.response.body", "body": b"late"})

    async with running(Front({}, fallback)) as house, calling(house.port) as caller:
        await caller.request("GET", "/events")
        with trio.fail_after(PATIENCE):
            head = await caller.stream.receive_some()
        assert head.endswith(b"\r\n\r\n")
        read.set()
        assert await caller.stream.receive_some() == b"late"


async def test_a_target_may_name_the_host() -> None:
    """Law: a server accepts a target in absolute form (RFC 9112, 3.2.2)."""
    async with running(front()) as house, calling(house.port) as caller:
        await caller.request("POST", "http://localhost/fs/echo", b"x")
        assert (await caller.reply()).body == b"x"


async def test_the_longest_prefix_serves_and_only_at_a_segment() -> None:
    """Law: a route serves whole path segments below its prefix; what no route serves gets 404."""

    def naming(name: bytes) -> Route:
        async def handler(exchange: Exchange) -> None:
            await exchange.answer(Answer(status=200, body=name))

        return Route(handler=handler)

    app = Front({"/fs": naming(b"short"), "/fs/long": naming(b"long")})
    async with running(app) as house, calling(house.port) as caller:
        answers = []
        for path in ("/fs", "/fs/longer", "/fs/long", "/fs/long/x", "/fsx", "/"):
            await caller.request("GET", path)
            reply = await caller.reply()
            answers.append(reply.body if reply.status == 200 else reply.status)
        assert answers == [b"short", b"short", b"long", b"long", 404, 404]


async def test_what_no_route_serves_goes_to_the_fallback() -> None:
    """Law: any ASGI application may stand behind the routes."""

    async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = Front({"/fs": Route(handler=echo)}, fallback)
    async with running(app) as house, calling(house.port) as caller:
        await caller.request("GET", "/console")
        assert (await caller.reply()).status == 418
        await house.assert_serving()


async def test_trace_is_not_served() -> None:
    """Law: methods that no handler means to serve are refused before it."""
    async with running(front()) as house, calling(house.port) as caller:
        await caller.request("TRACE", "/fs/x")
        assert (await caller.reply()).status == 501
