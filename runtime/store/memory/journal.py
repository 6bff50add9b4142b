"""The journal in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import trio
from msgspec.structs import replace

from runtime.errors import StoreError
from runtime.model.journal import (
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
from runtime.model.persisted import LARGEST_COUNT, Persisted
from runtime.store.memory.operations import Draft, Entry, KeptName, apply, put_off_anew, released
from runtime.store.protocols import StoreStatistics
from runtime.store.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from runtime.store.memory.documents import MemoryDocuments
    from runtime.store.protocols import Done

    Hook = Callable[[Sequence[Operation]], None]


class MemoryJournal:
    """Executions, records and callbacks in memory (the protocol `Journal` says what each method does).

    `before_commit` and `after_commit` are called with the operations of each commit; what they raise, `commit` raises:
    before, nothing has happened; after, everything has, but the caller does not learn of it.
    """

    def __init__(self, documents: MemoryDocuments) -> None:
        self.before_commit: Hook | None = None
        self.after_commit: Hook | None = None
        self._documents = documents
        self._entries: dict[str, Entry] = {}  # in order of acceptance
        self._last_callback = 0
        self._withdrawals = 0
        self._audit: list[Audit] = []
        self._commits = 0
        self._persisted: dict[KeptName, Persisted] = {}
        self._counters: dict[str, int] = {}  # the last number of each

    async def commit(self, operations: Sequence[Operation]) -> None:
        """Apply all operations, or none."""
        await trio.lowlevel.checkpoint()
        self._commit(operations)

    def submit(self, brief: Brief, done: Done) -> None:
        """Write an execution down in a later turn of the loop, and call `done`."""
        trio.lowlevel.current_trio_token().run_sync_soon(self._submitted, brief, done)

    def _submitted(self, brief: Brief, done: Done) -> None:
        try:
            self._commit([brief])
        except StoreError as error:
            done(error)
        else:
            done(None)

    def _commit(self, operations: Sequence[Operation]) -> None:
        if self.before_commit is not None:
            self.before_commit(operations)
        draft = Draft(self._entries, self._last_callback, self._persisted)
        apply(draft, operations)
        self._persisted = draft.persisted
        self._put_in_place(draft)
        self._withdrawals += sum(isinstance(operation, Withdraw) for operation in operations)
        for operation in operations:
            if isinstance(operation, Finish) and operation.keep is None:
                self._documents.forget(operation.execution)
            if isinstance(operation, Unkeep):
                for execution in operation.executions:
                    self._documents.forget(execution)
        if self.after_commit is not None:
            self.after_commit(operations)

    async def claim(self, owner: str, now: float, lease_until: float, limit: int) -> list[ExecutionRow]:
        """Take over executions that nobody works on."""
        await trio.lowlevel.checkpoint()
        draft = Draft(self._entries, self._last_callback)
        put_off_anew(draft, now)
        waiting = [(at, entry) for entry in draft.all() if (at := _claimable_at(entry.row, now)) is not None]
        claimed = []
        for _, entry in sorted(waiting, key=lambda found: found[0])[:limit]:
            row = replace(entry.row, status=Status.RUNNING, due=None)
            row = replace(row, owner=owner, epoch=row.epoch + 1, lease_until=lease_until)
            taken_over = released(replace(entry, row=row))
            draft.put(taken_over)
            claimed.append(replace(taken_over.row, due=entry.row.due))
        self._put_in_place(draft)
        return claimed

    async def execution(self, identity: str) -> ExecutionRow | None:
        """Give one execution, or None."""
        entry = await self._entry(identity)
        return None if entry is None else entry.row

    def may_know(self, token: str) -> bool:
        """Tell whether there is an execution with this token."""
        return any(entry.row.token == token for entry in self._entries.values())

    async def by_token(self, token: str) -> ExecutionRow | None:
        """Give the execution of a Flow call, or None."""
        await trio.lowlevel.checkpoint()
        return next((entry.row for entry in self._entries.values() if entry.row.token == token), None)

    async def digests_in_use(self) -> set[str]:
        """Give the digests of the bundle versions that unfinished executions began on."""
        await trio.lowlevel.checkpoint()
        return {entry.row.digest for entry in self._entries.values() if not entry.row.status.finished}

    async def executions(
        self, *, status: Status | None = None, limit: int = 100, search: Search | None = None
    ) -> list[ExecutionRow]:
        """Give executions, newest first."""
        await trio.lowlevel.checkpoint()
        wanted = search or Search()
        if status is not None:
            wanted = replace(wanted, status=status)
        return [entry.row for entry in reversed(self._entries.values()) if _is_wanted(entry, wanted)][:limit]

    async def tracked(self, identity: str) -> list[tuple[str, str]]:
        """Give the names and values by which an execution is found, by name."""
        await trio.lowlevel.checkpoint()
        entry = self._entries.get(identity)
        return [] if entry is None else list(entry.tracked)

    async def kept(self, finished_before: float, limit: int) -> list[str]:
        """Give the ids of finished executions that are kept for replay, oldest first."""
        await trio.lowlevel.checkpoint()
        kept = [entry.row for entry in self._entries.values() if entry.start is not None]
        return [row.id for row in kept if row.finished_at is not None and row.finished_at < finished_before][:limit]

    async def history(self) -> History:
        """Give how much of the past is kept; nothing here has a size."""
        await trio.lowlevel.checkpoint()
        finished = [entry for entry in self._entries.values() if entry.row.status.finished]
        replayable = sum(entry.start is not None for entry in finished)
        return History(finished=len(finished), replayable=replayable, size=0)

    async def audit(self, *, execution: str | None = None, limit: int = 100) -> list[Audit]:
        """Give what persons have done, newest first."""
        await trio.lowlevel.checkpoint()
        return [each for each in reversed(self._audit) if execution in {None, each.execution}][:limit]

    async def start(self, identity: str) -> bytes | None:
        """Give the work copy an execution was accepted with, or None."""
        entry = await self._entry(identity)
        return None if entry is None else entry.start

    async def records(self, identity: str) -> list[bytes]:
        """Give an execution's records in order."""
        entry = await self._entry(identity)
        return [] if entry is None else list(entry.records)

    async def answer(self, identity: str) -> bytes | None:
        """Give the answer an execution finished with, while it is kept."""
        entry = await self._entry(identity)
        return None if entry is None else entry.answer

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
        await trio.lowlevel.checkpoint()
        under_way = {row.id for row in sending}
        taken = Counter(row.host for row in sending)
        given: defaultdict[str, list[CallbackRow]] = defaultdict(list)
        for row in _by_due(_foremost(entry) for entry in self._entries.values()):
            no_room = per_host is not None and taken[row.host] + len(given[row.host]) >= per_host
            no_room = no_room or row.host in full or (row.host in without and row.expires_at > now)
            if row.state != CallbackState.DUE or row.due > now or row.id in under_way or no_room:
                continue
            given[row.host].append(row)
        return in_turn(given, taken, lambda row: (row.due, row.id))[:limit]

    def withdrawals(self) -> int:
        """Give how often callbacks were withdrawn."""
        return self._withdrawals

    async def still_due(self, callbacks: Collection[int]) -> set[int]:
        """Give those of some callbacks that are due."""
        await trio.lowlevel.checkpoint()
        every = (row for entry in self._entries.values() for row in entry.callbacks)
        return {row.id for row in every if row.id in callbacks and row.state == CallbackState.DUE}

    async def callbacks(
        self, *, execution: str | None = None, state: CallbackState | None = None, limit: int = 100
    ) -> list[CallbackRow]:
        """Give callbacks, oldest first."""
        await trio.lowlevel.checkpoint()
        every = (row for entry in self._entries.values() for row in entry.callbacks)
        chosen = [row for row in every if execution in {None, row.execution} and state in {None, row.state}]
        return sorted(chosen, key=lambda row: row.id)[:limit]

    async def persisted(self, bundle: str, process: str) -> dict[str, Persisted]:
        """Give the properties that a process has kept."""
        await trio.lowlevel.checkpoint()
        return {name: kept for (of, by, name), kept in self._persisted.items() if (of, by) == (bundle, process)}

    async def keepers(self) -> list[tuple[str, str]]:
        """Give the processes that have kept properties, by bundle and name."""
        await trio.lowlevel.checkpoint()
        return sorted({(bundle, process) for bundle, process, _ in self._persisted})

    async def take_numbers(self, counter: str, count: int) -> int:
        """Advance a counter and give the first of the numbers taken."""
        await trio.lowlevel.checkpoint()
        last = self._counters.get(counter, 0)
        if last + count > LARGEST_COUNT:
            raise StoreError("store.counter-full", f"the counter '{counter}' has reached {last}", hint="set it anew")
        self._counters[counter] = last + count
        return last + 1

    async def set_counter(self, counter: str, following: int) -> None:
        """Set the number that a counter gives next."""
        await trio.lowlevel.checkpoint()
        self._counters[counter] = following - 1

    async def counters(self) -> dict[str, int]:
        """Give the number that each counter gives next."""
        await trio.lowlevel.checkpoint()
        return {name: last + 1 for name, last in sorted(self._counters.items())}

    async def counts(self) -> dict[str, int]:
        """Give the number of executions by status and of callbacks by state."""
        await trio.lowlevel.checkpoint()
        given = {status.value: 0 for status in Status} | {f"callbacks {state.value}": 0 for state in CallbackState}
        for entry in self._entries.values():
            given[entry.row.status.value] += 1
            for row in entry.callbacks:
                given[f"callbacks {row.state.value}"] += 1
        return given

    def statistics(self) -> StoreStatistics:
        """Give figures for metrics: nothing ever queues here."""
        return StoreStatistics(queued=0, commits=self._commits, last_commit_seconds=0.0)

    async def _entry(self, identity: str) -> Entry | None:
        await trio.lowlevel.checkpoint()
        return self._entries.get(identity)

    def _put_in_place(self, draft: Draft) -> None:
        for identity, entry in draft.changed.items():
            if entry is None:
                del self._entries[identity]
            else:
                self._entries[identity] = entry
        self._last_callback = draft.last_callback
        self._audit += draft.audit
        self._commits += 1


