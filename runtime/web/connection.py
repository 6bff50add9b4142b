"""One connection spoken by hypercorn: HTTP/1.1, HTTP/2, WebSocket. Nothing else knows hypercorn.

Only its connection handler is used, not its server: that one ends the process when a connection raises (reproduced on
every seed of ``tests/web/fuzz.py``), and offers no place for a guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import trio
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import EventWrapper, TrioSingleTask, WorkerContext

from runtime.clock import SECONDS
from runtime.observe.log import logger
from runtime.web.asgi import HINTS, AsgiApp, Hints, Message, Scope, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypercorn import typing

    from runtime.web.listener import ConnectionHandler, ListenerLimits
    from runtime.web.wire import Wire

_UNLIMITED = 2**62  # requests on one connection; hypercorn closes each after 1000 unless told otherwise
_HANDSHAKE = 10 * SECONDS  # for TLS; hypercorn allows 60
_WEBSOCKET_MESSAGE = 1024 * 1024  # bytes; the console's messages are small

_SECURED = {"http": "https", "https": "https", "ws": "wss", "wss": "wss"}

_log = logger("nuclide.web")


def hypercorn_connections(app: AsgiApp, limits: ListenerLimits, stopping: trio.Event) -> ConnectionHandler:
    """Give a connection handler that serves `app`; once `stopping` is set it ends each connection when it is idle.

    What it raises on hostile bytes is left to the listener's guard.
    """
    config = _config(limits)
    context = _Context(stopping)

    async def handle_connection(wire: Wire) -> None:
        state: typing.LifespanState = {}  # hypercorn's own server shares one among all connections
        server = TCPServer(_Adapter(app, wire), config, context, state, cast("Any", wire))
        server.idle_task = _NoTimer()
        await server.run()

    return handle_connection


def _config(limits: ListenerLimits) -> Config:
    config = Config()
    config.logger_class = _Log
    config.h11_max_incomplete_size = limits.head_bytes
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
        turn = _Turn(self._wire, cast("Any", receive).__self__, cast("Send", send))
        self._wire.multiplexed = scope["type"] != "lifespan" and not scope["http_version"].startswith("1")
        arrived = self._wire.request_began()
        hinted = cast("Scope", scope)
        if self._wire.is_secure and scope["type"] != "lifespan":  # hypercorn only knows of TLS that is its own
            hinted["scheme"] = _SECURED[scope["scheme"]]
        hinted["extensions"][HINTS] = Hints(
            arrived=arrived,
            poll=turn.poll,
            hung_up=self._wire.has_hung_up,
            certificate=self._wire.certificate,
        )
        try:
            await self._app(hinted, turn.receive, turn.send)
        finally:
            self._wire.request_ended()


class _Turn:
    """The two ASGI callables of one request, with what hypercorn leaves out.

    The wire learns when the application waits to send. The head of an answer goes out together with its body, as ASGI
    wants it: two small sends cost a system call and a packet more. And the disconnect that hypercorn reports after
    every complete answer is held back until hypercorn itself is done with the answer: quart-trio cancels the sending
    task upon it, and with it hypercorn's own steps to close the connection or to begin with the next request.
    """

    def __init__(self, wire: Wire, channel: trio.MemoryReceiveChannel[Message], send: Send) -> None:
        self._wire = wire
        self._channel = channel
        self._send = send
        self._ending = False
        self._ended = trio.Event()

    async def receive(self) -> Message:
        message = await self._channel.receive()
        if message["type"] == "http.disconnect" and self._ending and not self._wire.has_hung_up():
            await self._ended.wait()
        return message

    def poll(self) -> Message | None:
        try:
            return self._channel.receive_nowait()
        except trio.WouldBlock:
            return None

    async def send(self, message: Message) -> None:
        body = message["type"] == "http.response.body"
        last = body and not message.get("more_body", False)
        self._ending = self._ending or last
        self._wire.answer_began()
        self._wire.holding = message["type"] == "http.response.start" and not self._wire.multiplexed
        try:
            await self._send(message)
            if body and not last:
                await self._wire.flush()
        finally:
            self._wire.holding = False
            self._wire.answer_ended()
            if last:
                self._ended.set()


class _NoTimer(TrioSingleTask):
    """In place of hypercorn's timer task between requests, which is a quarter of a request's cost: the wire knows."""

    async def restart(self, task_group: typing.TaskGroup, action: Callable[..., Any]) -> None:
        """Leave it to the wire."""

    async def stop(self) -> None:
        """Leave it to the wire."""


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
