"""The journal over SQLite: writes go through the one writer, reads have connections of their own."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import trio
from msgspec.structs import replace

from runtime.errors import StoreError
from runtime.model.journal import (
    Accept,
    Append,
    Audit,
    Brief,
    CallbackRow,
    CallbackState,
    ExecutionRow,
    Finish,
    History,
    Operation,
    Search,
    Status,
    Unkeep,
    Withdraw,
)
from runtime.store.sqlite import newest, past, persisted, queries
from runtime.store.sqlite.births import inserting
from runtime.store.sqlite.border import border
from runtime.store.sqlite.operations import apply, claim

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence

    import apsw

    from runtime.model.persisted import Persisted
    from runtime.store.cipher import Cipher
    from runtime.store.protocols import Documents, Done, StoreStatistics
    from runtime.store.sqlite.known_tokens import KnownTokens
    from runtime.store.sqlite.segmented import Segmented
    from runtime.store.sqlite.writer import Writer

T = TypeVar("T")


class SqliteJournal:
    """Executions, records and callbacks in one SQLite file (the protocol `Journal` says what each method does).

    `near` answers one-row look-ups on the event loop: microseconds from an index, where a trip to a thread costs more
    than ten times that. `far` reads whatever may be long, in a thread.
    """

    def __init__(
        self,
        writer: Writer,
        *,
        near: apsw.Connection,
        far: apsw.Connection,
        cipher: Cipher,
        documents: Documents,
        tokens: KnownTokens,
        segmented: Segmented,
    ) -> None:
        self._writer = writer
        self._near = near
        self._far = far
        self._cipher = cipher
        self._documents = documents
        self._tokens = tokens
        self._segmented = segmented
        self._withdrawals = 0
        self._insert_briefs = inserting(cipher)
        self._elsewhere: Callable[[str, int], Awaitable[int]] | None = None
        self._limiter = trio.CapacityLimiter(1)  # `far` serves one thread at a time

    async def commit(self, operations: Sequence[Operation]) -> None:
        """Apply all operations in one transaction, durably."""
        await self._segmented.make_way(operations)
        self._note_tokens(operations)
        await self._writer.do(partial(_apply, cipher=self._cipher, operations=operations), _weight(operations))
        self._withdrawals += sum(isinstance(operation, Withdraw) for operation in operations)
        for execution in _without_work(operations):
            # Committed is committed: neither a cancellation nor the disk may say otherwise. A sweep gets the rest.
            with trio.CancelScope(shield=True), suppress(StoreError):
                await self._documents.erase(execution)

    def submit(self, brief: Brief, done: Done) -> None:
        """Write an execution down with those of its group, and call `done` when that is durable, or has failed."""
        token = brief.execution.token
        if (taken := self._segmented.taken(token)) is not None:
            trio.lowlevel.current_trio_token().run_sync_soon(done, taken)
        elif (token is not None and self._tokens.may_hold(token)) or not self._segmented.submit(brief, done):
            self._writer.submit(self._insert_briefs, brief, done)
        if token is not None:
            self._tokens.add(token)

    def _note_tokens(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            if isinstance(operation, Accept | Brief) and operation.execution.token is not None:
                self._tokens.add(operation.execution.token)

    async def claim(self, owner: str, now: float, lease_until: float, limit: int) -> list[ExecutionRow]:
        """Take over executions that nobody works on."""
        work = partial(claim, owner=owner, now=now, lease_until=lease_until, limit=limit)
        return await self._writer.do(work, weight=limit)

    async def execution(self, identity: str) -> ExecutionRow | None:
        """Give one execution, or None."""
        await trio.lowlevel.checkpoint()
        if (brief := self._segmented.brief(identity)) is not None:
            return brief.execution
        with border():
            return queries.execution(self._near, identity)

    def may_know(self, token: str) -> bool:
        """Tell whether there may be an execution with this token; False is certain."""
        return self._tokens.may_hold(token)

    async def by_token(self, token: str) -> ExecutionRow | None:
        """Give the execution of a Flow call, or None; a token that is new costs no turn of the loop."""
        if not self._tokens.may_hold(token):
            return None
        await trio.lowlevel.checkpoint()
        with border():
            row = queries.by_token(self._near, token)
        # The tables come first: of a block that failed, and was written all the same, they may know better.
        return self._segmented.by_token(token) if row is None else row

    async def digests_in_use(self) -> set[str]:
        """Give the digests of the bundle versions that unfinished executions began on."""
        return await self._read(queries.digests_in_use)

    async def executions(
        self, *, status: Status | None = None, limit: int = 100, search: Search | None = None
    ) -> list[ExecutionRow]:
        """Give executions, newest first."""
        wanted = search or Search()
        if status is not None:
            wanted = replace(wanted, status=status)
        ahead = self._segmented.blocks()
        read = partial(newest.executions, cipher=self._cipher, ahead=ahead, search=wanted, limit=limit)
        return await self._read(read)

    async def tracked(self, identity: str) -> list[tuple[str, str]]:
        """Give the names and values by which an execution is found, by name."""
        if (brief := self._segmented.brief(identity)) is not None:
            return sorted(brief.tracked)
        return await self._read(partial(past.tracked, identity=identity))

    async def kept(self, finished_before: float, limit: int) -> list[str]:
        """Give the ids of finished executions that are kept for replay, oldest first."""
        await self._segmented.old_home(finished_before)
        return await self._read(partial(past.kept, finished_before=finished_before, limit=limit))

    async def history(self) -> History:
        """Give how much of the past is kept."""
        ahead = self._segmented.blocks()
        history, home = await self._read(past.history)
        blocks = [block for block in ahead if block.place.serial > home]
        return replace(
            history,
            finished=history.finished + sum(len(block.executions) for block in blocks),
            replayable=history.replayable + sum(block.kept for block in blocks),
        )

    async def audit(self, *, execution: str | None = None, limit: int = 100) -> list[Audit]:
        """Give what persons have done, newest first."""
        return await self._read(partial(past.audit, execution=execution, limit=limit))

    async def start(self, identity: str) -> bytes | None:
        """Give the work copy an execution was accepted with, or None."""
        if (brief := self._segmented.brief(identity)) is not None:
            return brief.keep
        return await self._read(partial(queries.opened, cipher=self._cipher, identity=identity, kind="start"))

    async def records(self, identity: str) -> list[bytes]:
        """Give an execution's records in order."""
        return await self._read(partial(queries.records, cipher=self._cipher, identity=identity))

    async def answer(self, identity: str) -> bytes | None:
        """Give the answer an execution finished with, while it is kept."""
        if (brief := self._segmented.brief(identity)) is not None:
            return brief.answer
        return await self._read(partial(queries.opened, cipher=self._cipher, identity=identity, kind="answer"))

    async def callbacks_due(
        self,
        now: float,
        limit: int,
        *,
        per_host: int | None = None,
        sending: Collection[CallbackRow] = (),
        without: Collection[str] = (),
        full: Collection[str] = (),
    ) -> list[CallbackRow]:
        """Give due callbacks, hosts in turn."""
        return await self._read(
            partial(
                queries.callbacks_due,
                cipher=self._cipher,
                now=now,
                limit=limit,
                per_host=per_host,
                sending=tuple(sending),
                without=frozenset(without),
                full=frozenset(full),
            )
        )

    def withdrawals(self) -> int:
        """Give how often callbacks were withdrawn."""
        return self._withdrawals

    async def still_due(self, callbacks: Collection[int]) -> set[int]:
        """Give those of some callbacks that are due."""
        await trio.lowlevel.checkpoint_if_cancelled()
        with border():
            return queries.still_due(self._near, callbacks)

    async def callbacks(
        self, *, execution: str | None = None, state: CallbackState | None = None, limit: int = 100
    ) -> list[CallbackRow]:
        """Give callbacks, oldest first."""
        read = partial(queries.callbacks, cipher=self._cipher, execution=execution, state=state, limit=limit)
        return await self._read(read)

    async def persisted(self, bundle: str, process: str) -> dict[str, Persisted]:
        """Give the properties that a process has kept."""
        await trio.lowlevel.checkpoint()
        with border():
            return persisted.persisted(self._near, self._cipher, bundle, process)

    async def keepers(self) -> list[tuple[str, str]]:
        """Give the processes that have kept properties, by bundle and name."""
        return await self._read(persisted.keepers)

    async def take_numbers(self, counter: str, count: int) -> int:
        """Advance a counter and give the first of the numbers taken."""
        if self._elsewhere is not None:
            return await self._elsewhere(counter, count)
        return await self._writer.do(partial(persisted.take_numbers, counter=counter, count=count), weight=1)

    def count_elsewhere(self, take: Callable[[str, int], Awaitable[int]]) -> None:
        """Have the numbers of counters taken from another journal, which keeps them for several."""
        self._elsewhere = take

    async def set_counter(self, counter: str, following: int) -> None:
        """Set the number that a counter gives next."""
        await self._writer.do(partial(persisted.set_counter, counter=counter, following=following), weight=1)

    async def counters(self) -> dict[str, int]:
        """Give the number that each counter gives next."""
        return await self._read(persisted.counters)

    async def counts(self) -> dict[str, int]:
        """Give the number of executions by status and of callbacks by state."""
        ahead = self._segmented.blocks()
        counts, home = await self._read(queries.counts)
        counts[Status.COMPLETE.value] += sum(len(block.executions) for block in ahead if block.place.serial > home)
        return counts

    async def probe(self) -> None:
        """Write a page that says the same as before.

        Raises:
            StoreError: the disk refuses.
        """
        await self._writer.do(_touch, weight=1)

    def watch_commits(self, observe: Callable[[float, int], None]) -> None:
        """Tell `observe` of each commit: its seconds, and its operations."""
        self._writer.observe = self._segmented.segments.observe = observe

    @property
    def ahead(self) -> int:
        """Bytes of what is durable in segments, and not in the tables yet."""
        return self._segmented.size

    def statistics(self) -> StoreStatistics:
        """Give figures for metrics."""
        tables, segments = self._writer.statistics(), self._segmented.segments
        return replace(tables, queued=tables.queued + segments.queued, commits=tables.commits + segments.written)

    async def _read(self, query: Callable[[apsw.Connection], T]) -> T:
        return await trio.to_thread.run_sync(_translated, query, self._far, limiter=self._limiter)


def _weight(operations: Sequence[Operation]) -> int:
    return sum(len(operation.records) if isinstance(operation, Append) else 1 for operation in operations)


def _without_work(operations: Sequence[Operation]) -> Iterator[str]:
    """Give the executions whose files nobody needs any more."""
    for operation in operations:
        match operation:
            case Finish(execution=execution, keep=None):
                yield execution
            case Unkeep(executions):
                yield from executions
            case _:
                pass


def _apply(connection: apsw.Connection, *, cipher: Cipher, operations: Sequence[Operation]) -> None:
    apply(connection, cipher, operations)


def _touch(connection: apsw.Connection) -> None:
    connection.execute("UPDATE seal SET sealed = sealed")


def _translated(query: Callable[[apsw.Connection], T], connection: apsw.Connection) -> T:
    with border():
        return query(connection)
