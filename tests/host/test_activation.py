"""The laws of sockets that the service manager hands over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from runtime.host.activation import inherited

PROGRAM = """
import os, socket, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="http")
from runtime.errors import HostError
from runtime.host.activation import inherited
try:
    (sock,) = inherited()
except HostError as error:
    print(error.code)
else:
    print(sock.getsockname()[1], os.get_inheritable(3), any(name.startswith("LISTEN") for name in os.environ))
"""


def handed(sock: socket.socket) -> str:
    """Give what a process says to which this socket was handed."""
    descriptor = sock.fileno()
    command = [sys.executable, "-c", PROGRAM, str(descriptor)]
    return subprocess.run(command, pass_fds=(descriptor,), capture_output=True, text=True, check=True).stdout.strip()


def test_a_socket_that_listens_is_taken_over() -> None:
    """It is ours, no process that we start inherits it, and the variables that named it are gone."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert handed(listening) == f"{listening.getsockname()[1]} False False"


def test_what_does_not_listen_is_refused() -> None:
    """A socket of another kind is told with a code, before anything is served."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        assert handed(other) == "host.inherited-socket"


@pytest.mark.parametrize("environ", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": "x", "LISTEN_FDS": ""}])
def test_what_is_for_another_process_is_left_alone(environ: dict[str, str]) -> None:
    """Without the variables, or with those of another process, nothing is taken."""
    assert inherited(environ) == ()
    assert environ == {}


def test_a_count_without_sockets_is_refused() -> None:
    """A descriptor that is not there is told, not believed."""
    assert inherited({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"}) == ()
