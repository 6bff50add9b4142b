"""Server-sent events: what a live view is told as it happens (the HTML standard, 9.2)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
from msgspec import Struct

MEDIA = "text/event-stream"
KEEP_ALIVE = b": nothing new\n\n"  # a comment: it shows that the stream lives, and finds out whether the caller does


class Event(Struct, frozen=True):
    """One event: its `name`, what it says as JSON, and the number that a caller who comes back begins after."""

    name: str
    data: object
    number: int | None = None


class Events(Struct, frozen=True):
    """An answer that goes on: events as they come, and None where there was nothing for a while."""

    source: AsyncGenerator[Event | None]


async def pieces(events: Events) -> AsyncGenerator[bytes]:
    """Give the bytes of a stream."""
    async with aclosing(events.source) as source:
        async for event in source:
            yield KEEP_ALIVE if event is None else encoded(event)


def encoded(event: Event) -> bytes:
    """Give an event as it is sent; JSON of msgspec holds no line end."""
    number = b"" if event.number is None else b"id: %d\n" % event.number
    return number + b"event: %b\ndata: %b\n\n" % (event.name.encode(), msgspec.json.encode(event.data))
