"""Paused listeners: their callers are refused, and what was accepted goes on."""

from __future__ import annotations

import pytest
import trio

from runtime.engine.listeners import PAUSED, Pause
from runtime.errors import Unavailable
from runtime.model.shapes import ReturnDocumentsStep, WaitStep
from runtime.model.values import Template
from tests.engine.houses import bundle, call, daemon
from tests.engine.worlds import World

SLOW = bundle(
    [
        WaitStep(id="wait", duration=Template(("60 s",)), to="return"),
        ReturnDocumentsStep(id="return"),
    ],
    "wait",
)
KEY = (SLOW.name, "p")


async def test_a_paused_listener_refuses_and_what_runs_goes_on(autojump_clock: trio.testing.MockClock) -> None:
    """A new call is refused with a time to come again; one that runs ends, and its repeated token joins it."""
    async with daemon(SLOW, World()) as house:
        first = await house.begin(call(named="first"))
        house.house.listeners.paused[KEY] = Pause(since=0.0, by="ada")
        with pytest.raises(Unavailable) as refused:
            await house.begin(call(named="second"))
        assert (refused.value.code, refused.value.retry_after) == (PAUSED, 30.0)
        assert await house.begin(call(named="first")) is first
        assert await house.ask(call(named="first"), sync_timeout=90.0) == "hi"


async def test_calls_are_counted_with_their_time(autojump_clock: trio.testing.MockClock) -> None:
    """The last call of a listener is known with its time, a refused one too; before the first nothing is."""
    async with daemon(SLOW, World()) as house:
        listeners = house.house.listeners
        assert listeners.heard(*KEY) is None
        await house.begin(call(named="first"))
        listeners.paused[KEY] = Pause(since=0.0, by="ada")
        await trio.sleep(5)
        with pytest.raises(Unavailable):
            await house.begin(call(named="second"))
        heard = listeners.heard(*KEY)
        assert heard is not None
        assert (heard.calls, heard.refused, heard.last) == (2, 1, house.house.clock.now())
