from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trio
import trio.testing

from runtime.web.wire import Patience, Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE = Patience(head=10, send=10, idle=10)


@asynccontextmanager
async def wired() -> AsyncIterator[tuple[Wire, trio.SocketStream]]:
    """Give a wire and its other end."""
    ours, theirs = trio.socket.socketpair()
    wire, peer = Wire(trio.SocketStream(ours)), trio.SocketStream(theirs)
    async with wire, peer:
        yield wire, peer


async def test_bytes_put_back_are_read_again_first() -> None:
    """Law: a connection can be handed on with what was read of it, in order and wholly."""
    async with wired() as (wire, peer):
        await peer.send_all(b"GET / ")
        wire.unread(await wire.receive_some(3))
        assert await wire.receive_some() == b"GET"
        assert await wire.receive_some() == b" / "


async def test_a_head_is_late_only_while_it_is_coming() -> None:
    """Law: the head's time runs from its first byte to the request's begin; an idle or a serving wire is not late."""
    async with wired() as (wire, peer):
        assert not wire.is_late(trio.current_time() + 99, PATIENCE)
        await peer.send_all(b"GET")
        await wire.receive_some()
        first = trio.current_time()
        assert not wire.is_late(first + 9, PATIENCE)
        assert wire.is_late(first + 11, PATIENCE)
        assert wire.request_began() <= first
        await peer.send_all(b"body")
        await wire.receive_some()
        assert not wire.is_late(first + 99, PATIENCE)
        wire.request_ended()
        assert not wire.is_late(first + 99, PATIENCE)


async def test_a_send_is_late_only_while_nothing_is_taken() -> None:
    """Law: the send's time runs for each piece: a reader that is slow but reads is never late."""
    size = 2_000_000  # bytes; more than the buffers of both sockets hold
    async with wired() as (wire, peer), trio.open_nursery() as nursery:
        nursery.start_soon(wire.send_all, bytes(size))
        await trio.testing.wait_all_tasks_blocked()
        stuck = trio.current_time()
        assert wire.is_late(stuck + 11, PATIENCE)
        taken = 0
        while taken < size // 2:
            taken += len(await peer.receive_some())
        await trio.testing.wait_all_tasks_blocked()
        assert not wire.is_late(stuck + 10, PATIENCE)
        while taken < size:
            taken += len(await peer.receive_some())
        await trio.testing.wait_all_tasks_blocked()
        assert not wire.is_late(stuck + 99, PATIENCE)


async def test_a_wire_is_stuck_when_all_its_requests_wait_to_send_and_nothing_moves() -> None:
    """Law: one request that still works keeps the wire; what moves restarts the time."""
    async with wired() as (wire, _peer):
        wire.request_began()
        assert not wire.is_stuck(trio.current_time() + 99, PATIENCE)
        wire.answer_began()
        assert not wire.is_stuck(trio.current_time() + 9, PATIENCE)
        assert wire.is_stuck(trio.current_time() + 11, PATIENCE)
        wire.request_began()
        assert not wire.is_stuck(trio.current_time() + 11, PATIENCE)
        wire.request_ended()
        later = trio.current_time() + 10
        await wire.send_all(b"x")
        assert not wire.is_stuck(later, PATIENCE)
        wire.answer_ended()
        assert not wire.is_stuck(trio.current_time() + 99, PATIENCE)


async def test_a_wire_is_idle_between_requests_only() -> None:
    """Law: the keep-alive time runs from the end of the last request to the first byte of the next."""
    async with wired() as (wire, peer):
        assert not wire.is_idle(trio.current_time() + 9, PATIENCE)
        assert wire.is_idle(trio.current_time() + 11, PATIENCE)
        wire.request_began()
        assert not wire.is_idle(trio.current_time() + 11, PATIENCE)
        wire.request_ended()
        assert wire.is_idle(trio.current_time() + 11, PATIENCE)
        await peer.send_all(b"GET")
        await wire.receive_some()
        assert not wire.is_idle(trio.current_time() + 11, PATIENCE)


async def test_what_is_held_goes_out_first_with_what_follows() -> None:
    """Law: a held piece is sent in its order, by the next send or by a flush, and once."""
    async with wired() as (wire, peer):
        wire.holding = True
        await wire.send_all(b"he")
        await wire.send_all(b"ad ")
        wire.holding = False
        await wire.send_all(b"body ")
        wire.holding = True
        await wire.send_all(b"head")
        wire.holding = False
        await wire.flush()
        await wire.flush()
        await wire.send_eof()
        received = b"".join([data async for data in peer])
        assert received == b"head body head"


async def test_a_wire_let_go_ends_with_its_request() -> None:
    """Law: once the house stops, a connection lasts as long as what runs on it."""
    async with wired() as (wire, _peer):
        with wire.life:
            wire.request_began()
            wire.let_go()
            await trio.lowlevel.checkpoint()
            wire.request_ended()
            await trio.lowlevel.checkpoint()
        assert wire.life.cancelled_caught


async def test_a_wire_ends_with_its_caller_once_no_request_runs() -> None:
    """Law: a hang-up ends the connection, but not under a request that still works."""
    async with wired() as (wire, peer):
        with wire.life:
            wire.request_began()
            await peer.aclose()
            assert await wire.receive_some() == b""
            await trio.lowlevel.checkpoint()
            wire.request_ended()
            await trio.lowlevel.checkpoint()
        assert wire.life.cancelled_caught


async def test_a_send_that_fails_tells_of_the_hang_up() -> None:
    """Law: whichever half of the wire learns it first, the caller has gone for both."""
    async with wired() as (wire, peer):
        assert not wire.has_hung_up()
        await peer.aclose()
        with pytest.raises(trio.BrokenResourceError):
            await wire.send_all(b"x")
        assert wire.has_hung_up()


async def test_a_cut_ends_a_send_that_is_shielded_from_cancellation() -> None:
    """Law: no shield keeps a wire from being ended."""
    async with wired() as (wire, _peer), trio.open_nursery() as nursery:

        async def send() -> None:
            with trio.CancelScope(shield=True), pytest.raises(trio.ClosedResourceError):
                await wire.send_all(bytes(50_000_000))

        nursery.start_soon(send)
        await trio.testing.wait_all_tasks_blocked()
        wire.cut()
