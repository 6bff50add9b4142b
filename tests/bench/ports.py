"""Ports of servers that are about to start."""

from __future__ import annotations

import socket
import subprocess
import time

PATIENCE = 60  # seconds for a server to take connections


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when `port` takes connections.

    Raises:
        ConnectionError: the process ended, or a minute passed.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise ConnectionError(f"nothing listens on port {port}")
