"""The laws of what a live view is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import msgspec
import pytest
import trio

from runtime.errors import Unavailable
from runtime.observe.metrics import Metrics
from runtime.web.admin_events import EventsQuery, Sources
from runtime.web.api import Api, Endpoint, Parameters
from runtime.web.events import Event, Events, encoded
from runtime.web.front import Front, Route
from tests.observe.test_metrics import samples
from tests.patience import PATIENCE
from tests.web.house import running


class After(Parameters, frozen=True, kw_only=True):
    """Where to go on."""

    after: int = 0


class Counting:
    """Counts from where it is asked to, one number each time that it is let; knows whether somebody listens."""

    def __init__(self) -> None:
        self.listeners = 0
        self.ended = trio.Event()
        self._send, self._receive = trio.open_memory_channel[None](100)

    def let(self) -> None:
        """Let the next number go."""
        with suppress(trio.WouldBlock):  # it has a hundred to tell already
            self._send.send_nowait(None)

    async def events(self, query: After) -> Events:
        """Give the numbers."""
        return Events(self._numbers(query.after))

    async def _numbers(self, number: int) -> AsyncGenerator[Event | None]:
        self.listeners += 1
        try:
            yield None
            async for _ in self._receive:
                number += 1
                yield Event("number", {"is": number}, number)
        finally:
            self.listeners -= 1
            self.ended.set()


def api(counting: Counting) -> Front:
    """Give an API with one stream."""
    row = Endpoint(
        path="/api/numbers",
        summary="Numbers",
        parameters=After,
        answer=str,
        media="text/event-stream",
        handle=counting.events,
    )
    return Front({"/api": Route(handler=Api((row,)))})


@asynccontextmanager
async def listening(port: int, *headers: str, method: str = "GET") -> AsyncIterator[trio.SocketStream]:
    """Ask for the stream."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        lines = [f"{method} /api/numbers HTTP/1.1", "host: x", *headers, "", ""]
        await stream.send_all("\r\n".join(lines).encode())
        yield stream


async def until(stream: trio.SocketStream, text: bytes) -> bytes:
    """Read until `text` has come."""
    data = b""
    with trio.fail_after(PATIENCE):
        while text not in data:
            piece = await stream.receive_some()
            assert piece, data
            data += piece
    return data


def test_an_event_is_three_lines() -> None:
    """An event has its number, its name and its data as JSON on one line, whatever the data holds."""
    event = Event("line", {"text": "one\ntwo\r\n"}, 7)
    assert encoded(event) == b'id: 7\nevent: line\ndata: {"text":"one\\ntwo\\r\\n"}\n\n'
    assert encoded(Event("status", {})).startswith(b"event: status\n")


async def test_events_reach_the_caller_as_they_come() -> None:
    """Each event is sent when it comes; before the first one the caller knows that the stream is open."""
    counting = Counting()
    async with running(api(counting)) as house, listening(house.port) as stream:
        head = await until(stream, b": nothing new\n\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"content-type: text/event-stream\r\n" in head
        counting.let()
        assert b'id: 1\nevent: number\ndata: {"is":1}\n\n' in await until(stream, b"\n\n")
        counting.let()
        assert b"id: 2\n" in await until(stream, b"\n\n")


async def test_a_caller_who_comes_back_goes_on_where_it_was() -> None:
    """Last-Event-ID, which browsers send when a stream breaks, is where the stream goes on."""
    counting = Counting()
    async with running(api(counting)) as house, listening(house.port, "last-event-id: 41") as stream:
        await until(stream, b"new\n\n")
        counting.let()
        assert b"id: 42\n" in await until(stream, b"\n\n")


async def test_a_stream_ends_with_its_caller() -> None:
    """When the caller leaves, the source is closed at the next event: nobody tells to the wind."""
    counting = Counting()
    async with running(api(counting)) as house:
        async with listening(house.port) as stream:
            await until(stream, b"new\n\n")
            assert counting.listeners == 1
        with trio.fail_after(PATIENCE):
            while not counting.ended.is_set():
                counting.let()
                await trio.lowlevel.checkpoint()
        assert counting.listeners == 0
        await house.until_open(0)


async def test_a_stream_that_cannot_be_asked_for_is_a_problem() -> None:
    """A number that is none is refused as everywhere, before a stream begins; HEAD begins none."""
    counting = Counting()
    async with running(api(counting)) as house:
        async with listening(house.port, "last-event-id: x") as stream:
            answer = await until(stream, b"}")
            assert answer.startswith(b"HTTP/1.1 400")
            assert msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])["status"] == 400
        async with listening(house.port, method="HEAD") as stream:
            assert (await until(stream, b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert not counting.ended.is_set()


async def test_only_so_many_look_on(autojump_clock: object) -> None:
    """Each stream costs something, so there is a limit; one that ends makes room."""

    class Quiet:
        async def tail(self, after: int | None, execution: str | None, patience: float) -> tuple[int, list[object]]:
            await trio.sleep(patience)
            return 0, []

    async def status() -> dict[str, str]:
        return {"status": "running"}

    metrics = Metrics("1")
    sources = Sources(status, tuple, Quiet(), most=3, metrics=metrics)  # type: ignore[arg-type]
    streams = [sources.events(EventsQuery()) for _ in range(3)]
    for stream in streams:
        assert await anext(stream) == Event("status", {"status": "running"})
        assert await anext(stream) is None
    with pytest.raises(Unavailable, match=r"admin\.streams"):
        sources.events(EventsQuery())
    assert samples(metrics)["nuclide_event_streams"] == 3
    assert samples(metrics)["nuclide_limit_reached_total{'setting': 'admin.streams'}"] == 1
    await streams[0].aclose()
    async with aclosing(sources.events(EventsQuery())) as stream:
        assert await anext(stream) is not None
    for stream in streams[1:]:
        await stream.aclose()
    assert samples(metrics)["nuclide_event_streams"] == 0
