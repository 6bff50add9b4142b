from __future__ import annotations

import errno
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import h2.connection
import pytest
import trio
import trio.testing

from runtime.errors import HostError
from runtime.web.exchange import Answer, Exchange
from runtime.web.listener import ListenerLimits, _Connections
from runtime.web.sockets import address, adopt, bind
from runtime.web.statistics import Tally
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import front, running

if TYPE_CHECKING:
    from runtime.web.wire import Wire

ENDLESS = Answer(status=200, body=b"x" * 50_000_000)  # far more than the buffers of both sockets hold


async def sends_endlessly(exchange: Exchange) -> None:
    """Answer with more than fits on the way."""
    await exchange.answer(ENDLESS)


async def test_a_port_in_use_is_named_with_its_cure() -> None:
    """Law: a daemon that cannot have its port says which, and what to do."""
    async with running(front()) as house:
        with pytest.raises(HostError) as caught:
            await bind("127.0.0.1", house.port)
    assert caught.value.code == "host.port-in-use"
    assert str(house.port) in caught.value.message
    assert "port" in (caught.value.hint or "")


async def test_an_address_of_another_machine_is_refused() -> None:
    """Law: a host that is not this machine's is a mistake in the settings, and told so."""
    with pytest.raises(HostError) as caught:
        await bind("192.0.2.1", 0)
    assert caught.value.code == "host.address-unusable"


async def test_sockets_that_listen_already_are_taken_over() -> None:
    """Law: a socket from the service manager serves like one of ours."""
    with socket.create_server(("127.0.0.1", 0)) as passed:
        port = passed.getsockname()[1]
        (listener,) = adopt([passed.dup()])
        async with listener:
            assert address(listener) == f"http://127.0.0.1:{port}"
            async with calling(port) as caller, await listener.accept():
                await caller.say(b"x")


@pytest.mark.parametrize(
    ("family", "name", "written"),
    [(socket.AF_INET6, ("::1", 0), "http://[::1]:"), (socket.AF_UNIX, "\0nuclide-test", "unix:")],
)
async def test_addresses_are_written_as_people_write_them(
    family: socket.AddressFamily, name: tuple[str, int] | str, written: str
) -> None:
    """Law: the address that the daemon reports can be pasted where addresses go."""
    with socket.socket(family, socket.SOCK_STREAM) as passed:
        passed.bind(name)
        passed.listen()
        (listener,) = adopt([passed.dup()])
    async with listener:
        assert address(listener).startswith(written)


async def test_connections_above_the_limit_are_told_so() -> None:
    """Law: when all places are taken a new caller gets 503 at once; when one is free again, a new caller is served."""
    async with running(front(), limits=ListenerLimits(connections=1)) as house:
        async with calling(house.port) as first:
            await first.request("POST", "/fs/x", b"1")
            await first.reply()
            async with calling(house.port) as second:
                reply = await second.reply()
                assert (reply.status, reply.headers["retry-after"]) == (503, "1")
            await first.request("POST", "/fs/x", b"2")
            assert (await first.reply()).body == b"2"
        await house.until_open(0)
        await house.assert_serving()
        statistics = house.tally.statistics()
        assert (statistics.accepted, statistics.refused) == (3, 1)


async def test_a_machine_without_room_is_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    """Law: too many open files pause the accept loop; they do not end it."""
    served = trio.Event()
    ours, theirs = trio.socket.socketpair()

    class Listener(trio.abc.Listener[trio.SocketStream]):
        def __init__(self) -> None:
            self.errors = [errno.EMFILE, errno.ENFILE]
            self.streams = [trio.SocketStream(ours)]

        async def accept(self) -> trio.SocketStream:
            await trio.lowlevel.checkpoint()
            if self.errors:
                raise OSError(self.errors.pop(), "no room")
            if not self.streams:
                await trio.sleep_forever()
            return self.streams.pop()

        async def aclose(self) -> None:
            await trio.lowlevel.checkpoint()

    async def handle(wire: Wire) -> None:
        served.set()
        await trio.lowlevel.checkpoint()

    tally = Tally()
    connections = _Connections(handle, ListenerLimits(), tally)
    with theirs:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connections.accept, Listener(), nursery)
            await served.wait()
            nursery.cancel_scope.cancel()
    assert (tally.pauses, tally.accepted) == (2, 1)


async def test_callers_who_come_together_are_let_in_together() -> None:
    """Law: who waits beside a caller that is let in is let in with it, not a turn of a busy loop later each."""

    class Steps(trio.abc.Instrument):
        count = 0

        def before_task_step(self, task: trio.lowlevel.Task) -> None:
            self.count += task.name == "accept"

    async def handle(wire: Wire) -> None:
        await wire.aclose()

    listening, steps, tally = trio.socket.socket(), Steps(), Tally()
    await listening.bind(("127.0.0.1", 0))
    listening.listen(50)
    connections = _Connections(handle, ListenerLimits(), tally)
    async with trio.SocketListener(listening) as listener, AsyncExitStack() as callers:
        for _ in range(20):
            await callers.enter_async_context(calling(listening.getsockname()[1]))
        trio.lowlevel.add_instrument(steps)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connections.accept, listener, nursery, name="accept")
            with trio.fail_after(PATIENCE):
                while tally.accepted < 20:
                    await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        trio.lowlevel.remove_instrument(steps)
    assert steps.count < 10


