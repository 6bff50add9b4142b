"""A call answered at once: where a process is one generated function, no execution is made of what goes well.

What an execution leaves behind is left behind all the same: its id, its answer for whoever repeats the token, its
lines, and what is counted. Nothing is awaited, so nobody can look on, join, cancel or stop it meanwhile. A call that
does not go well leaves nothing, and begins an execution as it would have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.engine.contents import held
from runtime.engine.context import Facts
from runtime.engine.generated.run import flown_of
from runtime.engine.persisting import first_properties
from runtime.engine.redaction import Secrets
from runtime.engine.standing import standing_context
from runtime.engine.start import token_digest
from runtime.errors import Fault
from runtime.flow.answers import forwarded
from runtime.model.document import Document, Properties, root_identity
from runtime.model.journal import Status
from runtime.observe.log import running
from runtime.observe.redaction import masking

if TYPE_CHECKING:
    from runtime.engine.deployment import Action, Deployment
    from runtime.engine.generated.source import Generated
    from runtime.engine.house import House
    from runtime.flow.requests import ActionCall

_FIRST = root_identity(0)
_COMPLETE = Status.COMPLETE


class Answered(Struct, frozen=True):
    """A call that has been answered, by what would have been this execution; `body` is the FORWARD answer."""

    execution: str
    body: bytes


def express_of(house: House, deployment: Deployment, action: Action) -> Express | None:
    """Give what answers the calls of an action at once; None where each of them has to be an execution."""
    key = (action.codec.service, action.codec.action)
    try:
        return deployment.express[key]
    except KeyError:
        generated = action.process.generated
        fits = generated is not None and _fits(house, deployment, action)
        made = deployment.express[key] = Express(house, deployment, action, generated) if generated and fits else None
        return made


def _fits(house: House, deployment: Deployment, action: Action) -> bool:
    process = action.process
    return not (
        process.waits
        or process.keeping
        or process.process.options.deadline is not None
        or deployment.bundle.redaction
        or house.observe is not None
    )


class Express:
    """Answers the calls of one action of one version."""

    def __init__(self, house: House, deployment: Deployment, action: Action, generated: Generated) -> None:
        bundle, process = deployment.bundle, action.process.process
        self._house = house
        self._bundle, self._version, self._digest = bundle.name, bundle.version, bundle.digest
        self._process = process.name
        self._runtime = house.owner.partition(":")[0]
        self._service, self._action = action.codec.service, action.codec.action
        self._key = (bundle.name, process.name)
        self._meter = house.meter(bundle.name, process.name)
        self._heard = house.listeners.hearing(bundle.name, process.name)
        self._outputs = deployment.outputs(self._service, self._action, process.name)
        self._generated = generated
        self._first = first_properties(deployment.prepared.properties.get(process.name, {}), {}, {})
        self._secrets = Secrets(deployment.marks, deployment.known) if deployment.has_secrets else None
        self._tell = self._told
        self.reads_properties = generated.alone  # one that need not be asks for none of the execution, nor calls a step
        self._context = standing_context(house, deployment, process.name, self._secrets)

    def answer(self, call: ActionCall, headers: Properties) -> Answered | None:
        """Answer a call; None where it has to be an execution, or joins one."""
        house, attempts = self._house, self._generated.attempts
        if not attempts.due() or self._key in house.listeners.paused or house.is_full:
            return None
        token = token_digest(self._service, self._action, call.tenant_id, call.token)
        began = house.clock.now()
        if not house.tokens.is_new(token, began):
            return None
        identity = house.ids.new(began)
        body = self._run(identity, began, call, headers)
        if body is None:
            attempts.failed()
            return None
        attempts.succeeded()
        ended = house.clock.now()
        self._heard.calls += 1
        self._heard.last = ended
        house.count_on(self._meter, self._digest, ended - began, _COMPLETE)
        house.tokens.answered_at_once(token, ended, identity, body)
        return Answered(identity, body)

    def _run(self, identity: str, began: float, call: ActionCall, headers: Properties) -> bytes | None:
        """Give the answer of a call that goes well."""
        context, recorders = self._context, self._house.recorders
        if not (self.reads_properties or recorders is None or recorders.logs):  # nobody is there who could log
            context.renew(self._facts(identity, began), {})
            return self._body(identity, call, headers)
        context.renew(self._facts(identity, began), self._first | call.properties)
        told = running.set(self._tell)
        mask = None if self._secrets is None else masking.set(self._secrets.masked)
        try:
            return self._body(identity, call, headers)
        finally:
            if mask is not None:
                masking.reset(mask)
            running.reset(told)

    def _body(self, identity: str, call: ActionCall, headers: Properties) -> bytes | None:
        context = self._context
        try:
            flown = flown_of(self._generated, self._process, Document(_FIRST, call.document, headers), context)
            returned = () if flown is None else flown.returned
            if flown is None or len(returned) > 1:
                return None
            content = held(returned[0]) if returned else b""
            body = forwarded(call.token, call.tenant_id, self._outputs, content)
            if self._house.recorders is not None:
                self._house.recorders.tell_flight(identity, flown.flight)
        except Fault:
            return None
        finally:
            context.rest()
        return body

    def _facts(self, identity: str, began: float) -> Facts:
        return Facts(
            id=identity,
            bundle=self._bundle,
            version=self._version,
            process=self._process,
            started_at=began,
            runtime=self._runtime,
        )

    def _told(self) -> dict[str, str]:
        """Give what a line of the log says of where it comes from (see Execution.told)."""
        context = self._context
        return {
            "execution": context.facts.id,
            "bundle": self._bundle,
            "process": self._process,
            "step": context.step,
        }
