"""Listening sockets: bound by us, or handed over by the service manager."""

from __future__ import annotations

import errno
import socket
import time
from typing import TYPE_CHECKING

import trio

from runtime.clock import SECONDS
from runtime.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENDING = 2 * SECONDS  # for workers of a daemon that was killed, before their port is held to be another program's
_LOOK = 0.02 * SECONDS
BACKLOG = 1024  # connections that the kernel holds for us; above the usual 100, so that a burst does not cost a retry


async def bind(host: str, port: int) -> tuple[trio.SocketListener, ...]:
    """Listen on every address that `host` stands for; port 0 lets the kernel choose.

    Raises HostError when the port is taken, may not be used, or the host is not an address of this machine.
    """
    try:
        return tuple(await trio.open_tcp_listeners(port, host=host, backlog=BACKLOG))
    except OSError as error:
        raise _refused(host, port, error) from error


def bind_shared(host: str, port: int, workers: int) -> list[tuple[socket.socket, ...]]:
    """Give each of some workers sockets of its own at the same addresses: the kernel spreads connections over them.

    Raises HostError as `bind` does; that another program of this user shares its port would not be told otherwise.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        places = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
        if port != 0:
            for family, address in places:
                _look_for_others(family, address)
        shared: list[tuple[socket.socket, ...]] = []
        for _ in range(workers):
            mine: list[socket.socket] = []
            for number, (family, address) in enumerate(places):
                sock = _listening(family, address, shared=True)
                places[number] = (family, sock.getsockname())  # where the kernel chose the port, all have the same
                mine.append(sock)
            shared.append(tuple(mine))
    except OSError as error:
        raise _refused(host, port, error) from error
    return shared


def _look_for_others(family: int, address: object) -> None:
    """Raise OSError where another program listens; those that were killed just now are given time to end."""
    until = time.monotonic() + _ENDING
    while True:
        try:
            _listening(family, address, shared=False).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(_LOOK)
        else:
            return


def _listening(family: int, address: object, *, shared: bool) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)  # noqa: FBT003 - as the library has it
        sock.bind(address)  # type: ignore[arg-type]  # as the system gave it
        if shared:
            sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def adopt(sockets: Sequence[socket.socket]) -> tuple[trio.SocketListener, ...]:
    """Take over sockets that listen already, e.g. from the service manager; ours from now on, to be closed by us."""
    return tuple(trio.SocketListener(trio.socket.from_stdlib_socket(sock)) for sock in sockets)


def address(listener: trio.SocketListener, *, secure: bool = False) -> str:
    """Give the address of a listener as people write it: ``https://127.0.0.1:9090`` or ``unix:/run/x.sock``."""
    name = listener.socket.getsockname()
    if listener.socket.family == socket.AF_UNIX:
        return f"unix:{name}"
    host, port = name[0], name[1]
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if listener.socket.family == socket.AF_INET6 else f"{scheme}://{host}:{port}"


def _refused(host: str, port: int, error: OSError) -> HostError:
    # trio hides the errno of one address inside a group when it tried several.
    reason = error.errno if error.errno is not None else getattr(error.__cause__, "errno", None)
    if reason == errno.EADDRINUSE:
        return HostError(
            "host.port-in-use",
            f"Port {port} of {host} is in use by another program",
            hint=f"stop it (`ss -ltnp 'sport = :{port}'` names it) or set another `port` under [server]",
        )
    if reason == errno.EACCES:
        return HostError(
            "host.port-forbidden",
            f"Port {port} of {host} may not be opened by this user",
            hint="ports below 1024 belong to root: set a higher `port` under [server], or pass a socket by systemd",
        )
    return HostError(
        "host.address-unusable",
        f"Cannot listen on port {port} of {host}: {error}",
        hint="`host` under [server] must be an address of this machine, such as 127.0.0.1 or 0.0.0.0",
    )
