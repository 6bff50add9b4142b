"""The part of the admin API that is about what executions do: their logs, their documents, and how to stop them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from runtime.engine.cancelling import cancel
from runtime.engine.house import House
from runtime.engine.recorders import LEFT, Recorders
from runtime.errors import RequestError
from runtime.model.record import ExecutionRecord, Line
from runtime.web import record_answers as answers
from runtime.web.admin_api import Which
from runtime.web.admin_work import Who
from runtime.web.api import Endpoint, Parameters

PATIENCE = 5.0  # seconds that an answer may be waited for: well below the patience of the command line


class TailQuery(Parameters, frozen=True, kw_only=True):
    """Asks for lines after number `after`; without one, for those to come. `execution`: of that one only.

    `wait` is for how many seconds a first line may be waited for.
    """

    after: Annotated[int, Meta(ge=0)] | None = None
    execution: str | None = None
    wait: Annotated[float, Meta(ge=0, le=PATIENCE)] = PATIENCE


class Cancel(Parameters, frozen=True, kw_only=True):
    """Orders that an execution stop; `reason` is told to its caller."""

    execution: str
    who: Who
    reason: Annotated[str, Meta(max_length=500)] = ""


def record_rows(house: House, recorders: Recorders) -> tuple[Endpoint, ...]:
    """Give the endpoints."""

    async def found(identity: str) -> ExecutionRecord:
        record = await recorders.find(identity)
        if record is None:
            message = "There is no record of this execution: it is not known, too old, or its mode keeps none"
            raise RequestError("web.no-record", message, status=404)
        row = await house.store.journal.execution(identity) if record.status == LEFT else None
        return record if row is None else replace(record, status=row.status.value)

    async def log(which: Which) -> answers.ProcessLog:
        return _log(await found(which.id))

    async def trace(which: Which) -> answers.ExecutionTrace:
        return _trace(await found(which.id))

    async def tail(query: TailQuery) -> answers.Tail:
        number, lines = await recorders.tail(query.after, query.execution, query.wait)
        told = tuple(log_line(each.line, each.execution) for each in lines)
        return answers.Tail(lines=told, next=number, live=query.execution is None or recorders.is_live(query.execution))

    async def stop(order: Cancel) -> answers.Cancelled:
        state = await cancel(house, order.execution, who=order.who, reason=order.reason)
        return answers.Cancelled(execution=order.execution, state=state)

    return (
        _asking("/api/executions/{id}/log", "The process log of an execution, and its steps", answers.ProcessLog, log),
        _asking("/api/executions/{id}/trace", "Documents at the steps", answers.ExecutionTrace, trace),
        Endpoint(
            path="/api/tail",
            summary="The newest lines of all process logs; waits a few seconds for one",
            parameters=TailQuery,
            answer=answers.Tail,
            handle=tail,
        ),
        Endpoint(
            path="/api/cancel",
            summary="Stop an execution; whoever waits for it is told",
            method="POST",
            parameters=Cancel,
            answer=answers.Cancelled,
            handle=stop,
        ),
    )


def _asking(path: str, summary: str, answer: type, handle: Callable[[Which], Awaitable[object]]) -> Endpoint:
    return Endpoint(path=path, summary=summary, parameters=Which, answer=answer, handle=handle)


def _log(record: ExecutionRecord) -> answers.ProcessLog:
    return answers.ProcessLog(
        execution=record.id,
        process=record.process,
        bundle=record.bundle,
        version=record.version,
        mode=record.mode,
        status=record.status,
        message=record.message,
        lines=tuple(log_line(line) for line in record.lines),
        left_out=record.lines_left_out,
        steps=tuple(
            answers.StepTiming(
                process=each.process,
                step=each.step,
                name=each.name,
                runs=each.runs,
                documents_in=each.documents_in,
                documents_out=each.documents_out,
                failed=each.failed,
                seconds=each.seconds,
            )
            for each in record.timings
        ),
    )


def _trace(record: ExecutionRecord) -> answers.ExecutionTrace:
    seen = tuple(
        answers.SeenAtStep(
            at=_time(each.at),
            process=each.process,
            step=each.step,
            name=each.name,
            count=each.count,
            documents=each.documents,
        )
        for each in record.seen
    )
    return answers.ExecutionTrace(execution=record.id, status=record.status, seen=seen, left_out=record.seen_left_out)


def log_line(line: Line, execution: str | None = None) -> answers.LogLine:
    """Give a line as the API tells it."""
    return answers.LogLine(
        at=_time(line.at),
        level=line.level,
        process=line.process,
        step=line.step,
        text=line.text,
        execution=execution,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
