"""The laws of the supervisor, as systemd meets it: one process to be told, whatever its workers do."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trio

from tests.e2e.daemon import installed
from tests.e2e.workers import process_of, wait_logged
from tests.flow.daemon import READY_WITHIN


@contextmanager
def _systemd(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(folder / "n"))
        told.settimeout(READY_WITHIN)
        yield told


async def _until(told: socket.socket, word: str) -> list[str]:
    """Give what systemd is told, up to the message with this word in it."""
    heard: list[str] = []
    while not heard or word not in heard[-1]:
        heard.append((await trio.to_thread.run_sync(told.recv, 4096)).decode())
    return heard


async def test_systemd_hears_of_one_daemon(tmp_path: Path) -> None:
    """Readiness, a reload, the watchdog and a stop are told by one process; a worker that hangs is replaced alone."""
    with _systemd(tmp_path) as told:
        environ = {"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "4000000"}
        async with installed(tmp_path, {"server": {"workers": 2}}, environ) as daemon:
            await daemon.start()
            assert sum("READY=1" in each for each in await _until(told, "READY=1")) == 1
            assert len(await wait_logged(daemon, "ready", 2)) == 2
            daemon.signal(signal.SIGHUP)
            await _until(told, "RELOADING=1")
            await _until(told, "READY=1")
            hanging = process_of(daemon, 2)
            os.kill(hanging, signal.SIGSTOP)
            (died,) = await wait_logged(daemon, "a worker has died")
            assert (died["worker"], died["process"]) == (2, hanging)
            await wait_logged(daemon, "ready", 3)
            assert process_of(daemon, 2) != hanging
            await _until(told, "WATCHDOG=1")
            daemon.terminate()
            await _until(told, "STOPPING=1")
            assert await daemon.ended() == 0


async def test_a_daemon_of_several_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A port that another program has, and a journal that cannot be read, end the daemon with the reason."""
    async with installed(tmp_path, {"server": {"workers": 2}}) as daemon:
        with socket.create_server(("127.0.0.1", daemon.port)):
            code, said = await daemon.refused()
        assert code != 0
        assert f"Port {daemon.port} of 127.0.0.1 is in use" in said
        folder = daemon.state / "workers" / "2"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "journal.db").write_bytes(b"no journal at all" * 1_000)
        code, said = await daemon.refused()
        assert code != 0
        assert "the journal is damaged" in said
