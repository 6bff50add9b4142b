"""An open database connection: admission, one transaction for one document, the deadline."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import sqlalchemy as sa
import trio
from sqlalchemy import event, exc

from connectors.database.asking import Asker
from connectors.database.dialects import dialect_of
from connectors.database.dialects.base import Dialect, Raw
from connectors.database.documents import from_text, to_text
from connectors.database.job import Fault, Job, Transaction, Work
from connectors.database.marked import MarkedReader, Texts, Written, groups_of, write
from connectors.database.operations import Asking, Changing, Marked, Stating
from connectors.database.reading import Reader
from connectors.database.settings import Settings
from connectors.database.tables import Tables
from connectors.database.writing import Writer
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from runtime.sdk.units import parse_duration, parse_size

FIRST_PAUSE = 0.1  # seconds until a statement is asked again to stop: a request between two statements goes nowhere
LONGEST_PAUSE = 2.0  # seconds: the server is busy, and is not asked more often
PATIENCE = 10.0  # seconds of asking, then the connection is cut

T = TypeVar("T")
Answer = tuple[Reply, ...]


@asynccontextmanager
async def connected(settings: Settings) -> AsyncGenerator[DatabaseConnection]:
    """Open a connection: a pool that connects when it is used.

    Raises:
        NotSent: ``database.not-installed``: the driver is not on this machine, or it does not take the URL.
    """
    dialect = dialect_of(settings)
    try:
        engine = await trio.to_thread.run_sync(_engine, settings, dialect)  # it imports the driver
    except (ImportError, exc.ArgumentError) as error:
        raise NotSent("database.not-installed", f"this URL cannot be used: {error}") from error
    try:
        yield DatabaseConnection(engine, dialect, settings)
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(engine.dispose)


def _engine(settings: Settings, dialect: Dialect) -> sa.Engine:
    engine = sa.create_engine(
        dialect.url(),
        connect_args=dialect.arguments(),
        pool_size=settings.connections,
        max_overflow=0,
        pool_timeout=parse_duration(settings.connect_timeout),
        pool_recycle=int(parse_duration(settings.idle_limit)),
        pool_pre_ping=True,  # a connection that a restart of the server broke is replaced before anything is in doubt
        hide_parameters=True,
        json_serializer=to_text,
        json_deserializer=from_text,
    )

    def ready(raw: Raw, _record: object) -> None:
        dialect.prepare(raw)

    event.listen(engine, "connect", ready)
    return engine


class DatabaseConnection:
    """Makes calls. As many run at once as there are connections, each in a thread; at most `queue` wait."""

    def __init__(self, engine: sa.Engine, dialect: Dialect, settings: Settings) -> None:
        self._engine = engine
        self._dialect = dialect
        self._timeout = parse_duration(settings.timeout)
        self._queue = settings.queue
        self._rows = settings.row_limit
        self._size = parse_size(settings.response_limit)
        self._tables = Tables()
        self._schema = settings.schema
        self._slots = trio.CapacityLimiter(settings.connections)
        self._stops = trio.CapacityLimiter(settings.connections)  # apart: to stop a call needs no free slot

    async def execute(self, operation: str, call: Call) -> Answer:
        """Run one operation in one transaction, and give what it gives.

        Raises:
            ApplicationFault: the database refused, its `status` is a word such as ``duplicate``; or it stopped the call
                at its deadline and rolled back.
            NotSent: there was no connection, the fields or the document fit no statement, or nothing has changed for
                certain.
            OutcomeUnknown: the connection was lost, and the call may have taken effect.
        """
        if operation == "query":
            return await self._run(self._reading(call), read_only=True, plain=True, call=call)
        if operation == "statement":
            fields: Stating = call.fields
            return await self._run(self._stating(call), read_only=fields.effect == "pure", plain=False, call=call)
        if operation == "platform read":
            return await self._run(self._marked(call.fields), read_only=not call.fields.changes, plain=False, call=call)
        if operation == "platform write":
            return await self._write_marked(call)
        if operation == "platform query":
            return await self._run(self._asking(call), read_only=True, plain=False, call=call)
        if not call.content.strip():
            return (Reply(call.content, {"rows": "0"}),)  # as the platform does: there is nothing to write
        if operation == "platform change":
            return await self._run(self._asking(call), read_only=False, plain=False, call=call)
        return await self._run(self._writing(operation, call), read_only=False, plain=True, call=call)

    def _reading(self, call: Call) -> Work[Answer]:
        def work(connection: sa.Connection, pause: Callable[[], None]) -> Answer:
            return _replies(self._reader(connection, pause).run(call, streamed=True), call)

        return work

    def _marked(self, fields: Marked) -> Work[Answer]:
        def work(connection: sa.Connection, pause: Callable[[], None]) -> Answer:
            return MarkedReader(self._dialect, connection, pause, self._rows, self._size).run(fields)

        return work

    async def _write_marked(self, call: Call) -> Answer:
        """Write rows, group by group; what was committed before a group fails stays."""
        changed = 0
        for group in groups_of(call.fields, call):

            def work(
                connection: sa.Connection, pause: Callable[[], None], rows: Sequence[tuple[Written, Texts]] = group
            ) -> int:
                return write(rows, self._dialect, connection, pause)

            changed += await self._run(work, read_only=False, plain=False, call=call)
        return (Reply(b"", {"rows": str(changed)}, unchanged=True),)

    def _asking(self, call: Call) -> Work[Answer]:
        fields: Asking | Changing = call.fields

        def work(connection: sa.Connection, pause: Callable[[], None]) -> Answer:
            reader = self._reader(connection, pause)
            asker = Asker(self._dialect, self._tables, connection, pause, reader, self._schema)
            if isinstance(fields, Asking):
                return asker.ask(fields, call.content)
            return asker.change(fields, call.content)

        return work

    def _stating(self, call: Call) -> Work[Answer]:
        def work(connection: sa.Connection, pause: Callable[[], None]) -> Answer:
            return _replies(self._reader(connection, pause).run(call, streamed=False), call)

        return work

    def _writing(self, operation: str, call: Call) -> Work[Answer]:
        def work(connection: sa.Connection, pause: Callable[[], None]) -> Answer:
            writer = Writer(self._dialect, self._tables, connection, pause)
            try:
                return _replies(_write(writer, operation, call), call)
            except exc.IntegrityError:
                connection.rollback()
                if operation == "insert" and call.fields.key_column and writer.inserted(call.fields, call.key):
                    return (Reply(call.content, {"rows": "0", "repeated": "true"}),)
                raise
            except exc.ProgrammingError:
                self._tables.forget(call.fields.table, call.fields.schema)
                raise

        return work

    def _reader(self, connection: sa.Connection, pause: Callable[[], None]) -> Reader:
        return Reader(self._dialect, connection, pause, self._rows, self._size)

    async def _run(self, work: Work[T], *, read_only: bool, plain: bool, call: Call) -> T:
        if self._slots.statistics().tasks_waiting >= self._queue and self._slots.available_tokens < 1:
            raise NotSent("database.queue-full", f"{self._queue} calls are waiting for a connection already")
        job = Job(self._engine, self._dialect, Transaction(work, read_only, plain))
        answers: list[T | Fault] = []
        with trio.CancelScope(deadline=min(call.deadline, trio.current_time() + self._timeout)):
            await self._supervised(job, answers)
        if not answers:
            raise NotSent("database.not-sent", "nothing was sent: the deadline passed before a connection was free")
        answer = answers[0]
        if isinstance(answer, ApplicationFault | NotSent | OutcomeUnknown):
            raise answer
        return answer

    async def _supervised(self, job: Job[T], answers: list[T | Fault]) -> None:
        """Run a job in a thread; when the scope around it is cancelled, stop it, and wait until it has ended."""
        ended = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._stop_when_cancelled, job, ended, name="stop of a database call")
            try:
                answers.append(await trio.to_thread.run_sync(job.run, limiter=self._slots))
            finally:
                ended.set()
            nursery.cancel_scope.cancel()

    async def _stop_when_cancelled(self, job: Job[T], ended: trio.Event) -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await self._stop(job, ended)

    async def _stop(self, job: Job[T], ended: trio.Event) -> None:
        pause, patient_until = FIRST_PAUSE, trio.current_time() + PATIENCE
        while not ended.is_set():
            end = job.cut if trio.current_time() > patient_until else job.stop
            await trio.to_thread.run_sync(end, limiter=self._stops)
            with trio.move_on_after(pause):
                await ended.wait()
            pause = min(2 * pause, LONGEST_PAUSE)


def _write(writer: Writer, operation: str, call: Call) -> int:
    match operation:
        case "insert":
            return writer.insert(call.fields, call.content, call.key)
        case "update":
            return writer.update(call.fields, call.content)
        case "upsert":
            return writer.upsert(call.fields, call.content)
        case _:
            return writer.delete(call.fields, call.content)


def _replies(given: Answer | int, call: Call) -> Answer:
    """Give the rows; where there are none by nature, the document goes on, with the number of rows that changed."""
    return (Reply(call.content, {"rows": str(given)}),) if isinstance(given, int) else given
