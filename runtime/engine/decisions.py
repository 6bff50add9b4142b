"""Decisions of a person about parked work: what is in doubt happened, did not, or is to be run again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from runtime.engine.house import House
from runtime.engine.log import ExecutionLog
from runtime.engine.records import AgainRecord, AnsweredRecord, EffectRecord, IntentRecord, encode
from runtime.errors import Fenced, RequestError
from runtime.model.journal import Append, Audit, ExecutionRow, Operation, Status, Withdraw, Yield
from runtime.sdk.connector import Reply

MARGIN = 2.0  # seconds before its due time in which the fault may be on its way already, for all that is known here

Decision: TypeAlias = Literal["happened", "did-not", "again"]


class Order(Struct, frozen=True, kw_only=True):
    """A decision about all that is in doubt in one execution. `reply` is what the call gave, where it happened."""

    execution: str
    decision: Decision
    who: str
    reply: bytes = b""


async def doubts_of(house: House, row: ExecutionRow) -> tuple[IntentRecord, ...]:
    """Give the calls of an execution of which nobody knows whether they happened.

    Raises:
        StoreError: its records cannot be read.
    """
    return (await _log_of(house, row)).doubts


async def _log_of(house: House, row: ExecutionRow) -> ExecutionLog:
    journal = house.store.journal
    log = ExecutionLog(journal, house.store.documents, row.id, row.epoch, durable=True)
    log.remember(await journal.records(row.id))
    return log


async def decide(house: House, order: Order) -> tuple[IntentRecord, ...]:
    """Write a decision down and let the execution go on; gives the calls that it was about.

    There is one finishing result for a caller: the fault that it is told when nobody decides in time is taken back if
    it has not been sent; if it may have been, what the execution comes to is not told.

    Raises:
        RequestError: there is no such execution, or it is not parked (any more).
        StoreError: its records cannot be read, or the decision not be written.
    """
    row = await house.store.journal.execution(order.execution)
    if row is None:
        raise RequestError("engine.unknown-execution", f"There is no execution {order.execution}", status=404)
    if row.status is not Status.PARKED:
        message = f"{row.id} is {row.status}, not parked: there is nothing to decide"
        raise RequestError("engine.not-parked", message, status=409)
    doubts = await doubts_of(house, row)
    audit = Audit(
        at=house.clock.now(),
        who=order.who,
        what=f"decided {order.decision}",
        execution=row.id,
        detail=row.message or "",
    )
    records = [encode(_record(doubt, order)) for doubt in doubts]
    operations: list[Operation] = [audit, Yield(row.id, row.epoch)]
    if await still_unsaid(house, row):
        operations.insert(0, Withdraw(row.id, row.epoch))
    else:
        records.append(encode(AnsweredRecord()))
    operations.insert(0, Append(row.id, row.epoch, tuple(records)))
    try:
        await house.store.journal.commit(operations)
    except Fenced:
        message = f"{row.id} was decided by somebody else a moment ago"
        raise RequestError("engine.not-parked", message, status=409) from None
    return doubts


async def still_unsaid(house: House, row: ExecutionRow) -> bool:
    """Whether the caller of work that nobody runs now has certainly been told no finishing result, not even in part.

    Raises:
        StoreError: its records or callbacks cannot be read.
    """
    if (await _log_of(house, row)).answered:
        return False
    if row.status is not Status.PARKED:
        return True
    callbacks = await house.store.journal.callbacks(execution=row.id)
    soon = house.clock.now() + MARGIN
    return bool(callbacks) and callbacks[-1].attempts == 0 and callbacks[-1].due > soon


def _record(doubt: IntentRecord, order: Order) -> EffectRecord | AgainRecord:
    if order.decision == "happened":
        return EffectRecord(doubt.at, doubt.document, doubt.key, (Reply(order.reply, {}),))
    return AgainRecord(doubt.at, doubt.document)


def described(doubts: Sequence[IntentRecord]) -> tuple[str, ...]:
    """Give the steps that doubts are about, by their ids."""
    return tuple(doubt.at.step for doubt in doubts)
