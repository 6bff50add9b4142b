"""Ports for servers that are about to start."""

from __future__ import annotations

import secrets
import socket

LOWEST, HIGHEST = 10_000, 32_000  # below those that Linux gives to callers, who come and go while tests run


def free_port() -> int:
    """Give a port of loopback that nobody uses, drawn so that tests which run side by side draw different ones."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
