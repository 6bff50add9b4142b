"""What the laws of executions share: a world that takes its time, and processes that call it."""

from __future__ import annotations

import trio

from runtime.model.bundle import Bundle
from runtime.model.process import Mode, Options, Recovery
from runtime.sdk.connector import Call, Reply
from tests.engine.houses import Daemon, bundle
from tests.engine.processes import Steps
from tests.engine.worlds import World

GENERAL = Options(mode="general")
MODES: list[Mode] = ["general", "low latency"]


class Slow(World):
    """A world whose calls take some seconds, by their note."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        super().__init__()
        self.seconds = seconds
        self.error = error

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer after a while."""
        await trio.sleep(float(call.fields.note or self.seconds))
        if self.error is not None:
            raise self.error
        return await super().execute(operation, call)


def two_calls(options: Options | None = None, effect: str = "keyed") -> Bundle:
    """Give a process of two calls, each as slow as the world is."""
    steps = Steps()
    return bundle(steps.shapes, steps.call("", steps.call("", steps.returned(), effect=effect), effect=effect), options)


def of_mode(mode: Mode, recovery: Recovery = "resume") -> Options:
    """Give options."""
    return Options(mode=mode, recovery=recovery)


async def whole(one: Daemon) -> None:
    """Assert that nothing is left in memory: no execution, no token, no place taken."""
    assert one.house.live == {}
    assert one.house.tokens._live == {}
    assert one.house.places.statistics().borrowed_tokens == 0
    assert one.house.queued == 0
