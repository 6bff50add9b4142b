"""What stands behind the front door, imported by the first connection that needs it, or once the doors are open.

Hypercorn brings HTTP/2 and WebSocket along: a tenth of a start, which no caller of a hot route has to wait for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from runtime.web.asgi import AsgiApp
    from runtime.web.listener import ConnectionHandler, ListenerLimits
    from runtime.web.wire import Wire

CONNECTION = "runtime.web.connection"


def connections_behind(app: AsgiApp, limits: ListenerLimits, stopping: trio.Event) -> ConnectionHandler:
    """Give what `hypercorn_connections` gives; a thread imports it, so the loop goes on."""
    made: list[ConnectionHandler] = []

    async def handle(wire: Wire) -> None:
        if not made:
            connection = await trio.to_thread.run_sync(import_module, CONNECTION)
            made.append(connection.hypercorn_connections(app, limits, stopping))
        await made[0](wire)

    return handle
