"""The laws of TLS on the listener, on real sockets."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import h2.connection
import pytest
import trio

from runtime.errors import SettingsError
from runtime.web.access.files import Watched
from runtime.web.access.tls import TlsFiles, server_context
from runtime.web.asgi import AsgiApp, Receive, Scope, Send, send_end, send_open
from runtime.web.connection import hypercorn_connections
from runtime.web.exchange import Answer, Exchange
from runtime.web.listener import ListenerLimits, serve
from runtime.web.sockets import bind
from runtime.web.statistics import Tally
from tests.patience import PATIENCE
from tests.web.access.certificates import Authority
from tests.web.caller import Caller, over_http2
from tests.web.house import front


async def who(exchange: Exchange) -> None:
    """Answer with the name in the caller's certificate."""
    await exchange.answer(Answer(status=200, body=(exchange.request.certificate or "nobody").encode()))


class Secure:
    """A listener that speaks TLS."""

    def __init__(self, port: int, tally: Tally, watched: Watched[ssl.SSLContext]) -> None:
        self.port = port
        self.tally = tally
        self.watched = watched

    @asynccontextmanager
    async def calling(self, context: ssl.SSLContext) -> AsyncIterator[Caller]:
        """Connect to it."""
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        async with trio.SSLStream(stream, context, server_hostname="localhost", https_compatible=True) as secure:
            await secure.do_handshake()
            yield Caller(cast("Any", secure))  # what it does with a stream, both kinds can

    async def asked(self, context: ssl.SSLContext) -> bytes:
        """Give the answer to one request."""
        async with self.calling(context) as caller:
            await caller.request("POST", "/fs/x")
            return (await caller.reply()).body


@asynccontextmanager
async def secure(files: TlsFiles, app: AsgiApp | None = None) -> AsyncIterator[Secure]:
    """Serve for as long as the block runs; without an application, who calls."""
    stopping, tally, limits = trio.Event(), Tally(), ListenerLimits()
    watched = Watched("certificates", files.paths, partial(server_context, files))
    listeners = await bind("127.0.0.1", 0)
    port: int = listeners[0].socket.getsockname()[1]
    handle = hypercorn_connections(app or front(who), limits, stopping)
    async with trio.open_nursery() as nursery:
        serving = partial(
            serve, handle, listeners, limits, stopping=stopping, drain=1, tally=tally, tls=lambda: watched.now
        )
        assert await nursery.start(serving) == (f"https://127.0.0.1:{port}",)
        yield Secure(port, tally, watched)
        nursery.cancel_scope.cancel()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give an authority that has signed a certificate for the server."""
    made = Authority(tmp_path)
    made.sign("server")
    return made


def files(authority: Authority, *, client_ca: Path | None = None, required: bool = False) -> TlsFiles:
    """Give the files of the server."""
    certificate, key = authority.folder / "server.crt", authority.folder / "server.key"
    return TlsFiles(certificate=certificate, key=key, client_ca=client_ca, required=required)


async def test_a_caller_is_served_over_tls(authority: Authority) -> None:
    """A connection is kept for the next request, and nobody's name is in it."""
    async with secure(files(authority)) as server, server.calling(authority.trusting()) as caller:
        for _ in range(3):
            await caller.request("POST", "/fs/x", b"x" * 1_000)
            assert (await caller.reply()).body == b"nobody"


