"""The door of the Web Services Server: simple addresses and the routes of API services, answered at once.

What is known of the platform: behaviours 103 to 110, reference 4.4 to 4.6, its pages on the operation, on API requests
and on responses. A caller that would not wait (``X-Max-Wait``) is told 202, and the execution goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import trio
from msgspec import Struct

from runtime.engine.executions import begin_process, begin_request
from runtime.engine.gates import BUSY
from runtime.engine.hold import Hold
from runtime.engine.house import House
from runtime.engine.live_services import Missing
from runtime.engine.live_web import Endpoint, Found, find_route
from runtime.engine.start import Start
from runtime.engine.supervise import TIME_LIMIT
from runtime.engine.table import Table
from runtime.errors import NuclideError, RequestError, Unavailable
from runtime.flow.data_answers import Returned
from runtime.flow.handover import AnswerFault, AnswerSent, AnswerWait
from runtime.model.document import Document
from runtime.model.headers import PASSED, PassedHeaders, passed_headers
from runtime.observe.metrics import Metrics
from runtime.web import ws_requests as requests
from runtime.web.access.gate import ANYTHING
from runtime.web.counted import Counted
from runtime.web.data_door import GRACE, AnswerLimits, answering
from runtime.web.debug import depth_wanted, wants_debug
from runtime.web.exchange import Answer, CallerGone, Exchange, Request
from runtime.web.problem import problem
from runtime.web.waiting import wait_for_decision
from runtime.web.ws_answers import answer_of
from runtime.web.ws_pages import PageLimits, Pages, page_token

PREFIX, SIMPLE, REST, EXECUTIONS = "/ws", "/ws/simple/", "/ws/rest", "/ws/executions/"
MORE = "moreDataToken"
_UNKNOWN = "Unknown operation for the given URL path"  # the platform's own words
_LATE = "The process takes longer than the time limit of its listener."


class WebSettings(Struct, frozen=True, kw_only=True):
    """Which headers reach processes, by what callers are known, and how much a request and an answer may hold."""

    passed: PassedHeaders = passed_headers(*PASSED)
    authentication: str = "none"
    objects: int = 10_000
    answers: AnswerLimits = AnswerLimits()
    pages: PageLimits = PageLimits()
    page_token: Callable[[], str] = page_token


class WebDoor:
    """Serves everything below ``/ws``. `table` gives the deployed table of the moment."""

    def __init__(self, house: House, table: Callable[[], Table], settings: WebSettings, metrics: Metrics) -> None:
        self._house = house
        self._table = table
        self._settings = settings
        left_out = metrics.limit_reached.of("web.pages_size").inc
        self._pages = Pages(settings.pages, house.clock.now, left_out, settings.page_token)
        self._meter = metrics.answered.of("ws")

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        await self._serve(Counted(exchange, self._meter))

    def service_of(self, path: str) -> str | None:
        """Give what users are allowed by: the simple address, or the base path of the API service; None for nothing."""
        if path.startswith(EXECUTIONS):
            return ANYTHING  # an id that nobody guesses, and no more than how its execution stands
        if path.startswith(SIMPLE):
            return "/".join(("/ws/simple", *requests.segments_in(path.removeprefix(SIMPLE))))
        segments = requests.segments_in(path.removeprefix(REST))
        apis = self._table().web.apis
        base = next((api.base for api in apis if segments[: len(api.base)] == api.base), None)
        return None if base is None else "/".join((REST, *base))

    async def _serve(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.path.startswith(EXECUTIONS):
            await exchange.answer(await self._status(request))
            return
        found = self.find(request)
        if isinstance(found, Answer):
            await exchange.answer(found)
            return
        more = dict(requests.pairs_of(request)).get(MORE)
        if more is not None:
            page = self._pages.take(request.path, more)
            text = "This page is not kept any more, or never was."
            gone = problem(404, request.path, text)
            await exchange.answer(gone if page is None else Answer(status=200, body=page.body, headers=page.headers))
            return
        try:
            await _Call(self._house, self._settings, self._pages, exchange, found).make()
        except CallerGone:
            raise
        except NuclideError as error:
            await exchange.answer(refused(error, request.path))

    def find(self, request: Request) -> requests.Called | Answer:
        """Give what a request calls, or its refusal."""
        table, path = self._table().web, request.path
        if path.startswith(SIMPLE):
            segments = requests.segments_in(path.removeprefix(SIMPLE))
            endpoint = table.simple.get("/".join(segments))
            if endpoint is None:
                return problem(404, path, _UNKNOWN)
            if request.method not in endpoint.listener.methods:
                return _not_allowed(path, request.method, endpoint.listener.methods)
            return requests.Called(endpoint, "/" + "/".join(segments))
        if path.startswith((REST + "/", REST + "?")) or path == REST:
            segments = requests.segments_in(path.removeprefix(REST))
            route = find_route(table, request.method, segments)
            if not isinstance(route, Found):
                others = f"; it answers {' and '.join(route.methods)}" if route.methods else ""
                return problem(404, path, _UNKNOWN + others)
            if isinstance(route.route.target, Missing):
                return problem(503, path, route.route.target.reason)
            return requests.Called(route.route.target, "/" + "/".join(segments), route.parameters)
        if path.startswith("/ws/soap"):
            return problem(501, path, "SOAP is not served here.")
        return problem(404, path, _UNKNOWN)

    async def _status(self, request: Request) -> Answer:
        """Tell how an execution stands that went on without its caller."""
        if request.method != "GET":
            return _not_allowed(request.path, request.method, ("GET",))
        identity = request.path.removeprefix(EXECUTIONS)
        row = await self._house.store.journal.execution(identity)
        if row is None:
            return problem(404, request.path, "There is no such execution.")
        told = {"executionId": row.id, "status": row.status.value}
        return Answer(status=200, body=msgspec.json.encode(told), headers=((b"content-type", b"application/json"),))


class _Call:
    """One call of one process."""

    def __init__(
        self, house: House, settings: WebSettings, pages: Pages, exchange: Exchange, called: requests.Called
    ) -> None:
        self._house = house
        self._settings = settings
        self._pages = pages
        self._exchange = exchange
        self._called = called
        self._made: Answer | None = None

    async def make(self) -> None:
        """Begin the execution and answer; raises as what begins it does."""
        request, endpoint, settings = self._exchange.request, self._called.endpoint, self._settings
        documents = await requests.documents_of(request, endpoint, settings.passed, settings.objects)
        user = requests.user_of(request, settings.authentication)
        properties = requests.properties_of(request, self._called, user)
        if endpoint.listener.output == "none" and not documents:
            await self._exchange.answer(Answer(status=200))  # a list of nothing: no step would run
        elif endpoint.listener.output == "none":
            await self._send_off(endpoint, documents, properties)
        else:
            await self._wait(endpoint, documents, properties)

    async def _send_off(self, endpoint: Endpoint, documents: tuple[Document, ...], properties: dict[str, str]) -> None:
        """Begin, and answer before the process has run (behaviour 105): from then on nothing loses it."""
        request, bound = self._exchange.request, endpoint.bound
        debug, depth = wants_debug(request), depth_wanted(request)
        name = bound.process.process.name
        self._house.listeners.call(bound.deployment.bundle.name, name)
        identity = await begin_process(
            self._house, bound.deployment, name, documents, properties, debug=debug, depth=depth
        )
        await self._exchange.answer(Answer(status=200, headers=(_execution(identity),)))

    async def _wait(self, endpoint: Endpoint, documents: tuple[Document, ...], properties: dict[str, str]) -> None:
        request, wait, limit = (
            self._exchange.request,
            requests.wait_of(self._exchange.request),
            endpoint.listener.time_limit,
        )
        until = request.arrived + (limit + GRACE if wait is None else wait)
        rest = request.arrived + limit - trio.current_time()
        deadline = None if wait is not None else self._house.clock.now() + rest
        hold = await begin_request(
            self._house,
            endpoint.bound,
            Start(documents, properties, uri=request.path, deadline=deadline),
            answering(self._make_answer, self._settings.answers),
            debug=wants_debug(request),
            depth=depth_wanted(request),
        )
        hold.join()
        waited = "decided"
        if not hold.is_decided:
            waited = await wait_for_decision(self._exchange, hold, until, may_wait=wait is not None)
        if waited == "late":
            await self._exchange.answer(_failed(504, request.path, _LATE, hold.execution))
        elif waited == "decided":
            await self._answer(hold)

    def _make_answer(self, returned: Sequence[Returned]) -> bytes:
        path = self._exchange.request.path
        self._made = answer_of(self._called.endpoint.listener, returned, self._pages, path)
        return self._made.body

    async def _answer(self, hold: Hold) -> None:
        """Answer by what was decided; a caller that is told to ask later is let go when it has been told."""
        waits = isinstance(hold.decision, AnswerWait)
        try:
            await self._exchange.answer(self._answer_of(hold))
        except BaseException:
            if waits:
                hold.leave()
            raise
        if waits:
            hold.post(AnswerSent())

    def _answer_of(self, hold: Hold) -> Answer:
        path, ending, made = self._exchange.request.path, hold.ending, self._made
        if isinstance(hold.decision, AnswerWait):
            link = (EXECUTIONS + hold.execution).encode()
            return Answer(status=202, headers=(_execution(hold.execution), (b"x-execution-status-link", link)))
        if isinstance(hold.decision, AnswerFault):
            text = "The runtime cannot keep the call now; nothing was promised, so it may be repeated."
            return _later(_failed(hold.decision.status, path, text, hold.execution), 1)
        if made is not None and ending is not None and ending.body is not None:
            return Answer(status=made.status, body=made.body, headers=(*made.headers, _execution(hold.execution)))
        text = "The process failed." if ending is None or ending.message is None else ending.message
        late = ending is not None and ending.code == TIME_LIMIT
        return _failed(504 if late else 500, path, _LATE if late else text, hold.execution)


def refused(error: NuclideError, path: str) -> Answer:
    """Give the answer to a call that cannot begin; that its process runs is told in the platform's words (109)."""
    if isinstance(error, RequestError):
        return problem(error.status, path, error.message)
    if not isinstance(error, Unavailable):
        return _later(problem(503, path, "The runtime cannot take the call now."), 1)
    if error.code == BUSY:
        plain = Answer(status=503, body=error.message.encode(), headers=((b"content-type", b"text/plain"),))
        return _later(plain, error.retry_after)
    return _later(problem(503, path, error.message), error.retry_after)


def _not_allowed(path: str, method: str, allowed: Sequence[str]) -> Answer:
    answer = problem(405, path, f"{method} is not allowed here, {' and '.join(allowed)} is.")
    allow = (b"allow", ", ".join(allowed).encode())
    return Answer(status=answer.status, body=answer.body, headers=(*answer.headers, allow))


def _failed(status: int, path: str, message: str, execution: str) -> Answer:
    answer = problem(status, path, message)
    return Answer(status=status, body=answer.body, headers=(*answer.headers, _execution(execution)))


def _later(answer: Answer, seconds: float) -> Answer:
    retry = (b"retry-after", str(max(1, round(seconds))).encode())
    return Answer(status=answer.status, body=answer.body, headers=(*answer.headers, retry))


def _execution(identity: str) -> tuple[bytes, bytes]:
    return b"x-execution-id", identity.encode()
