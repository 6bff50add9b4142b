"""The Unix socket of the admin API: for the daemon's own user, and gone when the daemon has gone."""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import trio

from runtime.errors import HostError, Place
from runtime.web.sockets import BACKLOG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MODE = 0o600
_PROBE = 1.0  # seconds; a connection to a live program is made at once, or queues because it listens
_HINT = "`admin_socket` under [server] names it"


@contextmanager
def unix_listener(path: Path) -> Iterator[trio.SocketListener]:
    """Listen at `path` for the user of this process alone; the file is removed when the block ends.

    A socket that a dead daemon has left there is replaced; the caller holds the state lock, so that no other daemon of
    this state folder is between removing and listening.

    Raises:
        HostError: another program listens there, something else is in the way, or the path cannot be used.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        # Nobody can connect before `listen`, so the mode is set in time.
        sock.bind(str(path))
        path.chmod(_MODE)
        sock.listen(BACKLOG)
        mine = _identity(path)
    except OSError as error:
        sock.close()
        raise _unusable(path, error) from error
    except HostError:
        sock.close()
        raise
    listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))
    try:
        yield listener
    finally:
        listener.socket.close()
        with suppress(OSError):
            if _identity(path) == mine:  # not a successor's
                path.unlink()


def _remove_stale(path: Path) -> None:
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise HostError(
                "host.socket-in-the-way", "this is no socket", place=Place(file=str(path)), hint=f"move it; {_HINT}"
            )
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise HostError(
        "host.socket-in-use", "another program listens here", place=Place(file=str(path)), hint=f"stop it; {_HINT}"
    )


def _identity(path: Path) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def _unusable(path: Path, error: OSError) -> HostError:
    # The kernel allows about a hundred characters, and says so without an errno.
    too_long = error.errno is None or error.errno == errno.ENAMETOOLONG
    hint = f"a shorter path is needed: {_HINT}" if too_long else _HINT
    message = f"cannot listen here: {error.strerror or error}"
    return HostError("host.socket-unusable", message, place=Place(file=str(path)), hint=hint)
