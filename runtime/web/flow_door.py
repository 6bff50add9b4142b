"""The door of the Flow Services Server: a request of Flow in, its answer out, WAIT when the process is slow.

Everything about the protocol is decided in `runtime.flow`, everything about executions in `runtime.engine`; here the
two meet a caller that waits, and may leave.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import trio
from msgspec import Struct

from runtime.engine.durable_express import DurableExpress, Settled, durable_express_of
from runtime.engine.ending import Ending
from runtime.engine.executions import begin_call
from runtime.engine.express import express_of
from runtime.engine.hold import Decision, Hold
from runtime.engine.house import House
from runtime.engine.live_services import LiveAction, Missing
from runtime.engine.table import Table
from runtime.errors import NuclideError, RequestError
from runtime.flow import answers, faults, routes
from runtime.flow.describe import describe_install
from runtime.flow.handover import NOT_DURABLE, AnswerFault, AnswerResult, AnswerSent, AnswerWait
from runtime.flow.hosts import host_allowed
from runtime.flow.properties import user_properties
from runtime.flow.requests import ActionCall, parse_action
from runtime.flow.who import Authorization, parse_authorization
from runtime.model.headers import PASSED, PassedHeaders, passed_headers
from runtime.model.record import Depth
from runtime.observe.metrics import Metrics
from runtime.web.counted import Counted
from runtime.web.data_door import AnswerLimits, DataDesk
from runtime.web.debug import depth_wanted, wants_debug
from runtime.web.exchange import Alike, Answer, Exchange, Handler, Kind, Request
from runtime.web.file_door import FileDesk
from runtime.web.flow_answers import JSON, plain, refusal
from runtime.web.front import Lane
from runtime.web.later import Later
from runtime.web.uploads import UploadBounds, Uploads
from runtime.web.waiting import wait_for_decision

_FORWARD = Kind(200, (JSON,), b"x-execution-id")
LATE = "The process takes longer than its Sync Timeout, and the request has no callback address."


Deciding = Callable[[bytes, float], "Answer | Alike | Later | Handler"]


class DoorSettings(Struct, frozen=True, kw_only=True):
    """`callback_hosts`: patterns of the hosts that a request may have called back; `passed`: headers processes see."""

    callback_hosts: tuple[str, ...] = ()
    passed: PassedHeaders = passed_headers(*PASSED)
    answers: AnswerLimits = AnswerLimits()
    uploads: UploadBounds = UploadBounds()


class Said(Struct, frozen=True):
    """What the head of a request says: who calls, what of its headers a process sees, how much is noted of the run."""

    authorization: Authorization
    user: dict[str, str]
    passed: dict[str, str]
    debug: bool
    depth: Depth | None


class FlowDoor:
    """Serves everything below ``/fs``. `table` gives the deployed table of the moment."""

    def __init__(self, house: House, table: Callable[[], Table], settings: DoorSettings, metrics: Metrics) -> None:
        self._house = house
        self._table = table
        self._settings = settings
        self._uploads = Uploads(settings.uploads, metrics)
        self._meter = metrics.answered.of("fs")
        self._read = partial(_said, settings.passed)

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        found = self.decide(exchange.request)
        if isinstance(found, Answer):
            await exchange.answer(found)
        else:
            await found(exchange)

    def decide(self, request: Request) -> Answer | Later | Handler:
        """Give the answer to a request, counted, where at most a commit has to be waited for; else what answers it."""
        table = self._table()
        called = routes.match(table.routes, request.method, request.path)
        if not isinstance(called, routes.Action):
            return partial(self._serve, table, called)
        live = table.services[called.service.external_name].actions[called.action.name]
        if isinstance(live, Missing):
            return self._counted(refusal(503, request.path, live.reason), request.arrived)
        found = self._deciding(live, request.once(self._read), request.path)(request.body, request.arrived)
        return found.at_length() if isinstance(found, Alike) else found

    def lane(self, request: Request) -> Lane | None:
        """Give what answers calls with the head of a request, as long as the deployed table stays; None for others."""
        table = self._table()
        called = routes.match(table.routes, request.method, request.path)
        if not isinstance(called, routes.Action):
            return None
        live = table.services[called.service.external_name].actions[called.action.name]
        if isinstance(live, Missing):
            return None
        decide = self._deciding(live, request.once(self._read), request.path)
        return lambda body, arrived: decide(body, arrived) if self._table() is table else None

    def _deciding(self, live: LiveAction, said: Said, path: str) -> Deciding:
        """Give what decides on the calls of an action that come with one head, by their bodies and times of arrival."""
        house, codec, now = self._house, live.action.codec, trio.lowlevel.current_clock().current_time
        express, durable = None, None
        if said.depth is None and not said.debug:
            express = express_of(house, live.deployment, live.action)
        if said.depth is None and express is None:
            durable = durable_express_of(house, live.deployment, live.action, debug=said.debug)
        asked = express is None or express.reads_properties

        def decide(body: bytes, arrived: float) -> Answer | Alike | Later | Handler:
            try:
                call = parse_action(body, codec, said.authorization, said.user, asked=asked)
                self._check_callback(call)
                if express is not None and (answered := express.answer(call, said.passed)) is not None:
                    self._meter.note(200, now() - arrived)
                    return Alike(_FORWARD, answered.execution.encode(), answered.body)
                if durable is not None and (later := self._later(durable, call, said, path, arrived)) is not None:
                    return later
                if not asked:  # an execution is: what may go on without the caller needs the whole call
                    call = parse_action(body, codec, said.authorization, said.user)
            except NuclideError as error:
                return self._counted(plain(faults.problem_of(error, path, action=codec.action)), arrived)
            return partial(self._act, live, call, said, express is not None)

        return decide

    def _later(self, way: DurableExpress, call: ActionCall, said: Said, path: str, arrived: float) -> Later | None:
        """Give the answer to a durable call that needs nothing but to be written down; None to any other."""
        later = Later()

        def tell(settled: Settled) -> None:
            ending = settled.ending
            if ending is not None and ending.body is not None:
                self._meter.note(200, trio.current_time() - arrived)
                later.complete(Alike(_FORWARD, settled.execution.encode(), ending.body))
            else:
                decision = NOT_DURABLE if ending is None else AnswerResult()
                later.complete(self._counted(_answer_of(settled.execution, decision, ending, call, path), arrived))

        return later if way.begin(call, said.passed, tell) else None

    def _counted(self, answer: Answer, arrived: float) -> Answer:
        self._meter.note(answer.status, trio.current_time() - arrived)
        return answer

    def streams(self, method: str, path: str) -> bool:
        """Tell whether a request is an upload, whose body is read as it arrives."""
        if not path.endswith("/content") and "%" not in path:
            return False  # as every path of an upload ends, however it is written: a look at nearly every request less
        call = routes.match(self._table().routes, method, path)
        return isinstance(call, routes.File) and call.verb == "upload"

    async def _serve(self, table: Table, call: routes.Route, uncounted: Exchange) -> None:
        """Answer what is no message action."""
        exchange = Counted(uncounted, self._meter)
        request, limits = exchange.request, self._settings.answers
        match call:
            case routes.Describe(service, install):
                live = table.services[service.external_name]
                body = describe_install(live.service) if install else live.description
                await exchange.answer(Answer(status=200, body=body, headers=(JSON,)))
            case routes.Health():
                await exchange.answer(Answer(status=200))
            case routes.NotAllowed(allow):
                text = f"{request.method} is not allowed here, {' and '.join(allow)} is."
                answer = faults.problem(request.path, 405, text, headers=(("Allow", ", ".join(allow)),))
                await exchange.answer(plain(answer))
            case routes.Unknown(message):
                await exchange.answer(refusal(404, request.path, message))
            case routes.Data(service, verb):
                live, said = table.services[service.external_name], request.once(self._read)
                desk = DataDesk(self._house, live, said.authorization, limits, headers=said.passed)
                await desk.serve(exchange, verb)
            case routes.File(service, verb):
                live, said = table.services[service.external_name], request.once(self._read)
                files = FileDesk(self._house, live, said.authorization, limits, self._uploads, headers=said.passed)
                await files.serve(exchange, verb)
            case routes.Unsupported(what):
                await exchange.answer(refusal(501, request.path, f"This service does not provide {what}."))

    async def _act(self, live: LiveAction, call: ActionCall, said: Said, driven: bool, uncounted: Exchange) -> None:  # noqa: FBT001 - as `begin_call` has it
        """Begin the execution of a call, or join the one that it repeats, and answer."""
        exchange = Counted(uncounted, self._meter)
        request, action = exchange.request, live.action
        try:
            hold = await begin_call(
                self._house,
                live.deployment,
                action,
                call,
                request.path,
                headers=said.passed,
                debug=said.debug,
                depth=said.depth,
                driven=driven,
            )
        except NuclideError as error:
            await exchange.answer(plain(faults.problem_of(error, request.path, action=call.action)))
            return
        hold.join()
        if not hold.is_decided:
            deadline = request.arrived + action.action.sync_timeout
            waited = await wait_for_decision(exchange, hold, deadline, may_wait=call.may_wait)
            if waited == "late":
                await exchange.answer(refusal(504, request.path, LATE, hold.execution))
            if waited != "decided":
                return
        await _answer(exchange, hold, call)

    def _check_callback(self, call: ActionCall) -> None:
        """Refuse a call that could make this server call an address that nobody has allowed."""
        if call.callback_uri and not host_allowed(call.callback_uri, self._settings.callback_hosts):
            message = "This runtime may not call the callback address of the request (setting callbacks.allow)."
            raise RequestError("flow.callback-host", message)


async def _answer(exchange: Exchange, hold: Hold, call: ActionCall) -> None:
    """Answer by what was decided, and tell the hold whether the WAIT answer has gone out: nothing else releases it."""
    waits = isinstance(hold.decision, AnswerWait)
    try:
        answer = (
            _waiting(hold, call)
            if waits
            else _answer_of(hold.execution, hold.decision, hold.ending, call, exchange.request.path)
        )
        await exchange.answer(answer)
    except BaseException:
        if waits:
            hold.leave()
        raise
    if waits:
        hold.post(AnswerSent())


def _waiting(hold: Hold, call: ActionCall) -> Answer:
    return Answer(
        status=200,
        body=answers.wait(call, hold.told.message, hold.told.outputs),
        headers=(JSON, _execution(hold.execution)),
    )


def _answer_of(execution: str, decision: Decision | None, ending: Ending | None, call: ActionCall, path: str) -> Answer:
    """Give the answer that is no WAIT."""
    if isinstance(decision, AnswerFault):
        text = "The runtime cannot keep the call now; nothing was promised, so it may be repeated."
        retry = (("Retry-After", "1"),)
        fault = faults.problem(path, decision.status, text, action=call.action, headers=retry, execution=execution)
        return plain(fault)
    if ending is not None and ending.body is not None:
        return _forward(ending.body, execution)
    text = "The process failed." if ending is None or ending.message is None else ending.message
    return plain(faults.problem(path, 500, text, action=call.action, execution=execution))


def _forward(body: bytes, execution: str) -> Answer:
    return Alike(_FORWARD, execution.encode(), body).at_length()


def _execution(identity: str) -> tuple[bytes, bytes]:
    return _FORWARD.name, identity.encode()


def _said(passed: PassedHeaders, request: Request) -> Said:
    values = [value.decode("latin-1") for name, value in request.headers if name == b"authorization"]
    authorization = parse_authorization(*values)
    return Said(
        authorization,
        user_properties(authorization.who),
        passed.of(request.headers),
        wants_debug(request),
        depth_wanted(request),
    )
