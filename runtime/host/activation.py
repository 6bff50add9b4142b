"""Sockets that the service manager has opened for us (`sd_listen_fds(3)`): it holds them while we restart.

Callers that come meanwhile wait in the kernel's queue, and nobody is refused.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

from runtime.errors import HostError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

FIRST: Final = 3  # the number of the first descriptor that is handed over; those below are the standard streams
_VARIABLES: Final = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def inherited(environ: MutableMapping[str, str] = os.environ) -> tuple[socket.socket, ...]:
    """Take over the sockets that were handed to this process; none when there are none.

    The variables that say so are removed, so that no process that we start believes that they are for it.

    Raises:
        HostError: what was handed over is no listening stream socket.
    """
    pid, count = environ.get("LISTEN_PID", ""), environ.get("LISTEN_FDS", "")
    for name in _VARIABLES:
        environ.pop(name, None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return ()
    return tuple(_taken(descriptor) for descriptor in range(FIRST, FIRST + int(count)))


def _taken(descriptor: int) -> socket.socket:
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - as the library has it
    try:
        sock = socket.socket(fileno=descriptor)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise _refused(descriptor, error.strerror or str(error)) from error
    if sock.type != socket.SOCK_STREAM or not listens:
        raise _refused(descriptor, "it does not listen for streams")
    sock.setblocking(False)  # noqa: FBT003 - as the library has it
    return sock


def _refused(descriptor: int, reason: str) -> HostError:
    hint = "the socket unit wants ListenStream= and Accept=no"
    return HostError("host.inherited-socket", f"descriptor {descriptor} is no socket to serve: {reason}", hint=hint)
