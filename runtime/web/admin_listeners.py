"""The part of the admin API that is about listeners."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta

from runtime.clock import Clock
from runtime.deploy.listening import Listener, Listening
from runtime.web.api import Endpoint, Parameters
from runtime.web.listener_answers import Listeners, ListenerSummary


class Order(Parameters, frozen=True, kw_only=True):
    """Orders something of a listener, which is named ``bundle/process``; without one, of all that are live."""

    listener: str | None = None
    who: Annotated[str, Meta(min_length=1, max_length=100)]


class Switch(Order, frozen=True, kw_only=True):
    """Stops a listener, or lets it go on."""

    state: Literal["paused", "listening"]
    reason: Annotated[str, Meta(max_length=500)] = ""


def listener_rows(listening: Listening, clock: Clock) -> tuple[Endpoint, ...]:
    """Give the endpoints."""

    async def listed(_: Parameters) -> Listeners:
        now = clock.now()
        return Listeners(listeners=tuple(_summary(listener, now) for listener in listening.listed()))

    async def switch(order: Switch) -> Listeners:
        if order.state == "paused":
            await listening.pause(order.listener, by=order.who, reason=order.reason)
        else:
            await listening.resume(order.listener, by=order.who)
        return await listed(order)

    async def restart(order: Order) -> Listeners:
        await listening.restart(order.listener, by=order.who)
        return await listed(order)

    return (
        Endpoint(path="/api/listeners", summary="Listeners, how they are and why", answer=Listeners, handle=listed),
        Endpoint(
            path="/api/listeners/state",
            summary="Pause a listener or all, through restarts, or let them go on",
            method="POST",
            parameters=Switch,
            answer=Listeners,
            handle=switch,
        ),
        Endpoint(
            path="/api/listeners/restart",
            summary="Open the connections of a listener's bundle anew, or of all; a paused listener stays paused",
            method="POST",
            parameters=Order,
            answer=Listeners,
            handle=restart,
        ),
    )


def _summary(listener: Listener, now: float) -> ListenerSummary:
    heard, pause = listener.heard, listener.pause
    return ListenerSummary(
        listener=listener.name,
        kind=listener.kind,
        state=listener.state,
        reason=listener.reason,
        since=None if pause is None else datetime.fromtimestamp(pause.since, UTC),
        calls=0 if heard is None else heard.calls,
        refused=0 if heard is None else heard.refused,
        last=None if heard is None else datetime.fromtimestamp(heard.last, UTC),
        age_seconds=None if heard is None else round(max(0.0, now - heard.last), 3),
    )
