"""The admin application: is the daemon alive, is it ready, what does it count. It tells no secrets to anyone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import msgspec
import trio

from runtime.observe.metrics import CONTENT_TYPE
from runtime.web.asgi import AsgiApp, Receive, Scope, Send
from runtime.web.behind import CONNECTION
from runtime.web.problem import problem

if TYPE_CHECKING:
    from quart_trio import QuartTrio
    from werkzeug.exceptions import HTTPException

Ready = Callable[[], Awaitable[tuple[bool, str]]]
"""Tells what StatusSource.ready does, of all workers."""

Metrics = Callable[[], bytes]
"""Renders all metrics in the text format of Prometheus; takes milliseconds, so it is called in a thread."""

Reply = tuple[bytes, int, dict[str, str]]

_JSON = {"content-type": "application/json", "cache-control": "no-store"}
_TEXT = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
_METRICS = {"content-type": CONTENT_TYPE, "cache-control": "no-store"}


class StatusSource(Protocol):
    """Who knows how the daemon is. Both answers are public: no secret, no payload, no address of another system."""

    def ready(self) -> tuple[bool, str]:
        """Tell whether requests are served, and why not: "starting", "stopping", or what is wrong with the disk."""
        ...

    def summary(self) -> Mapping[str, object]:
        """Give what an operator sees first, as values that JSON knows: version, uptime, listeners, deployments."""
        ...


class Later:
    """The admin application, made while requests are served already; whoever asks for it before waits.

    Importing Quart takes longer than all else at start.
    """

    def __init__(self, make: Callable[[], AsgiApp]) -> None:
        self._make = make
        self._app: AsgiApp | None = None
        self._there = trio.Event()

    async def load(self) -> None:
        """Make it, and import what speaks for it, in a thread: the loop goes on meanwhile."""
        for module in (CONNECTION, "quart_trio"):
            await trio.to_thread.run_sync(import_module, module)
        self._app = self._make()
        self._there.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._there.wait()
        if self._app is not None:
            await self._app(scope, receive, send)


def admin_app(
    status: StatusSource,
    metrics: Metrics | None = None,
    *,
    ready: Ready | None = None,
    body_limit: int = 16 * 1024 * 1024,
) -> QuartTrio:
    """Build the admin application; other parts of it (console, admin routes) register their blueprints on it.

    `ready` tells whether all workers are, where there are several. `body_limit` is in bytes. Importing Quart takes
    longer than all else at start, so it happens here and not before.
    """
    from quart_trio import QuartTrio  # noqa: PLC0415 - see above

    app = QuartTrio("nuclide.admin", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    _add_health(app, status, ready)
    if metrics is not None:
        _add_metrics(app, metrics)
    _add_problems(app)
    return app


def _add_health(app: QuartTrio, status: StatusSource, everyone: Ready | None) -> None:
    async def summary() -> Reply:
        ready, reason = status.ready()
        document = {"status": "running" if ready else reason, **status.summary()}
        return msgspec.json.encode(document), 200 if ready else 503, _JSON

    async def alive() -> Reply:
        return b"alive\n", 200, _TEXT

    async def ready() -> Reply:
        is_ready, reason = status.ready() if everyone is None else await everyone()
        return (b"ready\n", 200, _TEXT) if is_ready else (f"{reason}\n".encode(), 503, _TEXT)

    app.add_url_rule("/_admin/status", "status", summary, methods=["GET"])
    for path in ("/livez", "/_admin/liveness"):  # Kubernetes' own word, and the platform's
        app.add_url_rule(path, path, alive, methods=["GET"])
    for path in ("/readyz", "/_admin/readiness"):
        app.add_url_rule(path, path, ready, methods=["GET"])


def _add_metrics(app: QuartTrio, render: Metrics) -> None:
    one_at_a_time = trio.CapacityLimiter(1)  # a scrape costs a core for its time, however many ask

    async def metrics() -> Reply:
        return await trio.to_thread.run_sync(render, limiter=one_at_a_time), 200, _METRICS

    app.add_url_rule("/metrics", "metrics", metrics, methods=["GET"])


def _add_problems(app: QuartTrio) -> None:
    from quart import request  # noqa: PLC0415 - as in admin_app
    from werkzeug.exceptions import HTTPException  # noqa: PLC0415 - as in admin_app

    async def as_problem(error: HTTPException) -> Reply:
        if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect is raised, too
            raise error
        answer = problem(error.code, request.path, error.description or "")
        headers = {"content-type": "application/problem+json"}
        if error.code == 413:  # noqa: PLR2004 - the rest of the body would wedge the connection for the next request
            headers["connection"] = "close"
        return answer.body, answer.status, headers

    app.register_error_handler(HTTPException, as_problem)
