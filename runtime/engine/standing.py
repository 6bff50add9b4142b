"""The context in which one function answers call after call: it is made once, and each call renews what is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.engine.context import Context, Facts, tightened
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot

if TYPE_CHECKING:
    from runtime.engine.deployment import Deployment
    from runtime.engine.house import House
    from runtime.engine.redaction import Secrets


def standing_context(house: House, deployment: Deployment, process: str, secrets: Secrets | None) -> Context:
    """Give the context of a process' function, which keeps nothing: `renew` it before a call, let it `rest` after."""
    return Context(
        Facts(id="", bundle=deployment.bundle.name, version="", process=process, started_at=0.0),
        ExecutionLog(house.store.journal, house.store.documents, "", 0, durable=False, kept=False),
        house.store.documents,
        house.clock,
        connections=deployment.connections,
        limits=tightened(house.settings.engine, deployment.bundle.limits),
        control=Control(),
        slot=Slot(),
        secrets=secrets,
        workers=deployment.workers,
        load=house.fibers,
    )