async def scheme(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the scheme that the application sees, once the body is read."""
    while (await receive()).get("more_body", False):
        pass
    answer = Answer(status=200, body=scope["scheme"].encode())
    await send_open(send, answer)
    await send_end(send)


async def test_an_application_sees_that_it_is_spoken_to_over_tls(authority: Authority) -> None:
    """The scheme of a request is https, so that links which an application makes lead back to it."""
    async with secure(files(authority), scheme) as server:
        assert await server.asked(authority.trusting()) == b"https"


async def test_http2_is_spoken_over_tls(authority: Authority) -> None:
    """A caller that offers both gets HTTP/2; its requests are answered one after another, with the scheme of TLS."""
    context = authority.trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with secure(files(authority), scheme) as server, server.calling(context) as caller:
        assert cast("Any", caller.stream).selected_alpn_protocol() == "h2"
        connection = h2.connection.H2Connection()
        connection.initiate_connection()
        for _ in range(3):
            assert await over_http2(connection, caller, b"x" * 1_000, scheme="https") == b"https"


async def test_the_name_in_a_client_certificate_is_known(authority: Authority, tmp_path: Path) -> None:
    """With an authority for callers, the common name of a verified certificate comes with the request."""
    flow = authority.sign("flow")
    async with secure(files(authority, client_ca=authority.file)) as server:
        assert await server.asked(authority.trusting(flow)) == b"flow"
        assert await server.asked(authority.trusting()) == b"nobody"


async def test_a_certificate_of_somebody_else_is_refused(authority: Authority, tmp_path: Path) -> None:
    """A caller without a certificate, or with one of another authority, gets no answer where one is required."""
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "stranger").sign("flow")
    async with secure(files(authority, client_ca=authority.file, required=True)) as server:
        for own in (None, stranger):
            with pytest.raises((trio.BrokenResourceError, EOFError)):
                await server.asked(authority.trusting(own))
        assert await server.asked(authority.trusting(authority.sign("good"))) == b"good"


async def test_a_renewed_certificate_serves_the_next_connection(authority: Authority) -> None:
    """The change drops no open connection; what cannot be used changes nothing."""
    async with secure(files(authority)) as server, server.calling(authority.trusting()) as caller:
        before = server.watched.now
        authority.sign("renewed", file="server")
        await server.watched.look()
        assert server.watched.now is not before
        assert await server.asked(authority.trusting()) == b"nobody"
        (authority.folder / "server.key").write_text("nonsense")
        kept = server.watched.now
        await server.watched.look()
        assert server.watched.now is kept
        assert await server.asked(authority.trusting()) == b"nobody"
        await caller.request("POST", "/fs/x")
        assert (await caller.reply()).status == 200


HOSTILE = {
    "plain HTTP": b"GET /fs/x HTTP/1.1\r\nhost: x\r\n\r\n",
    "nonsense": bytes(range(256)) * 20,
    "a broken record": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 600,
    "nothing": b"",
}


@pytest.mark.parametrize("bytes_sent", HOSTILE)
async def test_what_is_no_handshake_ends_its_own_connection(authority: Authority, bytes_sent: str) -> None:
    """It gets no answer in clear, and the next caller is served."""
    async with secure(files(authority)) as server:
        stream = await trio.open_tcp_stream("127.0.0.1", server.port)
        with suppress(trio.BrokenResourceError):
            await stream.send_all(HOSTILE[bytes_sent])
            await stream.send_eof()
            with trio.fail_after(PATIENCE):
                said = b""
                while more := await stream.receive_some():
                    said += more
            assert b"HTTP/" not in said
        await stream.aclose()
        assert await server.asked(authority.trusting()) == b"nobody"


async def test_a_handshake_that_does_not_end_is_ended(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that says nothing holds its socket for the time of a handshake only."""
    monkeypatch.setattr("runtime.web.wire.HANDSHAKE", 0.05)
    async with secure(files(authority)) as server:
        stream = await trio.open_tcp_stream("127.0.0.1", server.port)
        with trio.fail_after(PATIENCE):
            assert await stream.receive_some() == b""
        await stream.aclose()
        assert server.tally.overdue == 1


def test_files_that_do_not_fit_are_told(authority: Authority) -> None:
    """A missing file, and the key of another certificate, are told with their paths, before anything is served."""
    authority.sign("other")
    server = authority.folder / "server.crt"
    for key in (authority.folder / "other.key", authority.folder / "none.key"):
        with pytest.raises(SettingsError, match=str(key)):
            server_context(TlsFiles(certificate=server, key=key))
