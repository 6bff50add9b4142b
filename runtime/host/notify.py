"""What systemd is told of the daemon (`sd_notify(3)`), and how often it wants to hear that all is well."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

from runtime.clock import SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
WATCHDOG: Final = "WATCHDOG=1"

_MICROSECOND: Final = SECONDS / 1_000_000


def status(text: str) -> str:
    """Give the message that shows `text` in ``systemctl status``; line ends would end the message and become blanks."""
    return f"STATUS={' '.join(text.split())}"


def notify(*messages: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd; say whether it was told. Without systemd, or when it does not listen, nothing happens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as channel:
        try:
            channel.sendto("\n".join(messages).encode(), address.replace("@", "\0", 1))
        except OSError:
            return False
    return True


def watchdog_interval(environ: Mapping[str, str] = os.environ) -> float | None:
    """Give the seconds between two `WATCHDOG` messages, half of what systemd allows; none when it does not watch us."""
    allowed, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(os.getpid()))
    if not allowed.isdecimal() or int(allowed) == 0 or pid != str(os.getpid()):
        return None
    return int(allowed) * _MICROSECOND / 2
