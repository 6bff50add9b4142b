"""Who gives an order, as it is written down: the person behind `sudo`, or the user of this process."""

from __future__ import annotations

import os
import pwd


def who() -> str:
    """Give the name of the user."""
    behind = os.environ.get("SUDO_USER")
    if behind:
        return behind
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
