"""How a database connection is opened: SQLAlchemy is an extra, so it is imported when the first one is wanted."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from connectors.database.settings import Settings
from runtime.sdk.connector import Connection
from runtime.sdk.faults import NotSent


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncGenerator[Connection]:
    """Open a connection; nothing is sent before the first call.

    Raises:
        NotSent: ``database.not-installed``: the library or the driver is not on this machine.
    """
    try:
        from connectors.database.connection import connected  # noqa: PLC0415 - as the module says
    except ImportError as error:
        raise NotSent("database.not-installed", f"install nuclide[db]: {error}") from error
    async with connected(settings) as connection:
        yield connection
