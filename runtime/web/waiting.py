"""A caller waits for what is decided of its call, and may leave: the one race that every door runs alike."""

from __future__ import annotations

from typing import Literal

import trio

from runtime.engine.hold import Hold
from runtime.flow.handover import SyncTimeout
from runtime.web.exchange import Exchange

Waited = Literal["decided", "gone", "late"]
"""The call can be answered; its caller has gone; or its time was over first, and nothing will be promised to it."""


async def wait_for_decision(exchange: Exchange, hold: Hold, until: float, *, may_wait: bool) -> Waited:
    """Wait until a call that has joined `hold` can be answered, at most until `until` on trio's clock.

    A call that `may_wait` is handed over then, which is a decision, too: it takes as long as the disk takes. Unless it
    is decided the caller has left the hold, also when this is cancelled.
    """
    gone = False

    async def watch(scope: trio.CancelScope) -> None:
        nonlocal gone
        await exchange.wait_gone()
        gone = True
        scope.cancel()

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch, nursery.cancel_scope, name="watch for the caller's leaving")
            with trio.move_on_at(until):
                await hold.decided.wait()
            if not hold.decided.is_set() and may_wait:
                hold.post(SyncTimeout())
                await hold.decided.wait()
            nursery.cancel_scope.cancel()
    except BaseException:
        hold.leave()
        raise
    if hold.decided.is_set() and not gone:
        return "decided"
    hold.leave()
    return "gone" if gone else "late"
