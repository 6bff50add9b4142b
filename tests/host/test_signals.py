"""The laws of stopping by signal."""

from __future__ import annotations

import os
import signal

import pytest
import trio

from runtime.host.signals import wait_for_stop
from tests.patience import PATIENCE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_either_signal_asks_to_stop_and_the_first_one_restores_the_second(number: signal.Signals) -> None:
    """SIGTERM and SIGINT end the wait, which says which it was; afterwards they have their usual effect again."""
    before = signal.getsignal(number)
    asked: list[signal.Signals] = []

    async def stop(*, task_status: trio.TaskStatus[None]) -> None:
        asked.append(await wait_for_stop(task_status=task_status))

    with trio.fail_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            await nursery.start(stop)
            assert signal.getsignal(number) is not before
            os.kill(os.getpid(), number)
    assert asked == [number]
    assert signal.getsignal(number) is before
