"""The front of the house: routes by prefix, bodies within limits, and one place where a handler's error ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.clock import SECONDS
from runtime.errors import RequestError
from runtime.observe.log import logger
from runtime.web import body
from runtime.web.access.gate import Gate
from runtime.web.asgi import AsgiApp, AsgiExchange, Receive, Scope, Send, hints, raw_path, request_of
from runtime.web.exchange import Alike, Answer, CallerGone, Exchange, Handler, Request
from runtime.web.later import Later
from runtime.web.problem import Refusal, problem
from runtime.web.streamed import StreamedExchange, StreamLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

# CONNECT and TRACE are left out: the one is for proxies, the other repeats credentials to whoever asks.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FAILED = "The request failed inside the runtime; its log says why"
_FRAMED_TWICE = "The request says in two ways where its body ends"

_log = logger("nuclide.web")


Decide = Callable[[Request], "Answer | Later | Handler"]

Lane = Callable[[bytes, float], "Answer | Alike | Later | Handler | None"]
"""Decides on requests that have the same head, by their bodies and their times of arrival (see `Request.arrived`).

It is for what needs no waiting, mostly; None for a request that is to be served as any other is, from its start.
"""


def never(_request: Request) -> bool:
    """Tell that every request is asked at the gate."""
    return False


def nothing() -> None:
    """Give what always stays the same."""


class BodyLimits(Struct, frozen=True, kw_only=True):
    """How large a request body may be, in bytes, and how long it may take, in seconds."""

    size: int = 16 * 1024 * 1024
    time: float = 30 * SECONDS


class Streaming(Struct, frozen=True):
    """Which requests of a route, by method and path, have bodies that are read as they arrive, and within what."""

    wanted: Callable[[str, str], bool]
    limits: StreamLimits


class Route(Struct, frozen=True, kw_only=True):
    """What serves the paths below a prefix.

    `refusal` gives this route's own form to what is refused before, or failed inside, its handler. `oversize` is the
    status for a body above the limit: 400 for Flow services, as the platform answers (the protocol page, E.7). `gate`
    lets requests pass before their bodies are read.

    What need not wait is told without waiting: `passes`, that a request needs not be asked at the gate, and `decide`,
    the answer to one that has passed, or that it comes by itself, or else its handler. `lane` gives what answers
    further requests that come with this head; it is asked for one that has passed, and holds as long as `standing`
    gives the same object: who passes may then be another.
    """

    handler: Handler
    refusal: Refusal = problem
    oversize: int = 413
    streaming: Streaming | None = None
    gate: Gate | None = None
    passes: Callable[[Request], bool] = never
    decide: Decide | None = None
    lane: Callable[[Request], Lane | None] | None = None
    standing: Callable[[], object] = nothing


class Front:
    """The ASGI application in front of all others: hot routes are plain handlers, the rest is the fallback's."""

    def __init__(
        self, routes: Mapping[str, Route], fallback: AsgiApp | None = None, *, limits: BodyLimits | None = None
    ) -> None:
        """Take `routes` by prefix, e.g. ``/fs``: the longest that fits a path, segment by segment, serves it."""
        by_length = sorted(routes.items(), key=lambda item: len(item[0]), reverse=True)
        self._routes = [(prefix, f"{prefix}/", route) for prefix, route in by_length]
        self._elsewhere = Route(handler=_not_found) if fallback is None else None
        self._fallback = _no_fallback if fallback is None else fallback
        self.limits = BodyLimits() if limits is None else limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one WebSocket or the life span of the fallback."""
        if scope["type"] != "http":
            await self._fallback(scope, receive, send)
            return
        path = raw_path(scope)
        route = self.route(path) or self._elsewhere
        if body.is_framed_twice(scope):
            refusal = problem if route is None else route.refusal
            await body.refuse_unread(scope, receive, send, refusal(400, path, _FRAMED_TWICE))
        elif route is not None:
            await self._serve(route, path, scope, receive, send)
        elif body.declared_length(scope) > self.limits.size:
            too_large = body.too_large(self.limits.size)
            await body.refuse_unread(scope, receive, send, problem(too_large.status, path, too_large.message))
        else:
            await self._fallback(scope, receive, send)

    def route(self, path: str) -> Route | None:
        """Give the route that serves a raw path; None where none does."""
        for prefix, below, route in self._routes:
            if path.startswith(below) or path == prefix:
                return route
        return None

    def hot_route(self, method: str, path: str) -> Route | None:
        """Give the route that serves a request; None where none does, or its body is read while its handler runs."""
        route = self.route(path)
        if route is None or (route.streaming is not None and route.streaming.wanted(method, path)):
            return None
        return route

    async def _serve(self, route: Route, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        known = hints(scope)
        if route.gate is not None:
            refused = await route.gate(request_of(scope, path, b"", known))
            if refused is not None:
                await body.refuse(scope, receive, send, refused, known.poll)
                return
        streaming = route.streaming
        if streaming is not None and streaming.wanted(scope["method"], path):
            request = request_of(scope, path, b"", known)
            exchange = StreamedExchange(
                request, receive, send, known, scope=scope, limits=streaming.limits, oversize=route.oversize
            )
            await run_handler(route, exchange)
            return
        try:
            content = await body.read_body(scope, receive, known.poll, limit=self.limits.size, seconds=self.limits.time)
        except CallerGone:
            return
        except RequestError as error:
            status = route.oversize if error.code == body.TOO_LARGE else error.status
            await body.refuse_unread(scope, receive, send, route.refusal(status, path, error.message))
            return
        await run_handler(route, AsgiExchange(request_of(scope, path, content, known), receive, send, known))


def decided(route: Route, request: Request) -> Answer | Later | Handler:
    """Give the answer to a request, now or later, or what answers it.

    What `run_handler` says of errors holds here, too.
    """
    if route.decide is None or request.method not in _METHODS:
        return route.handler
    try:
        return route.decide(request)
    except Exception as error:  # noqa: BLE001 - an error of one request must not reach another
        _log.error("web.handler-failed", method=request.method, path=request.path, exc_info=error)
        return route.refusal(500, request.path, _FAILED)


def lane_of(route: Route, request: Request) -> Lane | None:
    """Give what answers requests that come with the head of one that has passed; None where each is decided anew.

    What `run_handler` says of errors holds here, too.
    """
    made = None if route.lane is None or request.method not in _METHODS else route.lane(request)
    if made is None:
        return None
    standing, stood, refusal = route.standing, route.standing(), route.refusal
    method, path = request.method, request.path  # the request itself, and so its body, is not kept with what is made

    def lane(body: bytes, arrived: float) -> Answer | Alike | Later | Handler | None:
        if standing() is not stood:
            return None
        try:
            return made(body, arrived)
        except Exception as error:  # noqa: BLE001 - an error of one request must not reach another
            _log.error("web.handler-failed", method=method, path=path, exc_info=error)
            return refusal(500, path, _FAILED)

    return lane


async def run_handler(route: Route, exchange: Exchange, handler: Handler | None = None) -> None:
    """Run the handler of a route, or the one that was decided on.

    This is the request handler of the house: an error ends here, logged and answered, and so does whether anybody is
    left to be answered.
    """
    request = exchange.request
    try:
        try:
            serve = route.handler if handler is None else handler
            await (serve if request.method in _METHODS else partial(_refuse_method, route))(exchange)
        except* CallerGone:
            raise
        except* Exception as group:  # noqa: BLE001 - an error of one request must not reach another
            _log.error("web.handler-failed", method=request.method, path=request.path, exc_info=group)
        else:
            if not exchange.answered:
                _log.error("web.handler-silent", method=request.method, path=request.path)
        if not exchange.answered:
            await exchange.answer(route.refusal(500, request.path, _FAILED))
    except* CallerGone:
        _log.debug("web.caller-gone", path=request.path)


async def _refuse_method(route: Route, exchange: Exchange) -> None:
    request = exchange.request
    await exchange.answer(route.refusal(501, request.path, f"The method {request.method} is not served here"))


async def _not_found(exchange: Exchange) -> None:
    await exchange.answer(problem(404, exchange.request.path, "Nothing is served under this path"))


async def _no_fallback(scope: Scope, _receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
