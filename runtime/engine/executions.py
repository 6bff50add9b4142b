"""Executions: how they begin, for a call of Flow or out of the journal.

One that can wait is a task of the nursery that `open_executions` opens; one that never waits runs in its caller's task.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import trio
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.engine.admission import admitted, check_room, joined
from runtime.engine.compile import CompiledProcess
from runtime.engine.deployment import Action, Deployment
from runtime.engine.disk import refuse_in_trouble
from runtime.engine.ending import failed
from runtime.engine.execution import Answering, Execution
from runtime.engine.hold import Hold
from runtime.engine.house import ExecutionSettings, House
from runtime.engine.live_services import Bound
from runtime.engine.observer import Observer
from runtime.engine.persisting import Kept, first_properties, kept_of
from runtime.engine.recorders import Recorders
from runtime.engine.start import Start, start_documents, token_digest
from runtime.engine.supervise import supervise
from runtime.errors import NuclideError, TokenTaken, Unavailable
from runtime.flow.handover import Finished
from runtime.flow.requests import ActionCall
from runtime.ids import execution_id
from runtime.model.document import NO_PROPERTIES, Document, Properties, root_identity
from runtime.model.journal import ExecutionRow, Status
from runtime.model.record import Depth
from runtime.observe.metrics import Metrics
from runtime.store.protocols import Store


async def begin_call(
    house: House,
    deployment: Deployment,
    action: Action,
    call: ActionCall,
    uri: str,
    *,
    headers: Properties = NO_PROPERTIES,
    debug: bool = False,
    depth: Depth | None = None,
    driven: bool = False,
) -> Hold:
    """Begin the execution of a Flow call, or join the one that serves its token already.

    `headers` are those of the request that the process sees, as properties of its document. `debug`: this one execution
    runs in general mode, whatever its process says (the platform's Low Latency Debug).
    `depth` is how much is noted of it for people, where that is asked for. `driven`: the generated function of its
    process has been tried already, and is not run again.

    Raises:
        Unavailable: the listener is paused, too many executions wait for a place, the process refuses others while it
            runs, or the token's earlier call is just ending.
        RequestError: the process' key cannot be computed for the call.
        StoreError: the process is durable from its start, and the journal cannot take it.
    """
    token = token_digest(call.service, call.action, call.tenant_id, call.token)
    known = house.tokens.known(token)
    kept: Kept = {}
    if known is None:
        with deployment.held():
            before = await house.tokens.from_journal(token)
            kept = await _kept(house, deployment, action.process)
        known = house.tokens.known(token) or before  # another call with this token may have begun meanwhile
    if known is not None:
        return known
    house.listeners.call(deployment.bundle.name, action.process.process.name)
    check_room(house)
    properties = _properties(deployment, action.process.process.name, kept, call.properties)
    documents = (Document(root_identity(0), call.document, headers),)
    start = Start(documents, properties, call, uri, kept=kept)
    row = _row(house, deployment, action.process, token, debug=debug)
    durable = row.mode != "low latency"
    behind = durable and call.may_wait and action.process.brief
    inline = behind or _is_inline(action.process, row)
    if durable or not inline:
        refuse_in_trouble(house)
    ticket = admitted(house, deployment, row, start)
    execution = Execution(
        house,
        row,
        start,
        deployment,
        durable=False,
        inline=inline,
        behind=behind,
        ticket=ticket,
        depth=depth,
        driven=driven,
    )
    hold = execution.open_hold()
    if durable and not behind:
        other = await _accept(house, execution, token)
        if other is not None:
            return other
    if inline:
        await supervise(house, execution)
    else:
        house.nursery.start_soon(supervise, house, execution, name=f"execution {row.id}")
    return hold


async def begin_request(
    house: House,
    bound: Bound,
    start: Start,
    answering: Answering,
    identity: str | None = None,
    *,
    debug: bool = False,
    depth: Depth | None = None,
) -> Hold:
    """Begin the execution of a call without a token to join by, whose answer `answering` makes.

    `debug` and `depth` are as for `begin_call`. `identity` is the id of the execution where files were written for it
    already; they are its own from now on.

    Raises:
        Unavailable: the listener is paused, too many executions wait for a place, or the process refuses others while
            it runs.
        RequestError: the process' key cannot be computed for the call.
        StoreError: the process is durable from its start, and the journal cannot take it.
    """
    deployment, process = bound.deployment, bound.process
    house.listeners.call(deployment.bundle.name, process.process.name)
    check_room(house)
    with deployment.held():
        kept = await _kept(house, deployment, process)
    properties = _properties(deployment, process.process.name, kept, start.properties)
    start = replace(start, properties=properties, kept=kept)
    row = _row(house, deployment, process, None, identity, debug=debug)
    durable = row.mode != "low latency"
    inline = _is_inline(process, row)
    if not inline:
        refuse_in_trouble(house)
    ticket = admitted(house, deployment, row, start)
    execution = Execution(
        house, row, start, deployment, durable=False, inline=inline, answering=answering, ticket=ticket, depth=depth
    )
    hold = execution.open_hold()
    if durable:
        try:
            await execution.make_durable()
        except BaseException as error:
            _not_accepted(house, execution, error)
            raise
    if inline:
        await supervise(house, execution)
    else:
        house.nursery.start_soon(supervise, house, execution, name=f"execution {row.id}")
    return hold


async def begin_process(
    house: House,
    deployment: Deployment,
    process: str,
    contents: Sequence[bytes | Document],
    properties: Mapping[str, str],
    *,
    token: str | None = None,
    debug: bool = False,
    depth: Depth | None = None,
) -> str:
    """Begin an execution that nobody's request holds, durable from its start; give its id.

    Without contents the process starts with one empty document, as a No Data start does. With a `token` it begins once,
    however often it is asked for. Where the process coalesces its executions, the id may be that of one that waits.

    Raises:
        Unavailable: too many executions wait for a place, or the process refuses others while it runs.
        TokenTaken: an execution with this token has begun before.
        StoreError: the journal cannot take it.
    """
    check_room(house)
    refuse_in_trouble(house)
    with deployment.held():
        kept = await _kept(house, deployment, deployment.processes[process])
    first = _properties(deployment, process, kept, dict(properties))
    start = Start(start_documents([*contents] or [b""]), first, kept=kept)
    row = _row(house, deployment, deployment.processes[process], token, debug=debug)
    other = joined(house, deployment, row, start)
    if other is not None:
        return other
    ticket = admitted(house, deployment, row, start)
    execution = Execution(house, row, start, deployment, durable=False, inline=False, ticket=ticket, depth=depth)
    try:
        await execution.make_durable()
    except BaseException:
        house.drop(execution)
        raise
    execution.control.hand_over()
    house.nursery.start_soon(supervise, house, execution, name=f"execution {row.id}")
    return row.id


async def _kept(house: House, deployment: Deployment, process: CompiledProcess) -> Kept:
    """Give what the process, and those that it calls, have kept from earlier runs; most keep nothing."""
    if not process.keeping:
        return {}
    return await kept_of(house.store.journal, deployment.bundle.name, process.keeping)


def _properties(deployment: Deployment, process: str, kept: Kept, given: dict[str, str]) -> dict[str, str]:
    first = deployment.prepared.properties.get(process)
    of_process = kept.get(process)
    if not first and not of_process:
        return given
    return first_properties(first or {}, of_process or {}, given)


def _is_inline(process: CompiledProcess, row: ExecutionRow) -> bool:
    return row.mode == "low latency" and process.brief


async def _accept(house: House, execution: Execution, token: str) -> Hold | None:
    """Take an execution into the journal; give the hold of another that has its token already."""
    try:
        await execution.make_durable()
    except TokenTaken:
        house.drop(execution)
        other = await house.tokens.from_journal(token)
        if other is None:
            raise Unavailable("executions.token-busy", "the earlier call with this token is just ending") from None
        return other
    except BaseException as error:
        _not_accepted(house, execution, error)
        raise
    return None


def _not_accepted(house: House, execution: Execution, error: BaseException) -> None:
    """Let an execution go that will not run, and tell those who have joined its call meanwhile."""
    if execution.hold is not None:
        reason = error.message if isinstance(error, NuclideError) else "The runtime is stopping."
        execution.hold.ending = failed(Status.ERROR, "executions.not-accepted", reason)
        execution.hold.post(Finished())
    house.drop(execution)


def _row(
    house: House,
    deployment: Deployment,
    compiled: CompiledProcess,
    token: str | None,
    identity: str | None = None,
    *,
    debug: bool = False,
) -> ExecutionRow:
    bundle, process, now = deployment.bundle, compiled.process, house.clock.now()
    return ExecutionRow(
        id=identity or execution_id(now),
        bundle=bundle.name,
        version=bundle.version,
        digest=bundle.digest,
        process=process.name,
        mode="general" if debug else process.options.mode,
        status=Status.RUNNING,
        started_at=now,
        owner=house.owner,
        epoch=1,
        lease_until=now + house.settings.lease,
        token=token,
    )


@asynccontextmanager
async def open_executions(
    store: Store,
    clock: Clock,
    settings: ExecutionSettings,
    *,
    owner: str,
    wake_outbox: Callable[[], None],
    metrics: Metrics | None = None,
    observe: Callable[[ExecutionRow], Observer | None] | None = None,
    recorders: Recorders | None = None,
) -> AsyncGenerator[House]:
    """Open the nursery of executions; when the block ends, those that still run give their claims back."""
    async with trio.open_nursery() as nursery:
        house = House(
            store,
            clock,
            settings,
            nursery,
            owner=owner,
            wake_outbox=wake_outbox,
            metrics=metrics,
            observe=observe,
            recorders=recorders,
        )
        yield house
        nursery.cancel_scope.cancel()
