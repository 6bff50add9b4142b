"""How a database connection is opened: SQLAlchemy is an extra, so it is imported when the first one is wanted.

It is imported in a thread, as it takes a third of a second, in which nobody else would be served.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module

import trio

from connectors.database.settings import Settings
from runtime.sdk.connector import Connection
from runtime.sdk.faults import NotSent

_CONNECTIONS = "connectors.database.connection"


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncGenerator[Connection]:
    """Open a connection; nothing is sent before the first call.

    Raises:
        NotSent: ``database.not-installed``: the library or the driver is not on this machine.
    """
    try:
        connections = await trio.to_thread.run_sync(import_module, _CONNECTIONS)
    except ImportError as error:
        raise NotSent("database.not-installed", f"install nuclide[db]: {error}") from error
    async with connections.connected(settings) as connection:
        yield connection
