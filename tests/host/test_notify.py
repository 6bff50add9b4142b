"""The laws of what systemd is told."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from runtime.host.notify import READY, STOPPING, notify, status, watchdog_interval

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("abstract", [False, True])
def test_messages_reach_systemd_in_one_datagram(tmp_path: Path, *, abstract: bool) -> None:
    """All messages of one call arrive together, over a socket with a path or an abstract one."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{path}" if abstract else path)
        assert notify(READY, status("3 bundles"), environ={"NOTIFY_SOCKET": f"@{path}" if abstract else path})
        assert systemd.recv(4096) == b"READY=1\nSTATUS=3 bundles"


@pytest.mark.parametrize("address", [None, "", "relative", "/nowhere/notify"])
def test_without_systemd_nothing_happens(address: str | None) -> None:
    """A daemon that nobody listens to runs on; the call says that nobody was told."""
    assert not notify(STOPPING, environ={} if address is None else {"NOTIFY_SOCKET": address})


def test_a_systemd_that_does_not_read_does_not_hold_the_daemon(tmp_path: Path) -> None:
    """When the socket is full the message is dropped: the event loop never waits for systemd."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        told = [notify(READY, environ={"NOTIFY_SOCKET": path}) for _ in range(10_000)]
    assert told[0]
    assert not told[-1]


def test_a_status_is_one_line() -> None:
    """A line end in a status would begin another message, so it becomes a blank."""
    assert status("full\nREADY=1") == "STATUS=full READY=1"


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_asked(environ: dict[str, str], seconds: float | None) -> None:
    """The interval is half of what systemd allows, and none when it does not watch this process."""
    assert watchdog_interval(environ) == (None if seconds is None else pytest.approx(seconds))
