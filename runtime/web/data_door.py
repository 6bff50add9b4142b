"""The door of data: load, save and delete. These calls cannot wait, so each is answered within its own limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

import trio
from msgspec import Struct

from runtime.engine.contents import Contents
from runtime.engine.ending import Ending, failed
from runtime.engine.executions import begin_request
from runtime.engine.hold import Hold
from runtime.engine.house import House
from runtime.engine.live_services import Bound, LiveService, Missing
from runtime.engine.result import Result
from runtime.engine.start import Start
from runtime.engine.supervise import TIME_LIMIT
from runtime.errors import Fault, NuclideError, Unavailable
from runtime.flow import faults
from runtime.flow.data_answers import NOTHING, Returned, answer_data
from runtime.flow.data_requests import ORDINAL_PROPERTY, DataCall, DataVerb, parse_data
from runtime.flow.who import Authorization
from runtime.model.document import NO_PROPERTIES, Document, Properties, root_identity
from runtime.model.file_listener import FileListener
from runtime.model.flow_service import DEFAULT_TIME_LIMIT
from runtime.model.journal import Status
from runtime.web.exchange import Answer, CallerGone, Exchange
from runtime.web.flow_answers import JSON, plain, refusal
from runtime.web.waiting import wait_for_decision

LATE = "The process takes longer than Flow can wait for data and files, and could not be stopped yet."
RETURNED_TOO_MUCH = "flow.answer-too-large"
GRACE = 2.0  # seconds after its limit in which a cancelled process ends; then Flow is told without it

MakeAnswer = Callable[[Sequence[Returned]], bytes]


class AnswerLimits(Struct, frozen=True, kw_only=True):
    """What one answer may hold: so many objects, of documents of so many bytes together."""

    objects: int = 10_000
    size: int = 64 * 1024 * 1024


class DataDesk:
    """Answers the data calls of one service."""

    def __init__(
        self,
        house: House,
        live: LiveService,
        authorization: Authorization,
        limits: AnswerLimits,
        *,
        headers: Properties = NO_PROPERTIES,
    ) -> None:
        self._house = house
        self._live = live
        self._authorization = authorization
        self._limits = limits
        self._headers = headers

    async def serve(self, exchange: Exchange, verb: DataVerb) -> None:
        """Answer one call."""
        request = exchange.request
        try:
            call = self._call(request.body, verb)
            if not call.documents:
                await exchange.answer(Answer(status=200, body=NOTHING, headers=(JSON,)))
                return
            bound = served(self._live.types[call.type_name].processes[call.process])
            start = start_of(_documents(call.documents, self._headers), call.properties, request.path)
            hold = await begin_request(
                self._house,
                bound,
                limited(start, bound, self._house, request.arrived),
                answering(self._answer_of(call), self._limits),
            )
        except CallerGone:
            raise
        except NuclideError as error:
            await exchange.answer(plain(faults.problem_of(error, request.path)))
            return
        await answer_within(exchange, hold, request.arrived + time_limit(bound))

    def _call(self, body: bytes, verb: DataVerb) -> DataCall:
        codecs = {name: each.codec for name, each in self._live.types.items()}
        return parse_data(body, verb, codecs, self._live.service.configuration, self._authorization)

    def _answer_of(self, call: DataCall) -> MakeAnswer:
        codec = self._live.types[call.type_name].codec
        return lambda returned: answer_data(call, codec, returned, self._limits.objects)


def _documents(contents: Sequence[bytes], headers: Properties) -> tuple[Document, ...]:
    return tuple(
        Document(root_identity(number), content, {**headers, ORDINAL_PROPERTY: str(number)})
        for number, content in enumerate(contents)
    )


def start_of(documents: tuple[Document, ...], properties: dict[str, str], path: str) -> Start:
    """Give what the execution of a call that cannot wait starts with."""
    return Start(documents, properties, uri=path)


def served(found: Bound | Missing) -> Bound:
    """Give the process that serves a call.

    Raises:
        Unavailable: it is another bundle's, and not there.
    """
    if isinstance(found, Missing):
        raise Unavailable("flow.not-deployed", found.reason)
    return found


def time_limit(bound: Bound) -> float:
    """Give how long a call of this process may take, in seconds."""
    listener = bound.process.process.listener
    return DEFAULT_TIME_LIMIT if listener is None or isinstance(listener, FileListener) else listener.time_limit


def limited(start: Start, bound: Bound, house: House, since: float) -> Start:
    """Give the start with the time at which the call's limit has passed, counted from `since` on trio's clock."""
    rest = since + time_limit(bound) - trio.current_time()
    return Start(start.documents, start.properties, uri=start.uri, deadline=house.clock.now() + rest)


def answering(make: MakeAnswer, limits: AnswerLimits) -> Callable[[Result, Contents], Awaitable[Ending]]:
    """Give what turns the result of an execution into the answer of its call."""

    async def answer(result: Result, contents: Contents) -> Ending:
        if result.status is not Status.COMPLETE:
            return failed(result.status, result.code, result.message)
        returned: list[Returned] = []
        size = 0
        async with aclosing(_returned(result, contents)) as documents:
            async for each in documents:
                returned.append(each)
                size += len(each.content)
                if size > limits.size:
                    text = f"The process returned more than {limits.size} bytes for one answer (flow.answer_limit)."
                    return failed(Status.ERROR, RETURNED_TOO_MUCH, text)
        try:
            return Ending(status=Status.COMPLETE, body=make(returned))
        except Fault as fault:
            return failed(Status.ERROR, fault.code, fault.message)

    return answer


async def _returned(result: Result, contents: Contents) -> AsyncGenerator[Returned]:
    for batch in result.returned:
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    yield Returned(await contents.read(document), document.properties)


async def answer_within(exchange: Exchange, hold: Hold, until: float) -> None:
    """Wait for the answer of an execution and send it; its caller may leave, and then its work stops.

    The execution ends at its limit by itself; one that cannot even be cancelled is left to its end after a grace.
    """
    hold.join()
    waited = "decided"
    if not hold.is_decided:
        waited = await wait_for_decision(exchange, hold, until + GRACE, may_wait=False)
    if waited == "late":
        await exchange.answer(refusal(504, exchange.request.path, LATE, hold.execution))
    if waited != "decided":
        return
    ending, path = hold.ending, exchange.request.path
    header = (b"x-execution-id", hold.execution.encode())
    if ending is not None and ending.body is not None:
        await exchange.answer(Answer(status=200, body=ending.body, headers=(JSON, header)))
        return
    text = "The process failed." if ending is None or ending.message is None else ending.message
    status = 504 if ending is not None and ending.code == TIME_LIMIT else 500
    await exchange.answer(refusal(status, path, text, hold.execution))
