"""The door of the Flow Services Server: a request of Flow in, its answer out, WAIT when the process is slow.

Everything about the protocol is decided in `runtime.flow`, everything about executions in `runtime.engine`; here the
two meet a caller that waits, and may leave.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from runtime.engine.executions import begin_call
from runtime.engine.express import Answered, express_of
from runtime.engine.hold import Hold
from runtime.engine.house import House
from runtime.engine.live_services import LiveAction, LiveService, Missing
from runtime.engine.table import Table
from runtime.errors import NuclideError, RequestError
from runtime.flow import answers, faults, routes
from runtime.flow.describe import describe_install
from runtime.flow.handover import AnswerFault, AnswerSent, AnswerWait
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
from runtime.web.exchange import Answer, Exchange, Request
from runtime.web.file_door import FileDesk
from runtime.web.flow_answers import JSON, plain, refusal
from runtime.web.uploads import UploadBounds, Uploads
from runtime.web.waiting import wait_for_decision

LATE = "The process takes longer than its Sync Timeout, and the request has no callback address."


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
        request, table, counted = exchange.request, self._table(), Counted(exchange, self._meter)
        call = routes.match(table.routes, request.method, request.path)
        if isinstance(call, routes.Action):
            await self._act(counted, table.services[call.service.external_name], call.action.name)
        else:
            await self._serve(counted, table, call)

    def streams(self, method: str, path: str) -> bool:
        """Tell whether a request is an upload, whose body is read as it arrives."""
        if not path.endswith("/content") and "%" not in path:
            return False  # as every path of an upload ends, however it is written: a look at nearly every request less
        call = routes.match(self._table().routes, method, path)
        return isinstance(call, routes.File) and call.verb == "upload"

    async def _serve(self, exchange: Exchange, table: Table, call: routes.Route) -> None:
        """Answer what is no message action."""
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

    async def _act(self, exchange: Exchange, service: LiveService, name: str) -> None:
        request, live = exchange.request, service.actions[name]
        if isinstance(live, Missing):
            await exchange.answer(refusal(503, request.path, live.reason))
            return
        action, said = live.action, request.once(self._read)
        try:
            call = parse_action(request.body, action.codec, said.authorization, said.user)
            self._check_callback(call)
            begun = await self._begin(request.path, live, call, said)
        except NuclideError as error:
            await exchange.answer(plain(faults.problem_of(error, request.path, action=name)))
            return
        if isinstance(begun, Answered):
            await exchange.answer(_forward(begun.body, begun.execution))
            return
        hold = begun
        hold.join()
        if not hold.decided.is_set():
            deadline = request.arrived + action.action.sync_timeout
            waited = await wait_for_decision(exchange, hold, deadline, may_wait=call.may_wait)
            if waited == "late":
                await exchange.answer(refusal(504, request.path, LATE, hold.execution))
            if waited != "decided":
                return
        await _answer(exchange, hold, call)

    async def _begin(self, path: str, live: LiveAction, call: ActionCall, said: Said) -> Answered | Hold:
        """Answer a call at once where that can be; else begin its execution, or join the one that it repeats."""
        house, deployment, action = self._house, live.deployment, live.action
        plainly = not said.debug and said.depth is None
        express = express_of(house, deployment, action) if plainly else None
        answered = None if express is None else express.answer(call, said.passed)
        if answered is not None:
            return answered
        return await begin_call(
            house,
            deployment,
            action,
            call,
            path,
            headers=said.passed,
            debug=said.debug,
            depth=said.depth,
            driven=express is not None,
        )

    def _check_callback(self, call: ActionCall) -> None:
        """Refuse a call that could make this server call an address that nobody has allowed."""
        if call.callback_uri and not host_allowed(call.callback_uri, self._settings.callback_hosts):
            message = "This runtime may not call the callback address of the request (setting callbacks.allow)."
            raise RequestError("flow.callback-host", message)


async def _answer(exchange: Exchange, hold: Hold, call: ActionCall) -> None:
    """Answer by what was decided, and tell the hold whether the WAIT answer has gone out: nothing else releases it."""
    waits = isinstance(hold.decision, AnswerWait)
    try:
        await exchange.answer(_answer_of(hold, call, exchange.request.path))
    except BaseException:
        if waits:
            hold.leave()
        raise
    if waits:
        hold.post(AnswerSent())


def _answer_of(hold: Hold, call: ActionCall, path: str) -> Answer:
    header = (b"x-execution-id", hold.execution.encode())
    decision, ending = hold.decision, hold.ending
    if isinstance(decision, AnswerWait):
        return Answer(status=200, body=answers.wait(call, hold.told.message, hold.told.outputs), headers=(JSON, header))
    if isinstance(decision, AnswerFault):
        text = "The runtime cannot keep the call now; nothing was promised, so it may be repeated."
        retry = (("Retry-After", "1"),)
        fault = faults.problem(path, decision.status, text, action=call.action, headers=retry, execution=hold.execution)
        return plain(fault)
    if ending is not None and ending.body is not None:
        return _forward(ending.body, hold.execution)
    text = "The process failed." if ending is None or ending.message is None else ending.message
    return plain(faults.problem(path, 500, text, action=call.action, execution=hold.execution))


def _forward(body: bytes, execution: str) -> Answer:
    return Answer(status=200, body=body, headers=(JSON, (b"x-execution-id", execution.encode())))


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
