from __future__ import annotations

import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import trio

from runtime.flow.callbacks import CallbackRequest
from runtime.outbox.answers import BODY_LIMIT, READ_LIMIT
from runtime.outbox.client import open_client
from runtime.outbox.connections import IDLE_FOR
from runtime.outbox.message import Response, Undelivered
from tests.cancel.checkpoints import at_checkpoint
from tests.outbox.server import ACCEPTED, Server, closes, resets, says, up, waits
from tests.patience import PATIENCE
from tests.web.access.certificates import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.outbox.message import Send
    from tests.outbox.server import Behaviour

SUCCESS = Response(200, b'"SUCCESS"')
CLOSING = b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n"SUCCESS"'
UNTIL_THE_END = b'HTTP/1.1 200 OK\r\n\r\n"SUCCESS"'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n"SUC\r\n5\r\nCESS"\r\n0\r\nTrailer: x\r\n\r\n'
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 3\r\n\r\n"


async def undelivered(send: Send, server: Server) -> str:
    """Send what brings no answer, and say why."""
    with pytest.raises(Undelivered) as caught:
        await send(server.callback())
    assert not caught.value.hopeless
    return caught.value.message


async def test_connections_are_kept() -> None:
    """One connection carries one callback after the other, whatever form answers have."""
    answers = says(ACCEPTED), says(CHUNKED), says(INTERIM, ACCEPTED), says(INTERIM + CHUNKED)
    async with up(*answers) as server, open_client(4) as send:
        assert [await send(server.callback()) for _ in range(5)] == [SUCCESS] * 5
        assert server.connections == [1] * 5


@pytest.mark.parametrize("answer", [closes(CLOSING), closes(UNTIL_THE_END), says(CLOSING)], ids=["both", "end", "word"])
async def test_closed_connections_are_not_used_again(answer: Behaviour) -> None:
    """After an answer that says so, or ends with its connection, the next callback goes over another."""
    async with up(answer) as server, open_client(4) as send:
        assert [await send(server.callback()) for _ in range(2)] == [SUCCESS] * 2
        assert server.connections == [1, 2]


async def test_what_nobody_asked_for_is_nobodys_answer() -> None:
    """A second answer to one request is not taken for that to the next."""
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    for extra in (refusal, b"rubbish"):
        async with up(says(ACCEPTED + extra)) as server, open_client(4) as send:
            assert [await send(server.callback()) for _ in range(2)] == [SUCCESS] * 2
            assert server.connections == [1, 2]


async def test_a_connection_that_was_closed_between_is_no_attempt() -> None:
    """A server that hangs up on a kept connection, before or as the next callback comes, gets it over a new one."""
    async with up(closes(ACCEPTED)) as server, open_client(4) as send:
        assert await send(server.callback()) == SUCCESS
        await server.closed.wait()
        assert await send(server.callback()) == SUCCESS
    for behaviour in (closes(), resets):
        async with up(says(ACCEPTED), behaviour) as server, open_client(4) as send:
            assert [await send(server.callback()) for _ in range(2)] == [SUCCESS] * 2
        assert server.connections == [1, 1, 2]
        assert len({request for _, request in server.seen}) == 1


@pytest.mark.parametrize("behaviour", [closes(), resets], ids=["closes", "resets"])
async def test_a_new_connection_that_breaks_is_an_attempt(behaviour: Behaviour) -> None:
    """What was sent over a new connection is sent once: whether it is repeated is for the outbox to say."""
    async with up(behaviour, says(ACCEPTED), behaviour, behaviour) as server, open_client(4) as send:
        await undelivered(send, server)
        assert len(server.seen) == 1
        assert await send(server.callback()) == SUCCESS
        await undelivered(send, server)
        assert server.connections == [1, 2, 2, 3]


