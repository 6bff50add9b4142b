"""Cancelling: a person stops an execution, wherever it is. Whoever waits for it is told: by an answer or a callback."""

from __future__ import annotations

from typing import Literal

from runtime.engine.decisions import still_unsaid
from runtime.engine.ending import callback_of, failed, new_callback
from runtime.engine.house import House
from runtime.engine.start import Start, decode_start
from runtime.errors import Fenced, RequestError
from runtime.model.journal import Audit, ExecutionRow, Finish, NewCallback, Operation, Status, Withdraw

CANCELLED = "engine.cancelled"
REASON = "The execution was cancelled by a person."

Outcome = Literal["cancelling", "cancelled"]


async def cancel(house: House, identity: str, *, who: str, reason: str = "") -> Outcome:
    """Cancel an execution: one that runs stops at once, one that waits or is parked is over when this returns.

    Raises:
        RequestError: there is no such execution, it has ended, or it is between two owners just now.
        StoreError: it cannot be written down.
    """
    told = f"{REASON} {reason}".strip()
    live = house.live.get(identity)
    if live is not None:
        await house.store.journal.commit([_audit(house, identity, who, reason)])
        live.control.cancel(told)
        return "cancelling"
    row = await house.store.journal.execution(identity)
    if row is None:
        raise RequestError("engine.unknown-execution", f"There is no execution {identity}", status=404)
    if row.status.finished:
        raise RequestError("engine.ended", f"{identity} has ended: it is {row.status}", status=409)
    data = await house.store.journal.start(identity)
    if row.status is Status.RUNNING or data is None:
        raise _elsewhere(identity)
    operations = _operations(house, row, decode_start(data), who=who, told=told, reason=reason)
    if not await still_unsaid(house, row):  # there is one finishing result for a caller, and it has had it
        operations = [each for each in operations if not isinstance(each, NewCallback | Withdraw)]
    try:
        await house.store.journal.commit(operations)
    except Fenced:
        raise _elsewhere(identity) from None
    house.gates.forget(identity)
    house.wake_outbox()
    await house.store.documents.erase(identity)
    return "cancelled"


def _operations(house: House, row: ExecutionRow, start: Start, *, who: str, told: str, reason: str) -> list[Operation]:
    """Give what ends an execution that is not in memory: what its caller was to be told meanwhile is taken back."""
    ending = failed(Status.CANCELLED, CANCELLED, told)
    request = None if start.call is None else callback_of(ending, start.call, start.uri, row.id)
    now = house.clock.now()
    finish = Finish(
        execution=row.id,
        epoch=row.epoch,
        status=ending.status,
        finished_at=now,
        message=ending.message,
        answer=ending.encode(),
    )
    callback = [] if request is None else [new_callback(request, row.id, row.epoch, now, house.settings.expire_after)]
    return [Withdraw(row.id, row.epoch), *callback, finish, _audit(house, row.id, who, reason)]


def _audit(house: House, identity: str, who: str, reason: str) -> Audit:
    return Audit(at=house.clock.now(), who=who, what="cancelled", execution=identity, detail=reason)


def _elsewhere(identity: str) -> RequestError:
    message = f"{identity} is just being taken over; try again in a moment"
    return RequestError("engine.busy", message, status=409)
