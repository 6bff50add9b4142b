"""A JSON API as a table of endpoints: it is routed, checked and described (`openapi`) from the same rows."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import Struct

from runtime.bundle.findings import suggest
from runtime.errors import BundleError, RequestError, StoreError, Unavailable
from runtime.observe.log import logger
from runtime.web.events import MEDIA, Events, pieces
from runtime.web.exchange import Answer, Exchange, Request
from runtime.web.problem import problem

MOST_PARAMETERS = 32  # of one request; no endpoint knows half as many

_JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
_STREAM = ((b"content-type", MEDIA.encode()), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))
_log = logger("nuclide.web")


class Parameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what an endpoint is asked with; a field is a parameter of the same name, in the path or the query."""


class Arriving(Struct, frozen=True):
    """What a PUT brings: the parameters of its path and query, and its body as it arrives."""

    given: Any
    pieces: AsyncGenerator[bytes]


class Endpoint(Struct, frozen=True, kw_only=True):
    """One thing that can be asked for by GET, ordered by POST, or brought by PUT.

    `path` holds the names of path parameters in braces: ``/api/executions/{id}``. `handle` gets an instance of
    `parameters` (of a POST: its JSON body; of a PUT: Arriving, with a body of the kind `takes`) and gives one of
    `answer`, or Events where `media` says so; it may raise RequestError, BundleError, Unavailable and StoreError.
    """

    path: str
    summary: str
    method: Literal["GET", "POST", "PUT"] = "GET"
    parameters: type[Parameters] = Parameters
    answer: type
    handle: Callable[[Any], Awaitable[object]]
    media: str = "application/json"
    takes: str = "application/json"

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters that stand in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))


class Api:
    """A handler that answers by its endpoints; what it refuses is a problem document."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._routes = [(_pattern(endpoint), endpoint) for endpoint in endpoints]

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        answer = await self._answer(exchange)
        if isinstance(answer, Answer):
            await exchange.answer(answer)
        else:
            async with aclosing(pieces(answer)) as told:
                await exchange.stream(_STREAM, told)

    async def _answer(self, exchange: Exchange) -> Answer | Events:
        request = exchange.request
        try:
            endpoint, in_path = self._find(request)
            if endpoint.method == "POST":
                given = _body(endpoint, request.body)
            else:
                given = _parameters(endpoint, in_path, request.query, last=request.header("last-event-id"))
            if request.method == "HEAD" and endpoint.media == MEDIA:
                return Answer(status=200, headers=_STREAM)
            if endpoint.method == "PUT":
                async with aclosing(exchange.pieces()) as arriving:
                    answer = await endpoint.handle(Arriving(given, arriving))
            else:
                answer = await endpoint.handle(given)
        except RequestError as error:
            return _refused(request, error)
        except BundleError as error:
            return problem(422, request.path, str(error), error.problems)
        except Unavailable as error:
            return problem(503, request.path, error.message)
        except StoreError as error:
            _log.warning("web.store-unreadable", path=request.path, error=str(error))
            return problem(503, request.path, "The journal cannot be read now; the daemon's log says why")
        if isinstance(answer, Events):
            return answer
        return Answer(status=200, body=msgspec.json.encode(answer), headers=_JSON)

    def _find(self, request: Request) -> tuple[Endpoint, dict[str, str]]:
        served: list[str] = []
        for pattern, endpoint in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if request.method == endpoint.method or (request.method, endpoint.method) == ("HEAD", "GET"):
                return endpoint, {name: unquote(text) for name, text in match.groupdict().items()}
            served.append(endpoint.method)
        if served:
            verb = "is" if len(served) == 1 else "are"
            message = f"{request.method} is not served here; {' and '.join(served)} {verb}"
            raise RequestError("web.method", message, status=405, hint=" ".join(served))
        hint = suggest(request.path, [endpoint.path for _, endpoint in self._routes])
        raise RequestError("web.unknown-path", "Nothing is served under this path", status=404, hint=hint)


def _pattern(endpoint: Endpoint) -> re.Pattern[str]:
    parts = re.split(r"{(\w+)}", endpoint.path)  # literal, name, literal, …
    return re.compile("".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))


def _body(endpoint: Endpoint, body: bytes) -> Parameters:
    """Give the body of an order.

    Raises:
        RequestError: it is not JSON, or not what the endpoint takes.
    """
    try:
        return msgspec.json.decode(body, type=endpoint.parameters)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError("web.wrong-body", f"The body is wrong: {error}") from error


def _parameters(endpoint: Endpoint, in_path: dict[str, str], query: bytes, *, last: str | None) -> Parameters:
    """Give the parameters of a request; `last` is the event that a caller who comes back to a stream has seen.

    Raises:
        RequestError: one is unknown, given twice, or of a wrong value.
    """
    given = dict(in_path)
    known = endpoint.parameters.__struct_fields__
    for name, text in _pairs(query):
        if name not in known or name in in_path:
            hint = suggest(name, set(known) - set(in_path))
            raise RequestError("web.unknown-parameter", f"There is no parameter '{name}'", hint=hint)
        if name in given:
            raise RequestError("web.parameter-twice", f"The parameter '{name}' is given twice")
        given[name] = text
    if last is not None and endpoint.media == MEDIA:
        given["after"] = last
    try:
        return msgspec.convert(given, endpoint.parameters, strict=False)
    except msgspec.ValidationError as error:
        raise RequestError("web.wrong-parameter", f"A parameter is wrong: {error}") from error


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise RequestError("web.bad-query", "The query cannot be read") from error


def _refused(request: Request, error: RequestError) -> Answer:
    if error.status != HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{error.message} ({error.hint})" if error.hint else error.message
        return problem(error.status, request.path, detail)
    answer = problem(error.status, request.path, error.message)
    allowed = ", ".join("GET, HEAD" if method == "GET" else method for method in (error.hint or "").split())
    return Answer(status=answer.status, body=answer.body, headers=(*answer.headers, (b"allow", allowed.encode())))
