from __future__ import annotations

import binascii
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import h2.connection
import h11
import pytest
import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from structlog.testing import capture_logs

from runtime.web.front import Front, Route
from runtime.web.listener import ListenerLimits, serve
from runtime.web.sockets import bind
from runtime.web.statistics import Tally
from tests.patience import PATIENCE
from tests.web.caller import Caller, calling, over_http2
from tests.web.hostile import BAD_SETTINGS, TRAILING_BYTE, send_data_after_the_answer
from tests.web.house import echo, running

if TYPE_CHECKING:
    from runtime.web.asgi import Receive, Scope, Send
    from runtime.web.wire import Wire

Attack = Callable[[trio.SocketStream], Awaitable[None]]


async def bad_settings(stream: trio.SocketStream) -> None:
    """Send the bad settings and wait for the end."""
    await stream.send_all(BAD_SETTINGS)
    await Caller(stream).rest()


async def trailing_byte(stream: trio.SocketStream) -> None:
    """Send the trailing byte and wait for the end."""
    await stream.send_all(TRAILING_BYTE)
    await Caller(stream).rest()


async def data_after_the_answer(stream: trio.SocketStream) -> None:
    """Send data after the answer until the server hangs up."""
    with trio.fail_after(PATIENCE):
        try:
            await send_data_after_the_answer(stream, "/")
        except trio.BrokenResourceError:
            return


ATTACKS = [
    pytest.param(bad_settings, binascii.Error, id="upgrade to HTTP/2 with bad settings"),
    pytest.param(trailing_byte, h11.LocalProtocolError, id="WebSocket upgrade with a trailing byte"),
    pytest.param(data_after_the_answer, KeyError, id="HTTP/2 data after the answer"),
]


async def answers_unread(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without reading the body; accept and close a WebSocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 413, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(("attack", "error"), ATTACKS)
async def test_one_connection_never_ends_the_server(attack: Attack, error: type[Exception]) -> None:
    """Law: hostile bytes cost their own connection and nothing else; the error is counted, and logged once."""
    app = Front({"/fs": Route(handler=echo)}, answers_unread)
    with capture_logs() as logs:
        async with running(app) as house:
            async with calling(house.port) as attacker:
                await attack(attacker.stream)
            await house.assert_serving()
            async with calling(house.port) as attacker:
                await attack(attacker.stream)
            await house.assert_serving()
            assert house.tally.guarded == {error.__name__: 2}
    assert [entry["kind"] for entry in logs if entry["event"] == "web.connection-failed"] == [error.__name__]


@pytest.mark.parametrize(("attack", "error"), ATTACKS)
async def test_an_unguarded_server_still_dies_of_it(attack: Attack, error: type[Exception]) -> None:
    """Law: the guard is needed. When this fails, hypercorn has been cured of one of these, and this test can go."""
    listeners = await bind("127.0.0.1", 0)
    config = Config()
    config.errorlog = None
    raised: list[BaseException] = []

    async def unguarded(nursery: trio.Nursery) -> None:
        stream = await listeners[0].accept()
        server = TCPServer(
            ASGIWrapper(cast("Any", answers_unread)), config, WorkerContext(None), {}, cast("Any", stream)
        )
        try:
            await server.run()
        except* Exception as group:  # noqa: BLE001 - whatever it is, it is what the test asks for
            raised.append(group)
        await stream.aclose()

    async with listeners[0], trio.open_nursery() as nursery:
        nursery.start_soon(unguarded, nursery)
        async with calling(listeners[0].socket.getsockname()[1]) as attacker:
            await attack(attacker.stream)
    (group,) = raised
    assert pytest.RaisesGroup(error, allow_unwrapped=True, flatten_subgroups=True).matches(group)


async def test_whatever_a_connection_raises_is_counted_by_its_type() -> None:
    """Law: the guard takes any error, also groups in groups; a caller's departure is not an error."""
    errors: list[Exception] = [
        trio.BrokenResourceError(),
        ExceptionGroup("", [ExceptionGroup("", [KeyError(), trio.ClosedResourceError()]), ValueError()]),
        KeyError(),
    ]

    async def handle(wire: Wire) -> None:
        raise errors.pop()

    listeners, stopping, tally = await bind("127.0.0.1", 0), trio.Event(), Tally()
    port = listeners[0].socket.getsockname()[1]
    with capture_logs():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(
                lambda: serve(handle, listeners, ListenerLimits(), stopping=stopping, drain=0, tally=tally)
            )
            for _ in range(3):
                async with calling(port) as caller:
                    assert await caller.rest() == b""
            stopping.set()
    statistics = tally.statistics()
    assert statistics.guarded == {"KeyError": 2, "ValueError": 1}
    assert (statistics.broken, statistics.open) == (2, 0)


async def test_http2_with_prior_knowledge_is_served() -> None:
    """Law: HTTP/2 gets its answers, too, one after another; it is slower, not absent."""
    async with running(Front({"/fs": Route(handler=echo)})) as house, calling(house.port) as caller:
        connection = h2.connection.H2Connection()
        connection.initiate_connection()
        assert await over_http2(connection, caller, b"hello") == b"hello"
        assert await over_http2(connection, caller, b"again") == b"again"


async def test_http2_may_speak_between_requests() -> None:
    """Law: what HTTP/2 says between requests is not taken for a request head that trickles.

    Another caller, whose head does trickle, is the clock: when that one has been cut, both have been looked at.
    """
    limits = ListenerLimits(head_timeout=0.01)
    async with running(Front({"/fs": Route(handler=echo)}), limits=limits) as house, calling(house.port) as caller:
        connection = h2.connection.H2Connection()
        connection.initiate_connection()
        await over_http2(connection, caller, b"hello")
        connection.ping(b"12345678")
        await caller.say(connection.data_to_send())
        async with calling(house.port) as trickling:
            await trickling.say(b"GET /fs/x HTTP/1.1\r\n")
            assert await trickling.rest() == b""
        assert await over_http2(connection, caller, b"again") == b"again"


async def test_garbage_is_answered_400() -> None:
    """Law: bytes that are no request are told so."""
    async with running(Front({"/fs": Route(handler=echo)})) as house:
        async with calling(house.port) as caller:
            await caller.say(b"\x00\x01\x02 bad\r\n\r\n")
            assert (await caller.reply()).status == 400
        await house.assert_serving()
