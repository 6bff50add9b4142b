"""Moments of a call: its statement is on its way, and time passes then and not before."""

from __future__ import annotations

import trio
import trio.testing
from sqlalchemy import event

from connectors.database.connection import DatabaseConnection
from runtime.sdk.connector import Connection

LATER = 3_600.0  # seconds: whatever the machine does, time comes there only where a test lets it


def sent(connection: Connection, part: str) -> trio.Event:
    """Give an event that comes when a statement with this part is on its way to the database."""
    assert isinstance(connection, DatabaseConnection)
    it_is = trio.Event()

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if part in statement:
            trio.from_thread.run_sync(it_is.set)

    event.listen(connection._engine, "before_cursor_execute", look)
    return it_is


async def jump(clock: trio.testing.MockClock, when: trio.Event) -> None:
    """Let an hour pass once something has happened."""
    await when.wait()
    clock.jump(LATER)
