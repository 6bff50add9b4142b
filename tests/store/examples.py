"""Executions and operations that the tests of stores share."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import trio

from runtime.model.journal import Accept, Brief, ExecutionRow, Finish, NewCallback, Status
from runtime.store.cipher import Cipher
from runtime.store.sqlite import open_sqlite
from runtime.store.sqlite.opening import AHEAD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runtime.store.protocols import Journal
    from runtime.store.sqlite.opening import SqliteStore

KEY = bytes(range(32))


class FixedClock:
    """A wall clock that stands still."""

    def now(self) -> float:
        """Give the same time always."""
        return 1000.0


@asynccontextmanager
async def sqlite(
    folder: Path, *, key: bytes = KEY, group: int = 512, queue: int = 10_000, ahead: int = AHEAD
) -> AsyncIterator[SqliteStore]:
    """Open a store over SQLite with settings for tests."""
    async with open_sqlite(
        folder, cipher=Cipher(key), clock=FixedClock(), group=group, queue=queue, ahead=ahead
    ) as store:
        yield store


def execution(identity: str = "ex-1", **fields: object) -> ExecutionRow:
    """Give an execution as it is accepted: running, claimed by ``here`` until 1100."""
    given: dict[str, Any] = {"status": Status.RUNNING, "owner": "here", "lease_until": 1100.0} | fields
    return ExecutionRow(
        id=identity,
        bundle="contacts",
        version="1.0",
        digest="d1",
        process="create",
        mode="general",
        **{"started_at": 1000.0, **given},
    )


def accept(identity: str = "ex-1", *, start: bytes = b"start", **fields: object) -> Accept:
    """Give the operation that accepts an execution."""
    return Accept(execution(identity, **fields), start)


def brief(identity: str, *, answer: bytes = b"answer", **fields: object) -> Brief:
    """Give an execution that begins and ends at once."""
    row = execution(
        identity, **{"status": Status.COMPLETE, "owner": None, "lease_until": 0.0, "finished_at": 1001.0, **fields}
    )
    return Brief(execution=row, answer=answer, keep=b"kept", tracked=(("x", "1"),))


async def submitted(journal: Journal, given: Brief) -> None:
    """Submit an execution, and wait for its end; raise the error that it ends with."""
    told: list[Exception | None] = []
    done = trio.Event()

    def tell(error: Exception | None) -> None:
        told.append(error)
        done.set()

    journal.submit(given, tell)
    await done.wait()
    if told != [None]:
        raise told[0] or AssertionError("its end was told more than once")


def callback(identity: str = "ex-1", *, epoch: int = 0, **fields: object) -> NewCallback:
    """Give a callback of an execution, due at 1000, to one host."""
    given: dict[str, Any] = {
        "host": "flow.example",
        "request": b"request",
        "due": 1000.0,
        "expires_at": 9000.0,
    } | fields
    return NewCallback(execution=identity, epoch=epoch, created_at=1000.0, **given)


def finish(identity: str = "ex-1", *, epoch: int = 0, **fields: object) -> Finish:
    """Give the end of an execution at 1050."""
    given: dict[str, Any] = {"status": Status.COMPLETE, "finished_at": 1050.0} | fields
    return Finish(execution=identity, epoch=epoch, **given)
