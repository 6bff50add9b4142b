from __future__ import annotations

from typing import TYPE_CHECKING, cast

import trio

from runtime.engine.house import FEW
from tests.engine.houses import Daemon, daemon
from tests.engine.slow import Slow, two_calls

if TYPE_CHECKING:
    from trio.testing import MockClock

    from runtime.engine.execution import Execution


def is_quiet(one: Daemon) -> bool:
    """Say what its house says."""
    return one.house.is_quiet


async def test_a_house_is_quiet_while_nothing_runs_and_few_are_there(autojump_clock: MockClock) -> None:
    """Nobody would notice a full collection while nothing runs, unless it went through many that wait in memory."""
    async with daemon(two_calls(), Slow(1.0)) as one:
        assert is_quiet(one)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(one.ask)
            await trio.sleep(0.5)
            assert not is_quiet(one)
        await one.house.drained()
        assert is_quiet(one)
        waiting = {f"ex-{number}": cast("Execution", None) for number in range(FEW + 1)}
        one.house.live.update(waiting)
        assert not is_quiet(one)
        one.house.live.clear()
