"""Replay: a new execution of what a finished one began with, linked to it; the original stays as it is.

From the start, or from a step: then what was written down before that step first ran is taken over, and is not run
again. In the version that the original ran on, or in the live one; and with another document, which is on record. A
replay answers nobody: its caller had its answer long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from runtime.bundle.findings import suggest
from runtime.engine.admission import admitted
from runtime.engine.compile import CompiledProcess
from runtime.engine.deployment import Deployment
from runtime.engine.disk import refuse_in_trouble
from runtime.engine.execution import Execution
from runtime.engine.house import House
from runtime.engine.records import AnsweredRecord, Record, RestartRecord, WaitRecord, decode, encode, files_of
from runtime.engine.rehearsal import unfolded
from runtime.engine.start import Start, decode_start, start_documents
from runtime.engine.start import files_of as files_of_start
from runtime.engine.step import CallStep, ForkStep, Step
from runtime.engine.supervise import supervise
from runtime.errors import RequestError
from runtime.ids import execution_id
from runtime.model.journal import Append, Audit, ExecutionRow, Status
from runtime.model.process import Process


class ReplayOrder(Struct, frozen=True, kw_only=True):
    """What to replay. `step` is the id or label of a step; `documents` replace those that the original began with."""

    execution: str
    who: str
    step: str | None = None
    documents: tuple[bytes, ...] | None = None


async def replay(house: House, order: ReplayOrder, original: Deployment | None, chosen: Deployment) -> str:
    """Begin a replay in the version `chosen`; give its id. `original` is the version that the original ran on.

    Raises:
        RequestError: it cannot be replayed in this way; the message says why.
        StoreError: what the original began with cannot be read, or the replay not be accepted.
        Unavailable: the disk is in trouble.
    """
    refuse_in_trouble(house)
    row = await house.store.journal.execution(order.execution)
    if row is None:
        raise RequestError("engine.unknown-execution", f"There is no execution {order.execution}", status=404)
    if not row.status.finished:
        raise RequestError(
            "engine.not-finished", f"{row.id} is {row.status}: only what has ended is replayed", status=409
        )
    if row.process not in chosen.processes:
        message = f"version {chosen.bundle.version} of {row.bundle} has no process '{row.process}'"
        raise RequestError("engine.no-process", message, status=409)
    start = await _start(house, row, order)
    records = [] if order.step is None else await _before(house, row, order.step, original, chosen)
    return await _begin(house, order, chosen, start, records, row=row)


async def _start(house: House, row: ExecutionRow, order: ReplayOrder) -> Start:
    data = await house.store.journal.start(row.id)
    if data is None and order.documents is None:
        message = f"what {row.id} began with is not kept (any more)"
        hint = (
            "give a document with --document, or raise history.replay_for; nothing is kept of a bundle with redaction"
        )
        raise RequestError("engine.not-kept", f"{message}: {hint}", status=409)
    start = Start(()) if data is None else decode_start(data)
    if order.documents is not None:
        start = msgspec.structs.replace(start, documents=start_documents([*order.documents]))
    return msgspec.structs.replace(start, call=None, uri="", passed=None)


async def _before(
    house: House, row: ExecutionRow, step: str, original: Deployment | None, chosen: Deployment
) -> list[Record]:
    """Give what was written down before the step first ran.

    Raises:
        RequestError: it never ran, or what ran before it is another thing in the chosen version.
    """
    process = chosen.processes[row.process].process
    identity = _identity(process, step)
    found = await _records(house, row, original)
    restarts = [number for number, record in enumerate(found) if isinstance(record, RestartRecord)]
    found = found[restarts[-1] + 1 :] if restarts else found
    at = next((number for number, record in enumerate(found) if _step(record) == identity), None)
    if at is None:
        message = f"{row.id} has not reached the step '{step}', or nothing of it is kept"
        raise RequestError("engine.step-not-reached", message, status=409)
    before: list[Record] = [record for record in found[:at] if not isinstance(record, WaitRecord | AnsweredRecord)]
    if chosen is not original and (original is None or not _same(original, chosen, row.process, before, identity)):
        message = f"what ran before '{step}' is not the same in version {chosen.bundle.version}"
        raise RequestError(
            "engine.other-steps", f"{message}: replay from the start, or in the same version", status=409
        )
    return before


async def _records(house: House, row: ExecutionRow, original: Deployment | None) -> list[Record]:
    """Give what was written down of an execution; nothing where the version that it ran on is needed, and has gone."""
    data = await house.store.journal.start(row.id)
    start = None if data is None else decode_start(data)
    if start is None or start.passed is None:
        return [decode(record) for record in await house.store.journal.records(row.id)]
    return [] if original is None else [*await unfolded(house, original.processes[row.process], start)]


def _identity(process: Process, step: str) -> str:
    for shape in process.shapes:
        if step in {shape.id, shape.name}:
            return shape.id
    hint = suggest(step, [shape.name for shape in process.shapes])
    raise RequestError(
        "engine.unknown-step", f"the process '{process.name}' has no step '{step}'", status=404, hint=hint
    )


def _step(record: Record) -> str | None:
    return None if isinstance(record, RestartRecord | AnsweredRecord) else record.at.step


def _same(original: Deployment, chosen: Deployment, process: str, records: Iterable[Record], identity: str) -> bool:
    """Whether what has run is the same in both versions, wherever it stands in their files.

    Steps that have run are remembered by their position, which the forks and calls on the way to them make: those are
    written down nowhere, so each that may lead to such a step, or to the one to begin with, has to be the same, too.
    """
    ran = {ran for record in records if (ran := _step(record)) is not None}
    if not ran <= set().union(*(original.processes[name].steps for name in original.processes)):
        return False
    waiting, seen = [(process, ran | {identity})], {process}
    while waiting:
        name, wanted = waiting.pop()
        old, new = original.processes[name], chosen.processes.get(name)
        if new is None:
            return False
        matters = _leading_to(old, wanted) - ({identity} if name == process else set())
        if any(_shape(old.process, step) != _shape(new.process, step) for step in (old.process.start.id, *matters)):
            return False
        called = {step.process for each in matters if isinstance(step := old.steps[each], CallStep)} - seen
        seen |= called
        waiting += [(other, ran) for other in called]
    return True


def _leading_to(process: CompiledProcess, wanted: set[str]) -> set[str]:
    """Give the steps of a process that are wanted, and the forks and calls from which one of them can be reached."""
    leading = wanted & process.steps.keys()
    found = set(leading)
    while True:
        more = {name for name, step in process.steps.items() if not leading.isdisjoint(_onward(step))} - leading
        if not more:
            return found
        leading |= more
        found |= {name for name in more if isinstance(process.steps[name], ForkStep | CallStep)}


def _onward(step: Step) -> Iterable[str]:
    return (target for target in step.targets if target is not None)


def _shape(process: Process, identity: str) -> object:
    for shape in process.shapes:
        if shape.id == identity:
            return _without_places(msgspec.to_builtins(shape, str_keys=True))
    return None


def _without_places(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_places(inner) for key, inner in value.items() if key != "place"}
    if isinstance(value, list | tuple):
        return [_without_places(inner) for inner in value]
    return value


async def _begin(
    house: House, order: ReplayOrder, chosen: Deployment, start: Start, records: Sequence[Record], *, row: ExecutionRow
) -> str:
    now, bundle = house.clock.now(), chosen.bundle
    process = chosen.processes[row.process].process
    made = ExecutionRow(
        id=execution_id(now),
        bundle=bundle.name,
        version=bundle.version,
        digest=bundle.digest,
        process=process.name,
        mode=process.options.mode,
        status=Status.RUNNING,
        started_at=now,
        owner=house.owner,
        epoch=1,
        lease_until=now + house.settings.lease,
        origin=row.id,
    )
    detail = [f"as {made.id}", *([f"from {order.step}"] if order.step else [])]
    detail += ["with another document"] if order.documents is not None else []
    audit = Audit(at=now, who=order.who, what="replayed", execution=row.id, detail=", ".join(detail))
    ticket = admitted(house, chosen, made, start)
    execution = Execution(house, made, start, chosen, durable=False, inline=False, ticket=ticket)
    try:
        await _copy(
            house, row.id, made.id, [*files_of_start(start), *(n for record in records for n in files_of(record))]
        )
        appended = [Append(made.id, made.epoch, tuple(map(encode, records)))] if records else []
        await house.store.journal.commit([execution.accept, *appended, audit])
    except BaseException:
        house.drop(execution)
        raise
    execution.log.durable = True
    execution.log.remember([encode(record) for record in records])
    execution.control.hand_over()
    house.nursery.start_soon(supervise, house, execution, name=f"execution {made.id}")
    return made.id


async def _copy(house: House, original: str, made: str, needed: Iterable[str]) -> None:
    """Give the replay the files that it begins with, durably."""
    names = list(dict.fromkeys(needed))
    for name in names:
        await house.store.documents.copy(original, name, made)
    if names:
        await house.store.documents.sync(made, names)
