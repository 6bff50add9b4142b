"""Recovery: a loop that takes over what nobody works on, from the first second of the daemon to its last.

It serves crashes, graceful stops and waits alike: each leaves a row that can be claimed. A claim raises the execution's
epoch, so that an owner that was only slow is fenced and writes nothing more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
import trio

from runtime.engine.admission import admitted_again
from runtime.engine.deployment import Deployment
from runtime.engine.ending import UNREADABLE, Ending, callback_of, failed, new_callback
from runtime.engine.execution import Execution
from runtime.engine.hold import released
from runtime.engine.house import House
from runtime.engine.start import Start, decode_start
from runtime.engine.supervise import give_back, supervise
from runtime.errors import Fenced, StoreError
from runtime.flow.handover import Finished
from runtime.model.journal import ExecutionRow, Finish, Forget, Operation, Renew, Status

_log = structlog.get_logger("nuclide.recovery")

CLAIMS = 64  # executions taken over at once: enough to fill the places quickly, few enough to start fairly

Find = Callable[[ExecutionRow], Awaitable[Deployment | None]]


async def recover(house: House, find: Find, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Take over what can be claimed, for ever. `find` gives the version of a bundle that an execution began on."""
    task_status.started()
    while True:
        try:
            while await take_over(house, find) == CLAIMS:
                pass
            await _forget(house)
        except StoreError as error:
            _log.warning("cannot recover executions now", error=str(error))
        with trio.move_on_after(house.settings.recovery_interval):
            await house.unowned()


async def keep_claims(house: House) -> None:
    """Prolong the claims of this daemon, three times in each lease, for ever."""
    while True:
        await trio.sleep(house.settings.lease / 3)
        try:
            await house.store.journal.commit([Renew(house.owner, house.clock.now() + house.settings.lease)])
        except StoreError as error:
            _log.warning("cannot prolong claims now", error=str(error))


async def take_over(house: House, find: Find) -> int:
    """Take over what can be claimed, as far as there are places; give how many these are."""
    limit = min(CLAIMS, house.free_places)
    if limit == 0:
        return 0
    now = house.clock.now()
    rows = await house.store.journal.claim(house.owner, now, now + house.settings.lease, limit)
    if rows:
        house.wake_outbox()
    for row in rows:
        house.nursery.start_soon(_resume, house, find, row, name=f"execution {row.id}")
    return len(rows)


async def _forget(house: House) -> None:
    await house.store.journal.commit([Forget(house.clock.now() - house.settings.repeated_answers_for)])


async def _resume(house: House, find: Find, row: ExecutionRow) -> None:
    try:
        execution = await _load(house, find, row)
    except Fenced:
        return
    except Exception as error:  # noqa: BLE001 - the execution supervisor: one that cannot be loaded harms no other
        _log.warning("an execution could not be loaded; trying again later", execution=row.id, exc_info=error)
        await give_back(house, row, house.settings.lease)
        return
    if execution is not None:
        _log.info("execution goes on", execution=row.id, process=row.process, epoch=row.epoch)
        await supervise(house, execution)


async def _load(house: House, find: Find, row: ExecutionRow) -> Execution | None:
    journal = house.store.journal
    data = await journal.start(row.id)
    if data is None:
        return None
    start = decode_start(data)
    deployment = await find(row)
    if deployment is None or row.process not in deployment.processes:
        await journal.commit(_without_version(house, row, start))
        house.wake_outbox()
        return None
    with deployment.held():
        records = await journal.records(row.id)
    ticket = None if row.parent is not None else admitted_again(house, deployment, row, start)  # reference 1.8
    execution = Execution(house, row, start, deployment, durable=True, inline=False, ticket=ticket)
    hold = execution.open_hold(released())
    refusal = _remembered(execution, records) or _refusal(execution)
    if refusal is None:
        return execution
    hold.ending = refusal
    hold.post(Finished())
    return None


def _remembered(execution: Execution, records: Sequence[bytes]) -> Ending | None:
    """Take in what the execution has done; where that cannot be read, going on could do it again."""
    try:
        execution.log.remember(records)
        if execution.row.due is not None:  # it was claimed because it had waited long enough
            execution.log.wait_is_over(execution.row.due)
    except StoreError as error:
        return failed(Status.ERROR, UNREADABLE, error.message)
    return None


def _refusal(execution: Execution) -> Ending | None:
    """Say why the process' own policy does not let the execution go on, if it does not."""
    policy, log = execution.process.process.options.recovery, execution.log
    has_begun = execution.row.parent is None or execution.row.epoch > 1
    waited = log.was_waiting and (execution.row.due is not None or not execution.process.forks)
    if policy == "resume" or waited or not has_begun:
        return None
    if policy == "restart" and not log.has_effects:
        log.forget()
        return None
    message = "The runtime was stopped while the process ran, and the process is set not to go on."
    return failed(Status.ERROR, f"recovery.{policy}", message)


def _without_version(house: House, row: ExecutionRow, start: Start) -> list[Operation]:
    message = f"Version {row.version} of bundle {row.bundle} is not there any more."
    ending = failed(Status.ERROR, "recovery.no-version", message)
    finish = Finish(
        execution=row.id,
        epoch=row.epoch,
        status=ending.status,
        finished_at=house.clock.now(),
        message=ending.message,
        answer=ending.encode(),
    )
    request = None if start.call is None else callback_of(ending, start.call, start.uri, row.id)
    if request is None:
        return [finish]
    return [new_callback(request, row.id, row.epoch, house.clock.now(), house.settings.expire_after), finish]
