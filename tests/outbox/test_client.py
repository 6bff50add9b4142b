from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
import trio

from runtime.flow.callbacks import CallbackRequest
from runtime.outbox.answers import BODY_LIMIT
from runtime.outbox.client import open_client
from runtime.outbox.message import Undelivered
from runtime.outbox.sending import open_outbox
from runtime.store.memory import MemoryStore
from tests.outbox.examples import SETTINGS, TrioClock, accept

if TYPE_CHECKING:
    from runtime.outbox.message import Send


class Engine:
    """A server on a real socket: it gives one raw answer to each request and remembers the requests."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.received = trio.Event()

    async def handle(self, stream: trio.SocketStream) -> None:
        """Read one request, answer it, close."""
        async with stream:
            data = b""
            while b"\r\n\r\n" not in data or not whole(data):
                data += await stream.receive_some()
            self.requests.append(data)
            await stream.send_all(self.answer)
        self.received.set()


def whole(data: bytes) -> bool:
    """Whether a request has its whole body."""
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(body) >= int(lengths[0].split(b":")[1])


async def serve(nursery: trio.Nursery, engine: Engine) -> str:
    """Let an engine listen; give its address."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    nursery.start_soon(trio.serve_listeners, engine.handle, listeners)
    return f"127.0.0.1:{listeners[0].socket.getsockname()[1]}"


def callback(host: str, body: bytes = b"{}", **headers: str) -> CallbackRequest:
    """Give a callback over plain HTTP."""
    return CallbackRequest(url=f"http://{host}/response?x=%41", headers=tuple(headers.items()), body=body)


def http(status: str, body: bytes, *headers: str) -> bytes:
    """Give an answer as it stands on the wire."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def test_callback_goes_out_as_it_is(nursery: trio.Nursery) -> None:
    """Address, the user's header and the body go out byte for byte, and the answer comes back."""
    engine = Engine(http("200 OK", b'"SUCCESS"'))
    host = await serve(nursery, engine)
    async with open_client(1) as send:
        request = callback(host, b'{"token":"t"}', Authorization="name=J%C3%BCrgen, \xe9", ManyWhoTenant="t-1")
        response = await send(request)
    assert (response.status, response.body) == (200, b'"SUCCESS"')
    (sent,) = engine.requests
    assert sent.startswith(b"POST /response?x=%41 HTTP/1.1\r\n")
    assert b"Authorization: name=J%C3%BCrgen, \xe9\r\n" in sent
    assert b"ManyWhoTenant: t-1\r\n" in sent
    assert sent.endswith(b'\r\n\r\n{"token":"t"}')
    nursery.cancel_scope.cancel()


async def test_redirect_is_not_followed(nursery: trio.Nursery) -> None:
    """An answer that points elsewhere is given as it is: the allow-list is not to be walked around."""
    other = Engine(http("200 OK", b'"SUCCESS"'))
    engine = Engine(http("307 Temporary Redirect", b"", f"Location: http://{await serve(nursery, other)}/"))
    async with open_client(1) as send:
        response = await send(callback(await serve(nursery, engine)))
    assert response.status == 307
    assert other.requests == []
    nursery.cancel_scope.cancel()


async def test_cookies_are_not_kept(nursery: trio.Nursery) -> None:
    """What one callback's answer sets is not sent with the next, which may be another tenant's."""
    engine = Engine(http("200 OK", b'"SUCCESS"', "Set-Cookie: session=1; Path=/", "Connection: close"))
    host = await serve(nursery, engine)
    async with open_client(1) as send:
        await send(callback(host))
        await send(callback(host))
    assert b"cookie" not in engine.requests[1].lower()
    nursery.cancel_scope.cancel()


async def test_body_of_an_answer_is_bounded(nursery: trio.Nursery) -> None:
    """Of a long answer only the beginning is kept."""
    engine = Engine(http("200 OK", b"x" * (3 * BODY_LIMIT)))
    host = await serve(nursery, engine)
    async with open_client(1) as send:
        response = await send(callback(host))
    assert response.body == b"x" * BODY_LIMIT
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_broken_answer_is_no_answer(nursery: trio.Nursery, answer: bytes) -> None:
    """A connection that breaks, or speaks something else, has brought no answer: it is tried again."""
    host = await serve(nursery, Engine(answer))
    async with open_client(1) as send:
        assert not (await undelivered(send, callback(host))).hopeless
    nursery.cancel_scope.cancel()


async def undelivered(send: Send, request: CallbackRequest) -> Undelivered:
    """Send what cannot be delivered, and give why."""
    with pytest.raises(Undelivered) as caught:
        await send(request)
    return caught.value


async def test_closed_port_is_tried_again() -> None:
    """A refused connection is an outage, not a refusal."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    async with open_client(1) as send:
        assert not (await undelivered(send, callback(f"127.0.0.1:{port}"))).hopeless


@pytest.mark.parametrize("url", ["ftp://flow.example/", "http://[::1"])
async def test_address_that_cannot_be_is_hopeless(url: str) -> None:
    """An address that nobody could call, or a header that no request can carry, is not tried again."""
    async with open_client(1) as send:
        assert (await undelivered(send, CallbackRequest(url=url, headers=(), body=b""))).hopeless
        header = CallbackRequest(url="http://127.0.0.1:1/", headers=(("ManyWhoTenant", "\u20ac"),), body=b"")
        assert (await undelivered(send, header)).hopeless


async def test_outbox_delivers_over_a_real_socket(nursery: trio.Nursery) -> None:
    """From the journal to the wire and back: the callback is received, accepted and erased."""
    engine = Engine(http("200 OK", b'"SUCCESS"', "Connection: close"))
    host = await serve(nursery, engine)
    settings = msgspec.structs.replace(SETTINGS, allow=(host,))
    journal = MemoryStore().journal
    await journal.commit(accept("ex-1", b"result", host=host, scheme="http"))
    async with open_client(settings.at_once) as send, open_outbox(journal, send, settings, TrioClock()):
        await engine.received.wait()
    assert len(engine.requests) == 1
    assert await journal.callbacks() == []
    nursery.cancel_scope.cancel()
