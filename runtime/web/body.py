"""Request bodies: read wholly, within a size and a time, or refused without wedging the connection."""

from __future__ import annotations

import trio

from runtime.clock import SECONDS
from runtime.errors import RequestError
from runtime.web.asgi import Message, Poll, Receive, Scope, Send, send_end, send_open
from runtime.web.exchange import Answer, CallerGone

LINGER = 2 * SECONDS  # a refused caller may go on sending this long while it reads why
TOO_LARGE = "request.too-large"
TOO_SLOW = "request.too-slow"


def declared_length(scope: Scope) -> int:
    """Give the Content-Length of a request, 0 when it names none that can be read."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def is_framed_twice(scope: Scope) -> bool:
    """Tell whether a body ends in two ways, so that a proxy in front may see another request in it (RFC 9112, 6.1)."""
    chunked = measured = False
    for name, _ in scope["headers"]:
        chunked = chunked or name == b"transfer-encoding"
        measured = measured or name == b"content-length"
    return chunked and (measured or scope["http_version"] == "1.0")


async def read_body(scope: Scope, receive: Receive, poll: Poll, *, limit: int, seconds: float) -> bytes:
    """Read a body of at most `limit` bytes within `seconds`; `poll` takes what is there already without a deadline.

    Raises RequestError when it is too large (told by its Content-Length before a byte is read, else while counting) or
    too slow, CallerGone when the caller leaves before its end.
    """
    if declared_length(scope) > limit:
        raise too_large(limit)
    body = bytearray()
    while (message := poll()) is not None:
        if _took_last(message, body, limit):
            return bytes(body)
    with trio.move_on_after(seconds):
        while not _took_last(await receive(), body, limit):
            pass
        return bytes(body)
    raise too_slow(seconds)


def _took_last(message: Message, body: bytearray, limit: int) -> bool:
    if message["type"] == "http.disconnect":
        raise CallerGone
    body += message.get("body", b"")
    if len(body) > limit:
        raise too_large(limit)
    return not message.get("more_body", False)


def too_large(limit: int) -> RequestError:
    """Give the refusal of a body above `limit` bytes."""
    return RequestError(TOO_LARGE, f"The request body is larger than the limit of {limit} bytes", status=413)


def too_slow(seconds: float) -> RequestError:
    """Give the refusal of a body that takes longer than `seconds`."""
    return RequestError(TOO_SLOW, f"The request body did not arrive within {seconds:g} s", status=408)


async def refuse(scope: Scope, receive: Receive, send: Send, answer: Answer, poll: Poll) -> None:
    """Answer a request whose body nobody wants; where it has wholly arrived the connection goes on."""
    if not is_framed_twice(scope) and await _has_arrived(scope, receive, poll):
        await send_open(send, answer)
        await send_end(send)
    else:
        await refuse_unread(scope, receive, send, answer)


async def _has_arrived(scope: Scope, receive: Receive, poll: Poll) -> bool:
    """Take what is there of a body; tell whether it was all of it, which the server says in a message of its own."""
    if any(name == b"transfer-encoding" for name, _ in scope["headers"]):
        return False
    rest, more = declared_length(scope), True
    while rest > 0 and (message := poll()) is not None:
        rest -= len(message.get("body", b""))
        more = message.get("more_body", False)
    with trio.move_on_after(LINGER):
        while rest == 0 and more:
            more = (await receive()).get("more_body", False)
    return rest == 0 and not more


async def refuse_unread(scope: Scope, receive: Receive, send: Send, answer: Answer) -> None:
    """Answer a request whose body is not wholly read, then end the connection.

    What still comes is thrown away, for at most `LINGER` seconds. Both halves are needed: closing on unread bytes
    resets the connection and destroys the answer on its way, and with nobody to read them hypercorn waits for ever to
    hand over the rest of the body.
    """
    if scope["http_version"].startswith("1"):  # HTTP/2 has no such header and refuses it
        answer = Answer(status=answer.status, body=answer.body, headers=(*answer.headers, (b"connection", b"close")))
    over = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_discard, receive, over, name="web: discard a refused body")
        await send_open(send, answer)
        with trio.move_on_after(LINGER):
            await over.wait()
        await send_end(send)
        nursery.cancel_scope.cancel()


async def _discard(receive: Receive, over: trio.Event) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            over.set()
        if message["type"] == "http.disconnect":
            return
