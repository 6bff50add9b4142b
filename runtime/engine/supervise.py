"""The supervisor: drives one execution until it ends or leaves memory, whatever happens on the way.

An error never goes further than here. What the execution does at its end follows from its hold: its result is the
answer, or is recorded as a callback.
"""

from __future__ import annotations

import structlog
import trio

from runtime.engine.ending import Ending, callback_of, ending_of, failed, new_callback, progress_of
from runtime.engine.execution import Execution
from runtime.engine.house import House
from runtime.engine.interruption import Abandoned, Parked, Suspended
from runtime.engine.result import Result
from runtime.engine.run import run
from runtime.errors import Fenced, StoreError
from runtime.flow.handover import Finished, SyncTimeout
from runtime.model.journal import NewCallback, Park, Status, Suspend, Yield
from runtime.observe.log import running_step

_log = structlog.get_logger("nuclide.engine")

WAITS_FOR_A_PERSON = "A person has to decide how this goes on."
UNDECIDED = "It is not known whether a call that must not be made twice has happened; an operator has to decide."

LAST_WORDS = 2.0  # seconds in which a stopping execution may give its claim back; after that the lease frees it


async def supervise(house: House, execution: Execution) -> None:
    """Drive an execution until it ends or leaves memory; raises nothing but Cancelled."""
    row = execution.row
    step = running_step.set(lambda: execution.context.step)
    try:
        with structlog.contextvars.bound_contextvars(execution=row.id, process=row.process):
            await _guarded(house, execution)
    finally:
        running_step.reset(step)


async def _guarded(house: House, execution: Execution) -> None:
    try:
        await _live(house, execution)
    except trio.Cancelled:
        await _give_back(execution)
        raise
    except Fenced:
        _log.info("another owner has taken this execution over")
        house.drop(execution)
    except StoreError as error:
        _without_disk(house, execution, error)
    except Exception as error:  # noqa: BLE001 - the execution supervisor
        _log.error("execution failed unexpectedly", exc_info=error)
        await _fail(house, execution, f"{type(error).__name__}: {error}")


async def _live(house: House, execution: Execution) -> None:
    row = execution.row
    try:
        async with execution.slot.taken():
            result = await _drive(execution, house.clock.now())
        await _end(house, execution, result)
    except Suspended as turn:
        await execution.log.flush(Suspend(row.id, row.epoch, turn.due))
        house.drop(execution)
    except Parked as turn:
        await _park(house, execution, turn.reason)
    except Abandoned:
        _log.info("execution abandoned: its caller has gone")
        await _tell(house, execution, failed(Status.CANCELLED, "engine.abandoned", "The caller has gone."))


async def _drive(execution: Execution, now: float) -> Result:
    deadline = execution.process.process.options.deadline
    if deadline is None:
        return await run(execution.process, execution.row.process, execution.documents, execution.context)
    with trio.move_on_after(max(0.0, execution.row.started_at + deadline - now)) as scope:
        execution.context.deadline = scope.deadline
        return await run(execution.process, execution.row.process, execution.documents, execution.context)
    message = f"the process has run longer than its deadline of {deadline:g} s"
    return Result(status=Status.ERROR, code="engine.deadline", message=message)


async def _end(house: House, execution: Execution, result: Result) -> None:
    call, action = execution.start.call, execution.action
    if call is None or action is None:
        ending = failed(result.status, result.code, result.message)
    else:
        ending = await ending_of(result, call, action, execution.context.contents)
    if execution.log.durable:
        await execution.log.flush()
    await _tell(house, execution, ending)


async def _tell(house: House, execution: Execution, ending: Ending) -> None:
    """Let the hold decide what becomes of the ending."""
    house.end(ending.status, house.clock.now() - execution.row.started_at)
    if ending.status is Status.ERROR:
        _log.warning("execution failed", code=ending.code, reason=ending.message)
    hold = execution.hold or execution.open_hold()
    hold.ending = ending
    if execution.row.token is not None and ending.status is not Status.CANCELLED:
        house.tokens.answered(execution.row.token, execution.id, ending)
    hold.post(Finished())
    if hold.is_closed:
        await execution.close()


async def _park(house: House, execution: Execution, reason: str) -> None:
    """Set the execution aside; a caller that still waits is told WAIT first."""
    _log.warning("execution parked: a person must decide", reason=reason)
    if execution.hold is not None:
        execution.hold.post(SyncTimeout())
        await execution.hold.settled()
    if execution.log.durable:
        told = _told_when_parked(house, execution)
        await execution.log.flush(*told, Park(execution.id, execution.row.epoch, reason))
        house.wake_outbox()
    else:
        _log.error("parked work could not be kept; its caller was told", reason=reason)
    house.drop(execution)


def _told_when_parked(house: House, execution: Execution) -> list[NewCallback]:
    """Give what the caller of parked work is told: that it waits for a person, and a fault if that takes long."""
    call, row, settings = execution.start.call, execution.row, house.settings
    if call is None:
        return []
    fault = failed(Status.ERROR, "engine.parked", UNDECIDED)
    now = house.clock.now()
    later = now + settings.park_answer_after
    told = [(progress_of(call, WAITS_FOR_A_PERSON), now), (callback_of(fault, call, execution.start.uri), later)]
    return [
        new_callback(request, row.id, row.epoch, due, settings.expire_after)
        for request, due in told
        if request is not None
    ]


def _without_disk(house: House, execution: Execution, error: StoreError) -> None:
    """The disk refuses: tell a caller that still waits; durable work goes on when its lease has ended."""
    _log.error("execution stopped: its journal cannot be written", error=str(error))
    hold = execution.hold
    if hold is not None and hold.is_held:
        hold.ending = failed(Status.ERROR, error.code, error.message)
        hold.post(Finished())
    house.drop(execution)


async def _fail(house: House, execution: Execution, message: str) -> None:
    try:
        await _tell(house, execution, failed(Status.ERROR, "engine.unexpected", message))
    except StoreError as error:
        _without_disk(house, execution, error)


async def _give_back(execution: Execution) -> None:
    """Give the claim back while stopping, so that the next daemon goes on at once."""
    if not execution.log.durable:
        return
    with trio.CancelScope(shield=True), trio.move_on_after(LAST_WORDS):
        try:
            await execution.log.flush(Yield(execution.id, execution.row.epoch))
        except StoreError as error:
            _log.info("a claim could not be given back; its lease will end", error=str(error))