async def test_another_accept_error_is_not_hidden() -> None:
    """Law: an accept loop that cannot go on says so instead of turning for ever."""

    class Listener(trio.abc.Listener[trio.SocketStream]):
        async def accept(self) -> trio.SocketStream:
            await trio.lowlevel.checkpoint()
            raise OSError(errno.EBADF, "bad descriptor")

        async def aclose(self) -> None:
            await trio.lowlevel.checkpoint()

    async def handle(wire: Wire) -> None:
        await trio.lowlevel.checkpoint()

    connections = _Connections(handle, ListenerLimits(), Tally())
    async with trio.open_nursery() as nursery:
        with pytest.raises(OSError, match="bad descriptor"):
            await connections.accept(Listener(), nursery)


async def test_a_caller_that_does_not_read_is_cut() -> None:
    """Law: an answer that nobody takes holds its place for the send time-out and no longer."""
    async with running(front(sends_endlessly), limits=ListenerLimits(send_timeout=0.01)) as house:
        async with calling(house.port) as caller:
            await caller.request("GET", "/fs/x")
            await house.until_open(1)
            await house.until_open(0)
        assert house.tally.overdue == 1


@pytest.mark.parametrize("requests", [0, 1, 2])
async def test_a_caller_who_hangs_up_gives_its_place_back(requests: int) -> None:
    """Law: a place is free as soon as its caller has gone, not when its keep-alive time is over."""
    async with running(front()) as house:
        async with calling(house.port) as caller:
            for _ in range(requests):
                await caller.request("POST", "/fs/x")
                await caller.reply()
            await house.until_open(1)
        await house.until_open(0)


async def test_an_http2_caller_that_opens_no_window_is_cut() -> None:
    """Law: an answer that cannot even begin to go holds its place for the send time-out and no longer."""
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    headers = [(":method", "GET"), (":path", "/fs/x"), (":scheme", "http"), (":authority", "x")]
    connection.send_headers(1, headers, end_stream=True)
    async with running(front(sends_endlessly), limits=ListenerLimits(send_timeout=0.01)) as house:
        async with calling(house.port) as caller:
            await caller.say(connection.data_to_send())
            await house.until_open(1)
            await house.until_open(0)
        assert house.tally.overdue == 1


@pytest.mark.parametrize("requests", [0, 1])
async def test_an_idle_connection_is_ended(requests: int, clock: trio.testing.MockClock) -> None:
    """Law: a connection without a request lasts for the keep-alive time."""
    async with running(front(), limits=ListenerLimits(keep_alive=600)) as house, calling(house.port) as caller:
        for _ in range(requests):
            await caller.request("POST", "/fs/x")
            await caller.reply()
        await house.until_open(1)
        await trio.testing.wait_all_tasks_blocked()
        clock.jump(600)
        assert await caller.rest() == b""
        assert house.tally.overdue == 0


async def test_a_stop_ends_idle_connections_and_lets_requests_finish() -> None:
    """Law: once the house stops, nobody new is let in, idle callers are let go, and what runs is answered."""
    began, finish = trio.Event(), trio.Event()

    async def handler(exchange: Exchange) -> None:
        if exchange.request.path == "/fs/slow":
            began.set()
            await finish.wait()
        await exchange.answer(Answer(status=200, body=b"done"))

    async with running(front(handler), drain=60) as house, calling(house.port) as idle, calling(house.port) as busy:
        await idle.request("GET", "/fs/quick")
        await idle.reply()
        await busy.request("GET", "/fs/slow")
        await began.wait()
        house.stopping.set()
        assert await idle.rest() == b""
        with pytest.raises(OSError, match=r"127\.0\.0\.1"):
            await trio.open_tcp_stream("127.0.0.1", house.port)
        assert not house.over.is_set()
        finish.set()
        assert (await busy.reply()).body == b"done"
        assert await busy.rest() == b""
        with trio.fail_after(PATIENCE):
            await house.over.wait()


async def test_what_outlasts_the_drain_is_cancelled() -> None:
    """Law: a handler that does not finish within the drain time is cancelled, and its caller's connection ends."""
    began, cancelled = trio.Event(), trio.Event()

    async def handler(exchange: Exchange) -> None:
        began.set()
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with running(front(handler), drain=0.02) as house, calling(house.port) as caller:
        await caller.request("GET", "/fs/x")
        await began.wait()
        house.stopping.set()
        assert await caller.rest() == b""
        assert cancelled.is_set()
        with trio.fail_after(PATIENCE):
            await house.over.wait()


async def test_a_caller_that_does_not_read_cannot_hold_the_stop() -> None:
    """Law: the drain time also ends sends that hypercorn shields from cancellation."""
    async with running(front(sends_endlessly), drain=0.02) as house, calling(house.port) as caller:
        await caller.request("GET", "/fs/x")
        await caller.stream.receive_some(1)
        house.stopping.set()
        with trio.fail_after(PATIENCE):
            await house.over.wait()


async def test_a_caller_that_does_not_read_cannot_hold_a_cancellation() -> None:
    """Law: cancelling the listener from outside ends it, whatever its callers do."""
    with trio.fail_after(PATIENCE):
        async with AsyncExitStack() as caller_stays, running(front(sends_endlessly)) as house:
            caller = await caller_stays.enter_async_context(calling(house.port))
            await caller.request("GET", "/fs/x")
            await caller.stream.receive_some(1)