def _is_wanted(entry: Entry, search: Search) -> bool:
    row = entry.row
    return (
        search.status in {None, row.status}
        and search.process in {None, row.process}
        and search.origin in {None, row.origin}
        and search.parent in {None, row.parent}
        and (search.since is None or row.started_at >= search.since)
        and (search.until is None or row.started_at < search.until)
        and (search.text is None or search.text.lower() in (row.message or "").lower())
        and (search.tracked is None or search.tracked in entry.tracked)
    )


def _claimable_at(row: ExecutionRow, now: float) -> float | None:
    """Give since when nobody works on an execution, or None when somebody does or nobody should yet."""
    if row.status == Status.WAITING and row.due is not None and row.due <= now:
        return row.due
    if row.status == Status.RUNNING and row.owner is None:
        return -1.0  # given back: before all that have to be waited for
    if row.status == Status.RUNNING and row.lease_until < now:
        return row.lease_until
    return None


def _foremost(entry: Entry) -> CallbackRow | None:
    """Give the first callback of an execution that is neither accepted nor dead."""
    return next((row for row in entry.callbacks if row.state != CallbackState.DEAD), None)


def _by_due(callbacks: Iterable[CallbackRow | None]) -> list[CallbackRow]:
    return sorted((row for row in callbacks if row is not None), key=lambda row: (row.due, row.id))
