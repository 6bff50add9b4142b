"""The supervisor: drives one execution until it ends or leaves memory, whatever happens on the way.

An error never goes further than here. What the execution does at its end follows from its hold: its result is the
answer, or is recorded as a callback.
"""

from __future__ import annotations

import structlog
import trio
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.engine.ending import UNREADABLE, Ending, callback_of, ending_of, failed, new_callback, progress_of
from runtime.engine.execution import Execution
from runtime.engine.hold import PAUSE, released
from runtime.engine.house import House
from runtime.engine.interruption import Abandoned, Cancelled, Parked, Suspended
from runtime.engine.result import Result
from runtime.engine.run import run
from runtime.errors import Fenced, StoreError
from runtime.flow.handover import DurableFailed, Finished, SyncTimeout
from runtime.model.journal import ExecutionRow, NewCallback, Park, Release, Status, Suspend, Yield
from runtime.model.web_service import WebListener
from runtime.observe.log import running
from runtime.observe.redaction import masking

_log = structlog.get_logger("nuclide.engine")

WAITS_FOR_A_PERSON = "A person has to decide how this goes on."
UNDECIDED = "It is not known whether a call that must not be made twice has happened; an operator has to decide."

BEYOND_REPAIR = {"store.missing", "store.damaged"}  # codes of what no disk that comes back can mend: to wait is no way
TIME_LIMIT = "flow.time-limit"  # the code of an ending: the call's own limit has passed

CANCELLED = "engine.cancelled"  # the code of an ending: a person has stopped the execution
DOUBTFUL = " A call was under way that must not be made twice; it is not known whether it happened."

LAST_WORDS = 2.0  # seconds in which a stopping execution may give its claim back; after that the lease frees it


async def supervise(house: House, execution: Execution) -> None:
    """Drive an execution until it ends or leaves memory; raises nothing but Cancelled."""
    told = running.set(execution.told)
    mask = masking.set(execution.masked)
    try:
        await _guarded(house, execution)
    finally:
        masking.reset(mask)
        running.reset(told)


async def _guarded(house: House, execution: Execution) -> None:
    try:
        await _live(house, execution)
    except Fenced:
        _log.info("another owner has taken this execution over")
        house.drop(execution)
    except StoreError as error:
        if error.code in BEYOND_REPAIR:
            await _fail(house, execution, failed(Status.ERROR, UNREADABLE, error.message))
        else:
            await _without_disk(house, execution, error)
    except Exception as error:  # noqa: BLE001 - the execution supervisor
        _log.error("execution failed unexpectedly", exc_info=error)
        ending = failed(Status.ERROR, "engine.unexpected", f"{type(error).__name__}: {error}")
        await _fail(house, execution, ending)
    except BaseException:  # Cancelled, alone or in the groups that nurseries make of it
        with trio.CancelScope(shield=True), trio.move_on_after(LAST_WORDS):
            await _last_words(house, execution)
        _leave(house, execution)
        raise


async def _live(house: House, execution: Execution) -> None:
    row = execution.row
    try:
        await _end(house, execution, await _drive(execution, house.clock))
    except Suspended as turn:
        await execution.log.flush(Suspend(row.id, row.epoch, turn.due, house.clock.now()))
        execution.sleep()
    except Parked as turn:
        await _park(house, execution, turn.reason)
    except Abandoned:
        _log.info("execution abandoned: its caller has gone")
        await _tell(house, execution, failed(Status.CANCELLED, "engine.abandoned", "The caller has gone."))
    except Cancelled as turn:
        _log.info("execution cancelled by a person")
        reason = turn.reason + (DOUBTFUL if execution.log.in_doubt else "")
        await _tell(house, execution, failed(Status.CANCELLED, CANCELLED, reason))


async def _drive(execution: Execution, clock: Clock) -> Result:
    """Run it while it holds its places, within its limit of time.

    Raises:
        Interruption: it does not end now.
    """
    limit, control = _limit(execution), execution.control
    if execution.inline and limit is None:
        return await _run(execution)
    while True:
        with trio.CancelScope() as scope:
            if limit is not None:
                scope.deadline = trio.current_time() + max(0.0, limit[0] - clock.now())
                execution.context.deadline = scope.deadline
            control.scope, control.queued = scope, True
            if control.cancelled is not None:
                scope.cancel()
            async with execution.slot.taken():
                control.queued = False
                return await _run(execution)
        if control.cancelled is not None:
            raise Cancelled(control.cancelled)
        if control.abandoned:
            raise Abandoned
        if limit is None or clock.now() < limit[0]:
            continue  # it was abandoned before it began, and another caller has joined it since
        if execution.log.in_doubt:
            raise Parked("the deadline passed while a call was under way that must not be made twice")
        return limit[1]


async def _run(execution: Execution) -> Result:
    return await run(execution.process, execution.row.process, execution.documents, execution.context)


def _limit(execution: Execution) -> tuple[float, Result] | None:
    """Give until when an execution may run (seconds since the epoch), and what its result is if it runs longer."""
    limits: list[tuple[float, Result]] = []
    listener = execution.process.process.listener
    longest, asked = execution.process.process.options.deadline, execution.start.deadline
    if longest is not None:
        message = f"the process has run longer than its deadline of {longest:g} s"
        late = Result(status=Status.ERROR, code="engine.deadline", message=message)
        limits.append((execution.row.started_at + longest, late))
    if asked is not None:
        whom = "its caller waits" if isinstance(listener, WebListener) else "Flow can wait for data and files"
        message = f"The process takes longer than {whom} (time limit of its listener)."
        limits.append((asked, Result(status=Status.ERROR, code=TIME_LIMIT, message=message)))
    return min(limits, key=lambda limit: limit[0], default=None)


