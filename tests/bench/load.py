"""A load generator: keep-alive connections that send one request after another, counted and timed.

It does as little as it can for a request, so that on two cores the server's core is the one that is full.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from uuid import uuid4

import trio
from msgspec import Struct

READ = 65_536  # bytes: every answer here fits in one read, mostly


class Load(Struct, frozen=True, kw_only=True):
    """What one round measured: requests a second, and the times of single requests in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def request_bytes(path: str, body: bytes, *, method: str = "POST", headers: Mapping[str, str] | None = None) -> bytes:
    """Give a request with JSON as bytes."""
    line = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"{line}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def measure(port: int, request: bytes, *, connections: int, seconds: float, token: bytes) -> Load:
    """Send `request` over `connections` connections for `seconds`; each time with another text in place of `token`."""
    times: list[float] = []
    errors = [0]
    until = time.perf_counter() + seconds
    async with trio.open_nursery() as nursery:
        for _ in range(connections):
            nursery.start_soon(_talk, port, request.split(token), until, times, errors)
    return summary(times, seconds, errors[0])


def summary(times: Sequence[float], seconds: float, errors: int) -> Load:
    """Give the figures of a round; `times` are seconds of single requests."""
    ordered = sorted(times) or [0.0]
    return Load(
        rate=len(times) / seconds,
        p50=ordered[len(ordered) // 2] * 1000,
        p99=ordered[int(len(ordered) * 0.99)] * 1000,
        errors=errors,
    )


async def _talk(port: int, parts: list[bytes], until: float, times: list[float], errors: list[int]) -> None:
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream:
        while (begun := time.perf_counter()) < until:
            await stream.send_all(str(uuid4()).encode().join(parts))
            if not await answered(stream):
                errors[0] += 1
            times.append(time.perf_counter() - begun)


async def answered(stream: trio.SocketStream) -> bool:
    """Read one answer; say whether it was a 200."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += await _some(stream)
    head = data[:end].lower()
    start = head.index(b"content-length:") + 15
    length = int(head[start : head.find(b"\r\n", start) if b"\r\n" in head[start:] else None])
    while len(data) < end + 4 + length:
        data += await _some(stream)
    return head.startswith(b"http/1.1 200")


async def _some(stream: trio.SocketStream) -> bytes:
    data = await stream.receive_some(READ)
    if not data:
        raise ConnectionError("the server closed a connection")
    return bytes(data)
