"""The two signals that mean stop: SIGTERM from systemd, SIGINT from a terminal."""

from __future__ import annotations

import signal
from typing import Final

import trio

_STOP: Final = (signal.SIGTERM, signal.SIGINT)


async def wait_for_stop(*, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> signal.Signals:
    """Wait until the daemon is asked to stop, and give the signal that asked.

    Afterwards the signals have their usual effect again: a second one ends a drain that takes too long.
    """
    with trio.open_signal_receiver(*_STOP) as received:
        task_status.started()
        async for number in received:
            return signal.Signals(number)
    raise AssertionError("signals arrive as long as the receiver is open")
