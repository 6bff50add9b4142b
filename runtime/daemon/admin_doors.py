"""The doors of the admin API: the Unix socket, and a port where the settings name one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_address

import structlog
import trio
from msgspec import structs

from runtime.daemon.parts import until
from runtime.errors import SettingsError
from runtime.observe.metrics import Metrics
from runtime.settings import Settings
from runtime.web.access.files import Watched
from runtime.web.access.opening import Access
from runtime.web.access.token import TokenGate, read_token
from runtime.web.admin_uploads import BODIES
from runtime.web.asgi import AsgiApp
from runtime.web.behind import connections_behind
from runtime.web.exchange import Handler
from runtime.web.front import BodyLimits, Front, Route
from runtime.web.listener import ListenerLimits, serve
from runtime.web.sockets import bind
from runtime.web.unix_socket import unix_listener

DRAIN = 1.0  # seconds; an answer of the admin API takes a tenth of it
CONNECTIONS = 256  # open ones on the admin port: consoles and scripts, not callers

_log = structlog.get_logger("nuclide.daemon")


@asynccontextmanager
async def admin_doors(
    settings: Settings, api: Handler, admin: AsgiApp, *, access: Access, limits: ListenerLimits, metrics: Metrics
) -> AsyncGenerator[None]:
    """Serve `api` below ``/api``, and `admin` beside it, while the block runs.

    An operator can ask while the doors of the services are still, or no longer, open.

    Raises:
        SettingsError: there is no token for the port, or it would be sent in clear over a network.
        HostError: the socket or the port cannot be had.
    """
    bodies = BodyLimits(size=settings.server.body_limit, time=settings.server.body_timeout)
    closing = trio.Event()
    with unix_listener(settings.admin_socket) as listener:
        app = Front({"/api": Route(handler=api, streaming=BODIES)}, admin, limits=bodies)
        socket = partial(
            serve, connections_behind(app, limits, closing), [listener], limits, stopping=closing, drain=DRAIN
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(socket, name="admin socket")
            if settings.admin.port is None:
                yield
            else:
                token = _token(settings, access)
                gate = TokenGate(lambda: token.now, metrics)
                guarded = Front({"/api": Route(handler=api, gate=gate, streaming=BODIES)}, admin, limits=bodies)
                async with trio.open_nursery() as port:
                    await port.start(partial(_port, settings, guarded, access, limits, closing), name="admin port")
                    port.start_soon(until, closing, token.follow, name="follow the admin token")
                    yield
                    closing.set()
            closing.set()


async def _port(
    settings: Settings,
    app: Front,
    access: Access,
    limits: ListenerLimits,
    closing: trio.Event,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    few = structs.replace(limits, connections=CONNECTIONS)
    listeners = await bind(settings.admin.host, settings.admin.port or 0)
    handle = connections_behind(app, few, closing)
    tls = access.context if access.secure else None
    async with trio.open_nursery() as nursery:
        door = partial(serve, handle, listeners, few, stopping=closing, drain=DRAIN, tls=tls)
        addresses = await nursery.start(door, name="admin port: serve")
        _log.info("the admin API has a port", addresses=addresses)
        task_status.started()


def _token(settings: Settings, access: Access) -> Watched[bytes]:
    if not access.secure and not _is_loopback(settings.admin.host):
        message = f"the token of the admin API would reach {settings.admin.host} in clear"
        hint = "set tls.certificate and tls.key, or let admin.host be 127.0.0.1 with a proxy in front"
        raise SettingsError("settings.contradiction", message, hint=hint)
    path = settings.token_file
    return Watched("the admin token", (path,), partial(read_token, path))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
