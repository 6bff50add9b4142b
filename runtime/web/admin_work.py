"""The part of the admin API with which a person settles work: decisions, dead letters, replays, and the check.

Every order names who gives it; it is written down with what it did.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from runtime.engine import decisions, replay
from runtime.engine.deployment import Deployment
from runtime.engine.house import House
from runtime.errors import RequestError, StoreError
from runtime.model.journal import Acknowledged, Audit, CallbackRow, CallbackState, ExecutionRow, Redeliver, Status
from runtime.store.sqlite.check import Report
from runtime.web import work_answers as answers
from runtime.web.admin_answers import Begun, Callbacks
from runtime.web.admin_api import Deployed, Limit, callback_summary, execution_summary
from runtime.web.api import Endpoint, Parameters

MOST = 1_000  # callbacks of one order

Who = Annotated[str, Meta(min_length=1, max_length=100, description="Who gives the order; it is written down")]


class Work(Struct, frozen=True, kw_only=True):
    """Where orders go. `find` gives the version that an execution ran on, `check` looks at the whole state folder."""

    house: House
    deployed: Deployed
    find: Callable[[ExecutionRow], Awaitable[Deployment | None]]
    check: Callable[[], Awaitable[Report]]


class Some(Parameters, frozen=True, kw_only=True):
    """How many are asked for."""

    limit: Limit = 100


class Decide(Parameters, frozen=True, kw_only=True):
    """Decides what is in doubt in a parked execution. `reply` is what the call gave, where it happened."""

    execution: str
    decision: decisions.Decision
    who: Who
    reply: str = ""


class Letters(Parameters, frozen=True, kw_only=True):
    """Orders something of dead letters: those named by id, or all."""

    who: Who
    callbacks: Annotated[tuple[int, ...], Meta(max_length=MOST)] = ()
    all: bool = False


class Replay(Parameters, frozen=True, kw_only=True):
    """Orders a replay: from the start, or from the step of this id or label; in the same version, or the live one.

    `documents` (texts) replace those that the original began with.
    """

    execution: str
    who: Who
    step: str | None = None
    version: Literal["same", "live"] = "same"
    documents: tuple[str, ...] | None = None


class Audited(Parameters, frozen=True, kw_only=True):
    """Chooses what persons have done: to one execution, or all."""

    execution: str | None = None
    limit: Limit = 100


def work_rows(work: Work) -> tuple[Endpoint, ...]:
    """Give the endpoints."""
    desk = _Desk(work)
    return (
        Endpoint(
            path="/api/parked",
            summary="Executions that wait for a person, with what is in doubt",
            parameters=Some,
            answer=answers.ParkedExecutions,
            handle=desk.parked,
        ),
        Endpoint(
            path="/api/decide",
            summary="Decide what is in doubt in a parked execution, which then goes on",
            method="POST",
            parameters=Decide,
            answer=answers.Decided,
            handle=desk.decide,
        ),
        Endpoint(
            path="/api/dead/redeliver",
            summary="Send dead letters again",
            method="POST",
            parameters=Letters,
            answer=Callbacks,
            handle=desk.redeliver,
        ),
        Endpoint(
            path="/api/dead/dismiss",
            summary="Give dead letters up: they are erased",
            method="POST",
            parameters=Letters,
            answer=Callbacks,
            handle=desk.dismiss,
        ),
        Endpoint(
            path="/api/replay",
            summary="Begin a new execution of what a finished one began with",
            method="POST",
            parameters=Replay,
            answer=Begun,
            handle=desk.replay,
        ),
        Endpoint(
            path="/api/audit",
            summary="What persons have done, newest first",
            parameters=Audited,
            answer=answers.AuditTrail,
            handle=desk.audit,
        ),
        Endpoint(
            path="/api/journal/check",
            summary="Look at every page, payload and file of the state folder; nothing is repaired",
            answer=answers.JournalReport,
            handle=desk.check,
        ),
    )


class _Desk:
    """Carries orders out."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._house = work.house
        self._journal = work.house.store.journal

    async def parked(self, query: Some) -> answers.ParkedExecutions:
        rows = await self._journal.executions(status=Status.PARKED, limit=query.limit)
        return answers.ParkedExecutions(parked=tuple([await self._parked(row) for row in rows]))

    async def _parked(self, row: ExecutionRow) -> answers.ParkedExecution:
        try:
            steps = decisions.described(await decisions.doubts_of(self._house, row))
        except StoreError:
            steps = ()  # it is shown all the same; a decision tells what is wrong
        return answers.ParkedExecution(execution=execution_summary(row), steps=steps)

    async def decide(self, order: Decide) -> answers.Decided:
        given = decisions.Order(
            execution=order.execution, decision=order.decision, who=order.who, reply=order.reply.encode()
        )
        doubts = await decisions.decide(self._house, given)
        return answers.Decided(execution=order.execution, decision=order.decision, steps=decisions.described(doubts))

    async def redeliver(self, order: Letters) -> Callbacks:
        now, expires = self._house.clock.now(), self._house.settings.expire_after
        rows = await self._dead(order)
        for row in rows:
            await self._journal.commit([Redeliver(row.id, now, now + expires), self._audit(order, row, "redelivered")])
        self._house.wake_outbox()
        return Callbacks(callbacks=tuple(map(callback_summary, rows)))

    async def dismiss(self, order: Letters) -> Callbacks:
        rows = await self._dead(order)
        for row in rows:
            await self._journal.commit([Acknowledged(row.id), self._audit(order, row, "dismissed")])
        return Callbacks(callbacks=tuple(map(callback_summary, rows)))

    def _audit(self, order: Letters, row: CallbackRow, what: str) -> Audit:
        detail = f"callback {row.number} to {row.host}: {row.error or ''}"
        return Audit(at=self._house.clock.now(), who=order.who, what=what, execution=row.execution, detail=detail)

    async def _dead(self, order: Letters) -> list[CallbackRow]:
        dead = await self._journal.callbacks(state=CallbackState.DEAD, limit=MOST)
        if order.all:
            return dead
        missing = set(order.callbacks) - {row.id for row in dead}
        if missing or not order.callbacks:
            told = ", ".join(map(str, sorted(missing))) or "none was named"
            raise RequestError("web.unknown-letter", f"There is no such dead letter: {told}", status=404)
        return [row for row in dead if row.id in order.callbacks]

    async def replay(self, order: Replay) -> Begun:
        row = await self._journal.execution(order.execution)
        if row is None:
            raise RequestError("web.unknown-execution", "The journal holds no execution of this id", status=404)
        original = await self._work.find(row)
        chosen = original if order.version == "same" else self._work.deployed.table.deployments.get(row.bundle)
        if chosen is None:
            what = f"version {row.version}" if order.version == "same" else "a live version"
            message = f"{what} of '{row.bundle}' is not there (any more)"
            raise RequestError("web.no-version", message, status=409, hint="choose the other: same or live")
        documents = None if order.documents is None else tuple(text.encode() for text in order.documents)
        given = replay.ReplayOrder(execution=row.id, who=order.who, step=order.step, documents=documents)
        return Begun(execution=await replay.replay(self._house, given, original, chosen))

    async def audit(self, query: Audited) -> answers.AuditTrail:
        found = await self._journal.audit(execution=query.execution, limit=query.limit)
        return answers.AuditTrail(
            entries=tuple(
                answers.AuditEntry(
                    at=datetime.fromtimestamp(each.at, UTC),
                    who=each.who,
                    what=each.what,
                    execution=each.execution,
                    detail=each.detail,
                )
                for each in found
            )
        )

    async def check(self, _: Parameters) -> answers.JournalReport:
        report = await self._work.check()
        damage = tuple(answers.DamageFound(what=each.what, execution=each.execution) for each in report.damage)
        return answers.JournalReport(schema=report.schema, payloads=report.payloads, files=report.files, damage=damage)
