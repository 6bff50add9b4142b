"""A server under test on a real loopback socket, and the small applications that it serves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import trio

from runtime.web.connection import hypercorn_connections
from runtime.web.exchange import Answer, Exchange
from runtime.web.front import BodyLimits, Front, Route
from runtime.web.hot.connection import hot_connections
from runtime.web.listener import ListenerLimits, serve
from runtime.web.sockets import bind
from runtime.web.statistics import Tally
from tests.patience import PATIENCE
from tests.web.caller import calling

if TYPE_CHECKING:
    from runtime.web.asgi import AsgiApp

DOOR = True  # whether servers under test have the front door; a fixture turns it off, so that tests run both ways

Handle = Callable[[Exchange], Awaitable[None]]


class House:
    """What a test may know of a running server."""

    def __init__(self, port: int, stopping: trio.Event, tally: Tally, over: trio.Event) -> None:
        self.port = port
        self.stopping = stopping
        self.tally = tally
        self.over = over

    async def assert_serving(self) -> None:
        """Fail unless a new caller is served."""
        async with calling(self.port) as caller:
            await caller.request("POST", "/fs/echo", b"still here")
            assert (await caller.reply()).body == b"still here"

    async def until_open(self, count: int) -> None:
        """Wait until exactly `count` connections are open: a turn of the loop at a time."""
        with trio.fail_after(PATIENCE):
            while self.tally.open != count:
                await trio.lowlevel.checkpoint()


async def echo(exchange: Exchange) -> None:
    """Answer with the body that came."""
    await exchange.answer(Answer(status=200, body=exchange.request.body))


def front(handler: Handle = echo, *, size: int = 1024, seconds: float = PATIENCE) -> Front:
    """Give a front that serves /fs by `handler`."""
    return Front({"/fs": Route(handler=handler, oversize=400)}, limits=BodyLimits(size=size, time=seconds))


@asynccontextmanager
async def running(
    app: AsgiApp, *, limits: ListenerLimits | None = None, drain: float = 5, port: int = 0
) -> AsyncIterator[House]:
    """Serve `app` for as long as the block runs; fail if the server dies."""
    stopping, over, tally = trio.Event(), trio.Event(), Tally()
    limits = ListenerLimits() if limits is None else limits
    listeners = await bind("127.0.0.1", port)
    bound: int = listeners[0].socket.getsockname()[1]
    handle = hypercorn_connections(app, limits, stopping)
    if DOOR and isinstance(app, Front):
        handle = hot_connections(app, handle, limits)

    async def served(task_status: trio.TaskStatus[tuple[str, ...]]) -> None:
        async with trio.open_nursery() as inner:
            serving = partial(serve, handle, listeners, limits, stopping=stopping, drain=drain, tally=tally)
            task_status.started(await inner.start(serving))
        over.set()

    async with trio.open_nursery() as nursery:
        addresses = await nursery.start(served)
        assert addresses == (f"http://127.0.0.1:{bound}",)
        yield House(bound, stopping, tally, over)
        nursery.cancel_scope.cancel()
