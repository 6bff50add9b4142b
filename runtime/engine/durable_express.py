"""A durable call answered by nothing but its function and one commit, where its process is one generated function.

The function runs at once. What it leaves goes into the next group commit, its beginning and its end in one, and the
call is answered when that is on the disk. Until then whoever repeats the token joins it; a daemon that is killed before
has promised nothing. What the driver would have left is left all the same, but for records of steps: they are made of
the function's when somebody replays from a step. A call that does not go well begins an execution, as it would have.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from runtime.engine.contents import held
from runtime.engine.context import Facts
from runtime.engine.ending import UNREADABLE, Ending, failed
from runtime.engine.generated.run import Flown, flown_of
from runtime.engine.owed import Owed
from runtime.engine.persisting import first_properties
from runtime.engine.redaction import Secrets
from runtime.engine.standing import standing_context
from runtime.engine.start import Passed, Start, encode_start, token_digest
from runtime.engine.supervise import BEYOND_REPAIR
from runtime.engine.tracking import found_by
from runtime.errors import Fault, StoreError
from runtime.flow.answers import forwarded
from runtime.model.document import Document, Properties, root_identity
from runtime.model.journal import Brief, ExecutionRow, Status
from runtime.observe.log import running
from runtime.observe.redaction import masking

if TYPE_CHECKING:
    from runtime.engine.deployment import Action, Deployment
    from runtime.engine.generated.source import Generated
    from runtime.engine.house import House
    from runtime.flow.requests import ActionCall

_FIRST = root_identity(0)
_log = structlog.get_logger("nuclide.engine")


class Settled(Struct, frozen=True, gc=False):
    """What became of a call: its ending, which is on the disk, or None where nothing could be kept and is promised."""

    execution: str
    ending: Ending | None


Tell = Callable[[Settled], None]


class _Ran(Struct, frozen=True):
    """A run that went well, and is on its way to the disk."""

    row: ExecutionRow
    flown: Flown
    ending: Ending
    tracked: tuple[tuple[str, str], ...]
    owed: Owed


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
        bundle, process = deployment.bundle, action.process.process
        self._house = house
        self._deployment = deployment
        self._digest = bundle.digest
        self._key = (bundle.name, process.name)
        self._mode = "general" if debug else process.options.mode
        self._track = process.options.track
        self._runtime = house.owner.partition(":")[0]
        self._service, self._action = action.codec.service, action.codec.action
        self._meter = house.meter(*self._key)
        self._heard = house.listeners.hearing(*self._key)
        self._outputs = deployment.outputs(self._service, self._action, process.name)
        self._traced = traced
        self._briefs = (
            None
            if house.recorders is None
            else house.recorders.briefs(deployment, process.name, self._mode, traced.steps)
        )
        self._first = first_properties(deployment.prepared.properties.get(process.name, {}), {}, {})
        self._secrets = Secrets(deployment.marks, deployment.known) if deployment.has_secrets else None
        self._context = standing_context(house, deployment, process.name, self._secrets)

    def begin(self, call: ActionCall, headers: Properties, tell: Tell) -> bool:
        """Run a call and have it written down, after which `tell` is called, in a row with those of its commit.

        False for a call that has to be an execution, or joins one: nothing has happened then, and `tell` is not called.
        """
        house, attempts = self._house, self._traced.attempts
        if not call.may_wait or not attempts.due() or self._key in house.listeners.paused or house.is_full:
            return False
        token = token_digest(self._service, self._action, call.tenant_id, call.token)
        began = house.clock.now()
        if house.store.trouble() is not None or not house.tokens.is_new(token, began):
            return False
        document, properties = Document(_FIRST, call.document, headers), self._first | call.properties
        first = dict(properties) if self._traced.sets else properties
        context = self._context
        context.renew(self._facts(house.ids.new(began), began), properties)
        told = running.set(self._told)
        mask = None if self._secrets is None else masking.set(self._secrets.masked)
        try:
            ran = self._ran(document, token, call)
            if ran is None:
                attempts.failed()
                return False
            attempts.succeeded()
            house.store.journal.submit(self._brief(ran, document, first), partial(self._written, ran, tell))
            if house.recorders is not None:
                house.recorders.tell_flight(ran.row.id, ran.flown.flight)
        except StoreError:  # too much waits for the disk, or it is closed: an execution waits, or tells why it cannot
            return False
        finally:
            if mask is not None:
                masking.reset(mask)
            running.reset(told)
            context.rest()
        self._heard.calls += 1
        self._heard.last = began
        house.tokens.begin(token, ran.owed)
        return True

    def _ran(self, document: Document, token: str, call: ActionCall) -> _Ran | None:
        """Run the function; None where it is left, or nothing can be made of what it gives."""
        context = self._context
        try:
            flown = flown_of(self._traced, self._key[1], document, context)
            if flown is None or len(flown.returned) > 1:
                return None
            returned = held(flown.returned[0]) if flown.returned else b""
            body = forwarded(call.token, call.tenant_id, self._outputs, returned)
        except Fault:
            return None
        facts = context.facts
        row = ExecutionRow(
            id=facts.id,
            bundle=facts.bundle,
            version=facts.version,
            digest=self._digest,
            process=facts.process,
            mode=self._mode,
            status=Status.COMPLETE,
            started_at=facts.started_at,
            epoch=1,
            finished_at=self._house.clock.now(),
            token=token,
        )
        tracked = found_by(self._track, context, self._deployment.marks)
        return _Ran(row, flown, Ending(status=Status.COMPLETE, body=body), tracked, Owed(facts.id, self._house.nursery))

    def _brief(self, ran: _Ran, document: Document, properties: Properties) -> Brief:
        keep = None
        if self._house.settings.keep_work:
            keep = encode_start(Start((document,), properties, passed=_passed(ran.flown)))
        return Brief(execution=ran.row, answer=ran.ending.encode(), keep=keep, tracked=ran.tracked)

    def _written(self, ran: _Ran, tell: Tell, error: Exception | None) -> None:
        """Take note of what became of the commit, and tell the caller."""
        house, row = self._house, ran.row
        try:
            ending = ran.ending if error is None else self._failed(row, error)
            if ending is not None:
                now = house.clock.now()
                house.count_on(self._meter, self._digest, now - row.started_at, ending.status)
                if ending.body is None:
                    house.tokens.answered(row.token or "", row.id, ending)
                else:
                    house.tokens.answered_at_once(row.token or "", now, row.id, ending.body)
            house.tokens.end(row.token or "", ran.owed)
            ran.owed.settle(ending)
            if house.recorders is not None and self._briefs is not None:
                house.recorders.close_flown(row, self._briefs, ran.flown, ending)
            tell(Settled(row.id, ending))
        except Exception as mistake:  # noqa: BLE001 - the execution supervisor: others of the same commit are told, too
            _log.error("execution failed unexpectedly", execution=row.id, exc_info=mistake)

    def _failed(self, row: ExecutionRow, error: Exception) -> Ending | None:
        """Log that nothing was written; give the ending of what no disk that comes back can mend."""
        told = running.set(lambda: self._told_of(row.id))
        try:
            ending = None
            if isinstance(error, StoreError) and error.code in BEYOND_REPAIR:
                ending = failed(Status.ERROR, UNREADABLE, error.message)
                _log.warning("execution failed", code=ending.code, reason=ending.message)
            _log.error("execution stopped: its journal cannot be written", error=str(error))
            return ending
        finally:
            running.reset(told)

    def _facts(self, identity: str, began: float) -> Facts:
        bundle = self._deployment.bundle
        return Facts(
            id=identity,
            bundle=bundle.name,
            version=bundle.version,
            process=self._key[1],
            started_at=began,
            runtime=self._runtime,
        )

    def _told(self) -> dict[str, str]:
        return self._told_of(self._context.facts.id)

    def _told_of(self, identity: str) -> dict[str, str]:
        """Give what a line of the log says of where it comes from (see Execution.told)."""
        bundle, process = self._key
        return {"execution": identity, "bundle": bundle, "process": process, "step": self._context.step}


def _passed(flown: Flown) -> tuple[Passed, ...]:
    """Give what is written down of a run: the driver writes down nothing of steps that only decide where to go."""
    steps = flown.flight.steps
    return tuple(
        [(steps[number].id, gave, changes) for number, _, _, gave, changes in flown.trail if not steps[number].forks]
    )
