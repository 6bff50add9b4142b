"""One transaction in a worker thread, and how another thread stops it.

A thread that holds a connection is never abandoned: the statement is stopped in the database, the worker comes back
with the driver's error, rolls back, and gives the connection back whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Generic, TypeVar

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import exc

from connectors.database.dialects.base import Dialect, Raw
from connectors.database.faults import LENGTH, Stopped, refused
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown

T = TypeVar("T")
Fault = ApplicationFault | NotSent | OutcomeUnknown
Work = Callable[[sa.Connection, Callable[[], None]], T]  # given the connection and what to call between statements


class Phase(Enum):
    """How far a transaction has come."""

    WAITING = auto()
    WORKING = auto()
    COMMITTING = auto()
    OVER = auto()


class Transaction(Struct, Generic[T], frozen=True):
    """What a job does. `plain` says that it consists of statements which cannot commit by themselves."""

    work: Work[T]
    read_only: bool
    plain: bool


class Job(Generic[T]):
    """Runs a transaction once. `run` is for the worker thread; `stop` and `cut` for any other."""

    def __init__(self, engine: sa.Engine, dialect: Dialect, transaction: Transaction[T]) -> None:
        self._engine = engine
        self._dialect = dialect
        self._transaction = transaction
        self._lock = (
            threading.Lock()
        )  # held while a stop is on its way, so that it cannot reach the connection's next user
        self._phase = Phase.WAITING
        self._stopping = False
        self._raw: Raw = None

    def run(self) -> T | Fault:
        """Make the transaction: its result when it is committed, or what is known about why it is not."""
        try:
            connection = self._engine.connect()
        except (exc.SQLAlchemyError, OSError) as error:
            return NotSent("database.not-connected", f"no connection to the database: {_told(error)}")
        try:
            return self._run(connection)
        except (ApplicationFault, NotSent) as fault:
            return fault
        except Stopped:
            return self._stopped()
        except exc.DBAPIError as error:
            return self._failed(error)
        except exc.SQLAlchemyError as error:
            return refused(f"the statement cannot be made: {type(error).__name__}", status="statement")
        finally:
            self._release(connection)

    def stop(self) -> None:
        """Stop what runs, and all that would follow; what is being committed is left alone.

        It may fail, or come between two statements and go nowhere: the caller asks until the job has ended.
        """
        with self._lock, suppress(OSError, self._engine.dialect.loaded_dbapi.Error):
            self._stopping = True
            if self._phase is Phase.WORKING:
                self._dialect.stop(self._raw, self._engine)

    def cut(self) -> None:
        """End the connection of a job that did not stop."""
        with self._lock, suppress(OSError, self._engine.dialect.loaded_dbapi.Error):
            if self._phase in {Phase.WORKING, Phase.COMMITTING}:
                self._dialect.cut(self._raw)

    def _run(self, connection: sa.Connection) -> T:
        self._dialect.begin(connection, read_only=self._transaction.read_only)
        self._enter(Phase.WORKING, connection.connection.driver_connection)
        result = self._transaction.work(connection, self._pause)
        self._enter(Phase.COMMITTING, self._raw)
        connection.commit()
        return result

    def _enter(self, phase: Phase, raw: Raw) -> None:
        with self._lock:
            if self._stopping:
                raise Stopped
            self._phase, self._raw = phase, raw

    def _pause(self) -> None:
        if self._stopping:
            raise Stopped

    def _release(self, connection: sa.Connection) -> None:
        """Give the connection back, rolled back where it was not committed; a broken one is thrown away."""
        with self._lock:
            self._phase, self._raw = Phase.OVER, None
        try:
            connection.close()
        except exc.SQLAlchemyError:
            connection.invalidate()

    def _failed(self, error: exc.DBAPIError) -> Fault:
        if error.connection_invalidated:
            return self._lost()
        refusal = self._dialect.refusal(error.orig or error)
        if self._stopping:
            return self._stopped()
        return refused(refusal.message, status=refusal.status)

    def _lost(self) -> Fault:
        if self._phase is Phase.WAITING:
            return NotSent("database.not-connected", "the connection to the database was lost before the call")
        certain = self._transaction.plain and self._dialect.certain_until_commit
        if self._transaction.read_only or (certain and self._phase is Phase.WORKING):
            return NotSent("database.rolled-back", "the connection was lost before the commit: nothing has changed")
        return OutcomeUnknown(
            "database.outcome-unknown", "the connection was lost: the statement may have taken effect"
        )

    def _stopped(self) -> Fault:
        if self._phase is Phase.WAITING:
            return NotSent("database.not-sent", "the call was stopped before a statement was sent")
        can_commit = not (self._transaction.plain or self._transaction.read_only)
        if can_commit and not self._dialect.certain_until_commit:
            return OutcomeUnknown("database.outcome-unknown", "stopped: what the statement committed by itself remains")
        message = "the call took longer than it may: it was stopped in the database, and rolled back"
        return refused(message, status="timeout", code="database.timeout")


def _told(error: Exception) -> str:
    """Give a driver's message on one line; before a statement is sent it cannot hold a value."""
    origin = getattr(error, "orig", None) or error
    text = " ".join(str(part) for part in origin.args) or type(origin).__name__
    return " ".join(text.split())[:LENGTH]
