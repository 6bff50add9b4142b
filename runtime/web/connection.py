"""One connection spoken by hypercorn: HTTP/1.1, HTTP/2, WebSocket. Nothing else knows hypercorn.

Only its connection handler is used, not its server: that one ends the process when a connection raises (reproduced on
every seed of ``tests/web/fuzz.py``), and offers no place for a guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import structlog
import trio
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import EventWrapper, WorkerContext

from runtime.clock import SECONDS
from runtime.web.asgi import HINTS, AsgiApp, Hints, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypercorn import typing

    from runtime.web.listener import ConnectionHandler, ListenerLimits
    from runtime.web.wire import Wire

_UNLIMITED = 2**62  # requests on one connection; hypercorn closes each after 1000 unless told otherwise
_HANDSHAKE = 10 * SECONDS  # for TLS; hypercorn allows 60
_WEBSOCKET_MESSAGE = 1024 * 1024  # bytes; the console's messages are small

_log = structlog.get_logger("nuclide.web")


def hypercorn_connections(app: AsgiApp, limits: ListenerLimits, stopping: trio.Event) -> ConnectionHandler:
    """Give a connection handler that serves `app`; once `stopping` is set it ends each connection when it is idle.

    What it raises on hostile bytes is left to the listener's guard.
    """
    config = _config(limits)
    context = _Context(stopping)

    async def handle_connection(wire: Wire) -> None:
        state: typing.LifespanState = {}  # hypercorn's own server shares one among all connections
        await TCPServer(_Adapter(app, wire), config, context, state, cast("Any", wire)).run()

    return handle_connection


def _config(limits: ListenerLimits) -> Config:
    config = Config()
    config.logger_class = _Log
    config.h11_max_incomplete_size = limits.head_bytes
    config.keep_alive_timeout = limits.keep_alive
    config.keep_alive_max_requests = _UNLIMITED
    config.ssl_handshake_timeout = _HANDSHAKE
    config.websocket_max_message_size = _WEBSOCKET_MESSAGE
    config.include_server_header = False  # a version helps only those who look for one with a hole
    return config


class _Adapter:
    """Calls an ASGI application for one connection, and tells it what ASGI has no word for (`Hints`)."""

    def __init__(self, app: AsgiApp, wire: Wire) -> None:
        self._app = app
        self._wire = wire

    async def __call__(
        self,
        scope: typing.Scope,
        receive: typing.ASGIReceiveCallable,
        send: typing.ASGISendCallable,
        sync_spawn: Callable[..., Any],
        call_soon: Callable[..., Any],
    ) -> None:
        # hypercorn passes the bound method of a memory channel: the channel can be looked into without waiting.
        channel = cast("trio.MemoryReceiveChannel[Message]", cast("Any", receive).__self__)
        arrived = self._wire.request_began()
        hinted = cast("Scope", scope)
        hinted["extensions"][HINTS] = Hints(arrived=arrived, poll=lambda: _poll(channel))
        try:
            await self._app(hinted, cast("Receive", receive), cast("Send", send))
        finally:
            self._wire.request_ended()


def _poll(channel: trio.MemoryReceiveChannel[Message]) -> Message | None:
    try:
        return channel.receive_nowait()
    except trio.WouldBlock:
        return None


class _Context(WorkerContext):
    """What hypercorn's connections share: here only the word that the house is closing."""

    def __init__(self, stopping: trio.Event) -> None:
        super().__init__(max_requests=None)
        self.terminated = _Stopping(stopping)


class _Stopping(EventWrapper):
    def __init__(self, event: trio.Event) -> None:
        super().__init__()
        self._event = event


class _Log(Logger):
    """Hypercorn's log, into ours. It has no access log: copying the environment for each record costs 115 us."""

    def __init__(self, config: Config) -> None:
        """Open nothing: the parent would attach handlers of its own."""
        self.access_logger = None
        self.error_logger = None

    async def exception(self, message: str, *args: object, **kwargs: object) -> None:
        """Log an error of the application, with its traceback."""
        _log.exception("web.application-failed", message=message)
