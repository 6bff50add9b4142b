"""A durable call answered by nothing but its function and one commit, where its process is one generated function.

The function runs at once. What it leaves goes into the next group commit, its beginning and its end in one, and the
call is answered when that is on the disk. Until then whoever repeats the token joins it; a daemon that is killed before
has promised nothing. What the driver would have left is left all the same, but for records of steps: they are made of
the function's when somebody replays from a step. A call that does not go well begins an execution, as it would have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
import trio
from msgspec import Struct

from runtime.engine.contents import held
from runtime.engine.context import Context, Facts, tightened
from runtime.engine.ending import UNREADABLE, Ending, failed
from runtime.engine.executions import new_row
from runtime.engine.generated.run import Flown, flown_of
from runtime.engine.hold import Hold, Writes
from runtime.engine.log import ExecutionLog
from runtime.engine.persisting import first_properties
from runtime.engine.places import Control, Slot
from runtime.engine.records import Passed, encode_flight
from runtime.engine.redaction import Secrets
from runtime.engine.start import Start, encode_start, token_digest
from runtime.engine.supervise import BEYOND_REPAIR
from runtime.engine.tracking import found_by
from runtime.errors import Fault, StoreError
from runtime.flow.answers import forward
from runtime.flow.handover import DurableFailed, Finished
from runtime.model.document import Document, Properties, root_identity
from runtime.model.journal import Accept, Append, ExecutionRow, Finish, Operation, Status
from runtime.observe.log import running
from runtime.observe.redaction import masking

if TYPE_CHECKING:
    from runtime.engine.deployment import Action, Deployment
    from runtime.engine.generated.source import Generated
    from runtime.engine.house import House
    from runtime.flow.requests import ActionCall

_FIRST = root_identity(0)
_log = structlog.get_logger("nuclide.engine")


class Settled(Struct, frozen=True):
    """What became of a call: its ending, which is on the disk, or None where nothing could be kept and is promised."""

    execution: str
    ending: Ending | None


Tell = Callable[[Settled], None]


class _Ran(Struct, frozen=True):
    """A run that went well, and is not written down yet."""

    row: ExecutionRow
    token: str
    flown: Flown
    ending: Ending
    tracked: tuple[tuple[str, str], ...]
    hold: Hold
    written: trio.Event


def durable_express_of(house: House, deployment: Deployment, action: Action, *, debug: bool) -> DurableExpress | None:
    """Give what answers the durable calls of an action, all or with `debug`; None where each is an execution."""
    key = (action.codec.service, action.codec.action, debug)
    try:
        return deployment.durable_express[key]
    except KeyError:
        traced = action.process.traced if _fits(house, deployment, action, debug=debug) else None
        made = None if traced is None else DurableExpress(house, deployment, action, traced, debug=debug)
        deployment.durable_express[key] = made
        return made


def _fits(house: House, deployment: Deployment, action: Action, *, debug: bool) -> bool:
    process, options = action.process, action.process.process.options
    durable = debug or options.mode != "low latency"
    return (
        durable
        and process.brief
        and not process.keeping
        and options.deadline is None
        and not deployment.bundle.redaction
        and house.observe is None
    )


class DurableExpress:
    """Answers the calls of one action of one version, each by one commit."""

    def __init__(self, house: House, deployment: Deployment, action: Action, traced: Generated, *, debug: bool) -> None:
        self._house = house
        self._deployment = deployment
        self._process = action.process
        self._name = action.process.process.name
        self._debug = debug
        self._key = (deployment.bundle.name, self._name)
        self._runtime = house.owner.partition(":")[0]
        self._service, self._action = action.codec.service, action.codec.action
        self._outputs = deployment.outputs(self._service, self._action, self._name)
        self._traced = traced
        self._first = first_properties(deployment.prepared.properties.get(self._name, {}), {}, {})
        self._secrets = Secrets(deployment.marks, deployment.known) if deployment.has_secrets else None
        self._context = Context(
            self._facts("", 0.0),
            ExecutionLog(house.store.journal, house.store.documents, "", 0, durable=False, kept=False),
            house.store.documents,
            house.clock,
            connections=deployment.connections,
            limits=tightened(house.settings.engine, deployment.bundle.limits),
            control=Control(),
            slot=Slot(),
            secrets=self._secrets,
            workers=deployment.workers,
            load=house.fibers,
        )

    def begin(self, call: ActionCall, headers: Properties, tell: Tell) -> bool:
        """Run a call and have it written down, after which `tell` is called, in a row with those of its commit.

        False for a call that has to be an execution, or joins one: nothing has happened then, and `tell` is not called.
        """
        house, attempts = self._house, self._traced.attempts
        if not call.may_wait or not attempts.due() or house.is_full or self._key in house.listeners.paused:
            return False
        token = token_digest(self._service, self._action, call.tenant_id, call.token)
        began = house.clock.now()
        if house.store.trouble() is not None or not house.tokens.is_new(token, began):
            return False
        row = new_row(house, self._deployment, self._process, token, house.ids.new(began), debug=self._debug)
        told = running.set(lambda: self._told_of(row.id))
        mask = None if self._secrets is None else masking.set(self._secrets.masked)
        try:
            ran = self._ran(row, token, call, headers)
            if ran is None:
                attempts.failed()
                return False
            attempts.succeeded()
            operations = self._operations(ran, call, headers)
            house.store.journal.submit(operations, lambda error: self._written(ran, tell, error))
            if house.recorders is not None:
                house.recorders.tell_flight(row.id, ran.flown.flight)
        except StoreError:  # too much waits for the disk, or it is closed: an execution waits, or tells why it cannot
            return False
        finally:
            if mask is not None:
                masking.reset(mask)
            running.reset(told)
        house.listeners.call(*self._key)
        ran.hold.join()
        house.tokens.begin(token, ran.hold)
        return True

    def _ran(self, row: ExecutionRow, token: str, call: ActionCall, headers: Properties) -> _Ran | None:
        """Run the function; None where it is left, or nothing can be made of what it gives."""
        context = self._context
        context.renew(self._facts(row.id, row.started_at), {**self._first, **call.properties})
        try:
            flown = flown_of(self._traced, self._name, Document(_FIRST, call.document, headers), context)
            if flown is None or len(flown.returned) > 1:
                return None
            body = forward(call, self._outputs, [held(each) for each in flown.returned]).body
            tracked = found_by(self._process.process.options.track, context, self._deployment.marks)
        except Fault:
            return None
        finally:
            context.rest()
        ending, written = Ending(status=Status.COMPLETE, body=body), trio.Event()
        return _Ran(row, token, flown, ending, tracked, self._hold(row.id, written), written)

    def _hold(self, identity: str, written: trio.Event) -> Hold:
        async def hand_over() -> bool:
            await written.wait()
            return False  # it has ended: there is nothing to promise

        return Hold(
            identity,
            Writes(hand_over, _nothing_left, _nothing_left, _nothing_left, _go_on, _go_on),
            self._house.nursery,
        )

    def _operations(self, ran: _Ran, call: ActionCall, headers: Properties) -> list[Operation]:
        row, keep = ran.row, None
        operations: list[Operation] = [Accept(row, b"")]  # what it begins with is written with its end, or not at all
        if self._house.settings.keep_work:
            first = {**self._first, **call.properties}
            keep = encode_start(Start((Document(_FIRST, call.document, headers),), first))
            operations.append(Append(row.id, row.epoch, (encode_flight(_passed(ran.flown)),)))
        operations.append(
            Finish(
                execution=row.id,
                epoch=row.epoch,
                status=ran.ending.status,
                finished_at=self._house.clock.now(),
                answer=ran.ending.encode(),
                keep=keep,
                tracked=ran.tracked,
            )
        )
        return operations

    def _written(self, ran: _Ran, tell: Tell, error: Exception | None) -> None:
        """Take note of what became of the commit, and tell the caller."""
        try:
            ending = self._ended(ran) if error is None else self._failed(ran, error)
            tell(Settled(ran.row.id, ending))
        except Exception as mistake:  # noqa: BLE001 - the execution supervisor: others of the same commit are told, too
            _log.error("execution failed unexpectedly", execution=ran.row.id, exc_info=mistake)

    def _ended(self, ran: _Ran) -> Ending:
        house, row = self._house, ran.row
        house.end(row, ran.ending.status)
        house.tokens.answered(ran.token, row.id, ran.ending)
        self._close(ran, ran.ending)
        return ran.ending

    def _failed(self, ran: _Ran, error: Exception) -> Ending | None:
        house, row, ending = self._house, ran.row, None
        told = running.set(lambda: self._told_of(row.id))
        mask = None if self._secrets is None else masking.set(self._secrets.masked)
        try:
            if isinstance(error, StoreError) and error.code in BEYOND_REPAIR:
                ending = failed(Status.ERROR, UNREADABLE, error.message)
                house.end(row, ending.status)
                _log.warning("execution failed", code=ending.code, reason=ending.message)
                house.tokens.answered(ran.token, row.id, ending)
            _log.error("execution stopped: its journal cannot be written", error=str(error))
        finally:
            if mask is not None:
                masking.reset(mask)
            running.reset(told)
        self._close(ran, ending)
        return ending

    def _close(self, ran: _Ran, ending: Ending | None) -> None:
        house, hold = self._house, ran.hold
        hold.ending = ending
        hold.post(DurableFailed() if ending is None else Finished())
        ran.written.set()
        house.tokens.end(ran.token, hold)
        if house.recorders is not None:
            house.recorders.close_flown(ran.row, self._deployment, ran.flown, ending)

    def _facts(self, identity: str, began: float) -> Facts:
        bundle = self._deployment.bundle
        return Facts(
            id=identity,
            bundle=bundle.name,
            version=bundle.version,
            process=self._name,
            started_at=began,
            runtime=self._runtime,
        )

    def _told_of(self, identity: str) -> dict[str, str]:
        """Give what a line of the log says of where it comes from (see Execution.told)."""
        bundle, process = self._key
        return {"execution": identity, "bundle": bundle, "process": process, "step": self._context.step}


def _passed(flown: Flown) -> list[Passed]:
    """Give what is written down of a run: the driver writes down nothing of steps that only decide where to go."""
    steps = flown.flight.steps
    return [(steps[number].id, gave, changes) for number, _, _, gave, changes in flown.trail if not steps[number].forks]


async def _nothing_left(*_: object) -> None:
    """Write nothing: all is on its way to the disk."""


def _go_on() -> None:
    """Stop nothing: it has run."""