BROKEN = {
    "garbage": b"garbage\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"SUC',
    "half a chunk": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n"SUC',
    "no last chunk": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n"SUCCESS"\r\n',
    "only an interim answer": INTERIM,
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"X-Long: yes\r\n" * 20_000,
    "interim answers without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000,
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_a_broken_answer_is_none(answer: bytes) -> None:
    """What is no whole answer is none, over a new connection and over a kept one; then the next one is new."""
    async with up(closes(answer), says(ACCEPTED), closes(answer)) as server, open_client(4) as send:
        await undelivered(send, server)
        assert await send(server.callback()) == SUCCESS
        await undelivered(send, server)
        assert await send(server.callback()) == SUCCESS
        assert server.connections == [1, 2, 2, 3]


async def test_a_body_without_end_is_not_read_to_it() -> None:
    """Of an answer that never ends the beginning is enough, and its connection is given up."""
    ended = trio.Event()

    async def floods(stream: trio.abc.Stream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                await stream.send_all(b"x" * READ_LIMIT)
        except trio.BrokenResourceError:
            ended.set()
            raise

    async with up(floods) as server, open_client(4) as send:
        assert await send(server.callback()) == Response(200, b"x" * BODY_LIMIT)
        await ended.wait()
        assert await send(server.callback()) == SUCCESS


async def test_an_early_refusal_of_a_large_callback_is_read() -> None:
    """A server that refuses before it has read everything, and hangs up, is heard all the same."""
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    async def refuse(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.receive_some(10)
            await stream.send_all(refusal)

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, refuse, listeners)
        address = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/"
        async with open_client(4) as send:
            answer = await send(CallbackRequest(url=address, headers=(), body=b"x" * 64 * 1024 * 1024))
        assert answer.status == 413
        nursery.cancel_scope.cancel()


async def test_a_late_answer_is_not_that_of_the_next() -> None:
    """A connection whose caller has stopped waiting is closed, so that what comes late comes to nobody."""
    late = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    asked, go = trio.Event(), trio.Event()

    async def ask(stream: trio.abc.Stream) -> None:
        asked.set()
        await waits(go, late)(stream)

    async with up(says(ACCEPTED), ask) as server, open_client(4) as send:
        assert await send(server.callback()) == SUCCESS
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send, server.callback())
            await asked.wait()
            nursery.cancel_scope.cancel()
        go.set()
        assert await send(server.callback()) == SUCCESS
        assert server.connections == [1, 1, 2]


async def test_a_host_that_hangs_holds_only_its_own_places() -> None:
    """However many callbacks wait for a host that hangs, those to others go out, a few to each host at once."""
    both, go = trio.Event(), trio.Event()

    async def hangs(stream: trio.abc.Stream) -> None:
        if len(hanging.seen) > 1:
            both.set()
        await waits(go)(stream)

    async with (
        up(*[hangs] * 20) as hanging,
        up() as other,
        open_client(5, 2) as send,
        trio.open_nursery() as nursery,
    ):
        for _ in range(20):
            nursery.start_soon(send, hanging.callback())
        with trio.fail_after(PATIENCE):
            await both.wait()
            for _ in range(20):
                assert await send(other.callback()) == SUCCESS
        assert sorted(hanging.connections) == [1, 2]
        go.set()
    assert len(hanging.seen) == 20
    assert set(hanging.connections) == {1, 2}


async def test_idle_connections_are_closed(autojump_clock: object) -> None:
    """A connection that nobody has used for a while is closed by us, before a proxy forgets it."""
    async with up() as server, open_client(4) as send:
        assert await send(server.callback()) == SUCCESS
        began = trio.current_time()
        await server.closed.wait()
        assert trio.current_time() - began >= IDLE_FOR


async def test_cancelled_anywhere() -> None:
    """At whatever point a caller stops waiting: its place is free again, and the next callback gets its own answer."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b'"NO"'
    at, steps = 0, 1
    while at < steps:
        async with up(says(*answer)) as server, open_client(1, 1) as send:
            with ExitStack() as stack:
                async with trio.open_nursery() as nursery:
                    count = stack.enter_context(at_checkpoint(nursery, at, nursery.cancel_scope.cancel))
                    nursery.start_soon(send, server.callback())
            steps = max(steps, count())
            assert await send(server.callback()) in (SUCCESS, Response(200, b'"NO"'))
        at += 1
    assert at > 3


class Tls:
    """Puts TLS around connections of a server."""

    def __init__(self, authority: Authority) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(*authority.sign("server"))

    def around(self, stream: trio.SocketStream) -> trio.abc.Stream:
        """Speak TLS over a connection."""
        return trio.SSLStream(stream, self._context, server_side=True, https_compatible=True)


async def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over TLS connections are kept, too; of a certificate is verified who signed it, and for which name."""
    trusted, other = Authority(tmp_path, "trusted"), Authority(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    async with open_client(4) as send:
        async with up(says(CHUNKED), says(ACCEPTED), closes(), wrapped=Tls(trusted).around) as server:
            assert [await send(server.callback(scheme="https")) for _ in range(3)] == [SUCCESS] * 3
            assert server.connections == [1, 1, 1, 2]
            elsewhere = f"https://127.0.0.2:{server.port}/"
            listeners = await trio.open_tcp_listeners(server.port, host="127.0.0.2")
            async with trio.open_nursery() as nursery:
                nursery.start_soon(
                    trio.serve_listeners, lambda stream: server.serve(Tls(trusted).around(stream)), listeners
                )
                with pytest.raises(Undelivered, match="IP address mismatch"):
                    await send(CallbackRequest(url=elsewhere, headers=(), body=b""))
                nursery.cancel_scope.cancel()
        async with up(wrapped=Tls(other).around) as server:
            with pytest.raises(Undelivered, match="certificate verify failed"):
                await send(server.callback(scheme="https"))
            assert server.seen == []


async def test_proxies_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine names a proxy, callbacks go through it, but to hosts that it excepts."""
    async with up() as proxy, up() as excepted:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.host}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        async with open_client(4) as send:
            request = CallbackRequest(url="http://flow.example/response", headers=(), body=b"{}")
            assert await send(request) == SUCCESS
            assert await send(excepted.callback()) == SUCCESS
    (_, asked), (_, direct) = proxy.seen[0], excepted.seen[0]
    assert asked.startswith(b"POST http://flow.example/response HTTP/1.1\r\n")
    assert direct.startswith(b"POST /response HTTP/1.1\r\n")


@pytest.mark.parametrize("value", ["t\r\nX-Other: 1", "t\n", "t\x00", "\x7f"])
async def test_a_value_that_would_end_its_header_is_not_sent(value: str) -> None:
    """What a caller sends as its tenant cannot become another header, or another request."""
    async with up() as server, open_client(4) as send:
        for header in (("ManyWhoTenant", value), (value, "t")):
            with pytest.raises(Undelivered) as caught:
                await send(CallbackRequest(url=f"http://{server.host}/", headers=(header,), body=b""))
            assert caught.value.hopeless
        assert server.seen == []