async def _end(house: House, execution: Execution, result: Result) -> None:
    call = execution.start.call
    if execution.answering is not None:
        ending = await execution.answering(result, execution.context.contents)
    elif call is None:
        ending = Ending(status=result.status, code=result.code, message=result.message)
    else:
        ending = await ending_of(result, call, execution.outputs, execution.context.contents)
    hold = execution.hold
    if hold is not None and hold.is_held and execution.log.durable:
        ending = _masked(execution, ending)
        await execution.record_end(ending)  # then there must be no turn of the loop until it is told (hand_over looks)
    await _tell(house, execution, ending)


async def _tell(house: House, execution: Execution, ending: Ending) -> None:
    """Let the hold decide what becomes of the ending."""
    ending = _masked(execution, ending)
    house.end(execution.row, ending.status)
    if ending.status is Status.ERROR:
        _log.warning("execution failed", code=ending.code, reason=ending.message)
    execution.give_back()  # before its caller is answered, who may call again at once
    hold = execution.hold or execution.open_hold()
    hold.ending = ending
    if execution.row.token is not None:
        if ending.status is Status.CANCELLED:  # nothing was promised: whoever repeats the call begins anew
            house.tokens.end(execution.row.token, hold)
        else:
            house.tokens.answered(execution.row.token, execution.id, ending)
    hold.post(Finished())
    if hold.is_closed:
        await execution.close()


def _masked(execution: Execution, ending: Ending) -> Ending:
    return ending if ending.message is None else replace(ending, message=execution.masked(ending.message))


async def _park(house: House, execution: Execution, reason: str) -> None:
    """Set the execution aside; a caller that still waits is told WAIT first, or the fault where it cannot wait."""
    reason = execution.masked(reason)
    _log.warning("execution parked: a person must decide", reason=reason)
    hold = execution.hold or execution.open_hold(released())  # without one, nobody waits for it to be told
    if hold.is_held and not execution.can_wait:
        await execution.make_durable()
        hold.ending = failed(Status.ERROR, "engine.parked", UNDECIDED)
        hold.post(Finished())
    hold.post(SyncTimeout())
    await hold.let_go()
    if execution.log.durable:
        told = [] if hold.is_closed else _told_when_parked(house, execution)
        await execution.log.flush(Release(execution.id), *told, Park(execution.id, execution.row.epoch, reason))
        house.wake_outbox()
    else:
        _log.error("parked work could not be kept", reason=reason)
    house.drop(execution)


def _told_when_parked(house: House, execution: Execution) -> list[NewCallback]:
    """Give what the caller of parked work is told: that it waits for a person, and a fault if that takes long."""
    call, row, settings = execution.start.call, execution.row, house.settings
    if call is None or execution.log.answered:
        return []
    fault = failed(Status.ERROR, "engine.parked", UNDECIDED)
    now = house.clock.now()
    told = [
        (progress_of(call, WAITS_FOR_A_PERSON), 0.0),
        (callback_of(fault, call, execution.start.uri, execution.id), settings.park_answer_after),
    ]
    return [
        new_callback(request, row.id, row.epoch, now, settings.expire_after, after=after)
        for request, after in told
        if request is not None
    ]


async def _without_disk(house: House, execution: Execution, error: StoreError) -> None:
    """The disk refuses: tell a caller that still waits; durable work goes on when the disk takes its claim back."""
    _log.error("execution stopped: its journal cannot be written", error=str(error))
    hold = execution.hold
    if hold is not None:
        if hold.is_held:
            hold.post(DurableFailed())
        await hold.settled()
    if execution.log.durable and not execution.log.owes:
        house.nursery.start_soon(give_back, house, execution.row, PAUSE, name=f"give back {execution.id}")
    elif execution.context.has_files:
        await _erase(house, execution)
    house.drop(execution)


async def give_back(house: House, row: ExecutionRow, pause: float) -> None:
    """Give a claim back after a pause in seconds, again until the disk takes it.

    The daemon prolongs all its claims together: one that it has stopped working on does not end by itself.
    """
    while True:
        await trio.sleep(pause)
        try:
            await house.store.journal.commit([Yield(row.id, row.epoch)])
        except Fenced:
            return
        except StoreError as error:
            _log.warning("a claim cannot be given back now", execution=row.id, error=str(error))
        else:
            return


async def _erase(house: House, execution: Execution) -> None:
    try:
        await house.store.documents.erase(execution.id)
    except StoreError as error:
        _log.warning("files of an execution could not be erased", error=str(error))


async def _fail(house: House, execution: Execution, ending: Ending) -> None:
    try:
        await _tell(house, execution, ending)
    except StoreError as error:
        await _without_disk(house, execution, error)


async def _last_words(house: House, execution: Execution) -> None:
    """Leave nothing behind while stopping: durable work gives its claim back, so that the next daemon goes on at once.

    Other work is over: its files are erased.
    """
    if execution.log.durable:
        try:
            await execution.log.flush(Yield(execution.id, execution.row.epoch))
        except StoreError as error:
            _log.info("a claim could not be given back; its lease will end", error=str(error))
    elif execution.context.has_files:
        await _erase(house, execution)


def _leave(house: House, execution: Execution) -> None:
    """Let stopped work go; callers that share it, and were promised nothing, are told."""
    hold = execution.hold
    if hold is not None and hold.is_held and not execution.log.durable:
        hold.ending = failed(Status.CANCELLED, "engine.stopped", "The execution was stopped.")
        hold.post(Finished())
    house.drop(execution)
