"""The laws of reloading and of the watchdog, against a real socket of notifications."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing

from runtime.host.reload import reload_on_signal
from runtime.host.watchdog import feed
from tests.patience import PATIENCE


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Give the service manager's end of the notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.setblocking(False)  # noqa: FBT003 - as the library has it
        yield channel


def heard(channel: socket.socket) -> list[str]:
    """Give what has been told so far."""
    messages: list[str] = []
    while True:
        try:
            messages.append(channel.recv(4_096).decode())
        except BlockingIOError:
            return messages


async def test_a_reload_is_told_when_it_begins_and_when_it_is_done(manager: socket.socket) -> None:
    """SIGHUP: RELOADING with the monotonic time, the work, READY; and the next one is taken, too."""
    environ = {"NOTIFY_SOCKET": manager.getsockname()}
    done = trio.Event()
    seen: list[list[str]] = []

    async def work() -> None:
        seen.append(heard(manager))
        if len(seen) == 2:
            done.set()

    async with trio.open_nursery() as nursery:
        await nursery.start(reload_on_signal, work, environ)
        for number in range(2):
            os.kill(os.getpid(), signal.SIGHUP)
            with trio.fail_after(PATIENCE):
                while len(seen) <= number:
                    await trio.lowlevel.checkpoint()
            await trio.testing.wait_all_tasks_blocked()
        with trio.fail_after(PATIENCE):
            await done.wait()
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    for messages in (seen[0], seen[1][1:]):
        (first,) = messages
        assert first.startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert seen[1][0] == "READY=1"
    assert heard(manager) == ["READY=1"]


async def test_the_watchdog_hears_twice_as_often_as_it_wants(
    manager: socket.socket, autojump_clock: trio.testing.MockClock
) -> None:
    """It is fed by a task of the loop, every half of the time that is allowed; unwatched, nothing is told."""
    environ = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}
    with trio.move_on_after(21):
        await feed(environ)
    assert heard(manager) == ["WATCHDOG=1"] * 5
    await feed({"NOTIFY_SOCKET": manager.getsockname()})
    assert heard(manager) == []
