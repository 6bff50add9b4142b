"""What the engine and the outbox ask of a store; they know nothing else of it.

One law binds all implementations: when `commit` has returned, the operations survive a crash and a power cut; when it
raised, none of them happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence
    from contextlib import AbstractAsyncContextManager

    from runtime.model.journal import (
        Audit,
        Brief,
        CallbackRow,
        CallbackState,
        ExecutionRow,
        History,
        Operation,
        Search,
        Status,
    )
    from runtime.model.persisted import Persisted


Done = Callable[["Exception | None"], None]
"""Is told of the end of what was submitted, with the error that it failed by; on the event loop, and raises nothing."""


class StoreStatistics(Struct, frozen=True):
    """Figures for metrics: operations waiting for a commit, commits made, seconds that the last commit took."""

    queued: int
    commits: int
    last_commit_seconds: float


class Journal(Protocol):
    """Executions, their records and their callbacks."""

    async def commit(self, operations: Sequence[Operation]) -> None:
        """Apply all operations in one transaction, durably.

        Concurrent callers share one transaction (group commit); each caller's operations stand or fall together,
        without regard to the others'. A caller that is cancelled while it queues has written nothing; once its
        operations are on the way to the disk it waits for them, so Cancelled means the same as any other exception.

        Raises:
            Fenced: an operation carries an epoch that is not the execution's current one, or the execution is not there
                or has finished.
            StoreError: the disk refused (code ``store.disk``), the queue is full (``store.queue-full``), or an accepted
                execution's id is in use (``store.known``).
            TokenTaken: an accepted execution's token is in use; it names the execution that has it.
            Changed: a value is to be kept over one that another execution has kept meanwhile.
        """
        ...

    def submit(self, brief: Brief, done: Done) -> None:
        """Write an execution down as `commit` does, without waiting; `done` is called when it is durable, or refused.

        Nothing takes it back. Its id must be one that no execution has had; its token may be one that another has.

        Raises:
            StoreError: the queue is full (code ``store.queue-full``), or the store is closed (``store.closed``);
                nothing is written, and `done` is not called.
        """
        ...

    async def claim(self, owner: str, now: float, lease_until: float, limit: int) -> list[ExecutionRow]:
        """Take over up to `limit` executions that nobody works on, oldest due first, and give them as claimed.

        Claimable: running without owner or with a lease that ended before `now`; waiting and due. Each claim raises the
        epoch, makes it RUNNING and releases its callbacks (whoever held the request is gone). Of one that has
        waited, `due` is given as it was. What was put off at
        a time that is still to come, for the clock has gone back, is first put off from now.
        """
        ...

    async def execution(self, identity: str) -> ExecutionRow | None:
        """Give one execution, or None."""
        ...

    def may_know(self, token: str) -> bool:
        """Tell, without waiting, whether there may be an execution with this token; False is certain."""
        ...

    async def by_token(self, token: str) -> ExecutionRow | None:
        """Give the execution of a Flow call, or None."""
        ...

    async def digests_in_use(self) -> set[str]:
        """Give the digests of the bundle versions that unfinished executions began on."""
        ...

    async def executions(
        self, *, status: Status | None = None, limit: int = 100, search: Search | None = None
    ) -> list[ExecutionRow]:
        """Give executions, newest first: all, those of a status, or those that are searched for."""
        ...

    async def tracked(self, identity: str) -> list[tuple[str, str]]:
        """Give the names and values by which an execution is found, by name; none of one that has not finished."""
        ...

    async def kept(self, finished_before: float, limit: int) -> list[str]:
        """Give the ids of finished executions that are kept for replay and finished before this time, oldest first."""
        ...

    async def history(self) -> History:
        """Give how much of the past is kept."""
        ...

    async def audit(self, *, execution: str | None = None, limit: int = 100) -> list[Audit]:
        """Give what persons have done, newest first."""
        ...

    async def start(self, identity: str) -> bytes | None:
        """Give the work copy an execution was accepted with, or None once it is erased."""
        ...

    async def records(self, identity: str) -> list[bytes]:
        """Give an execution's records in the order in which they were written."""
        ...

    async def answer(self, identity: str) -> bytes | None:
        """Give the answer an execution finished with, while it is kept."""
        ...

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
        """Give due callbacks: of each execution only the first that is neither accepted nor dead.

        Of one host the oldest due come first; hosts take turns (`store.turns`). With `per_host` at most so many go to
        one host, so that a host with many callbacks does not hide the others.
        Those in `sending` are under way: they are left out and count against `per_host`. To hosts in `without` only
        those that have expired are given, to hosts that are `full` none.
        """
        ...

    def withdrawals(self) -> int:
        """Give how often callbacks were withdrawn: who has looked some up asks again where it has changed since."""
        ...

    async def still_due(self, callbacks: Collection[int]) -> set[int]:
        """Give those of some callbacks, by id, that are due or put off: neither accepted, dead nor withdrawn."""
        ...

    async def callbacks(
        self, *, execution: str | None = None, state: CallbackState | None = None, limit: int = 100
    ) -> list[CallbackRow]:
        """Give callbacks, oldest first: of every state, or of one."""
        ...

    async def persisted(self, bundle: str, process: str) -> dict[str, Persisted]:
        """Give the properties that a process has kept, by name."""
        ...

    async def keepers(self) -> list[tuple[str, str]]:
        """Give the processes that have kept properties, by bundle and name, in that order."""
        ...

    async def take_numbers(self, counter: str, count: int) -> int:
        """Advance a counter by `count`, durably, and give the first of the numbers taken; the very first is 1.

        Raises:
            StoreError: it has no so many numbers left (code ``store.counter-full``), or as `commit`.
        """
        ...

    async def set_counter(self, counter: str, following: int) -> None:
        """Set the number that a counter gives next."""
        ...

    async def counters(self) -> dict[str, int]:
        """Give the number that each counter gives next, by name."""
        ...

    async def counts(self) -> dict[str, int]:
        """Give the number of executions by status (``running`` …) and of callbacks by state (``callbacks held`` …)."""
        ...

    def statistics(self) -> StoreStatistics:
        """Give figures for metrics."""
        ...


class Writer(Protocol):
    """Writes one sealed file, chunk by chunk."""

    @property
    def name(self) -> str:
        """The name by which the file is opened again."""
        ...

    async def write(self, chunk: bytes) -> None:
        """Add a chunk; chunks come back as they were written."""
        ...


class Files(Protocol):
    """Sealed files of executions, as those see them who write and read them."""

    def create(self, execution: str) -> AbstractAsyncContextManager[Writer]:
        """Write a file. It is there when the block has ended without an error, and never in part.

        Raises:
            StoreError: the disk refused (code ``store.disk``).
        """
        ...

    def read(self, execution: str, name: str) -> AsyncGenerator[bytes]:
        """Give the chunks of a file.

        Raises:
            StoreError: there is no such file (code ``store.missing``), it was altered (``store.damaged``), or the disk
                refused (``store.disk``).
        """
        ...


class Documents(Files, Protocol):
    """Sealed files of executions: spilled batches and contents too large for memory."""

    async def copy(self, execution: str, name: str, other: str) -> None:
        """Give another execution the file under the same name.

        Raises:
            StoreError: as `read` and `create` say.
        """
        ...

    async def sync(self, execution: str, names: Sequence[str]) -> None:
        """Make files durable; must return before a record that names them is committed."""
        ...

    async def erase(self, execution: str) -> None:
        """Remove every file of an execution; no error when there is none."""
        ...

    async def sweep(self, keep: set[str]) -> None:
        """Remove the files of all executions but these: what a crash left behind."""
        ...


class Store(Protocol):
    """A store: a journal and the files beside it."""

    @property
    def journal(self) -> Journal:
        """Executions, records, callbacks."""
        ...

    @property
    def documents(self) -> Documents:
        """Sealed files."""
        ...

    def trouble(self) -> str | None:
        """Tell what is wrong with the disk, from the write that failed to the one that succeeds again; or None."""
        ...

    async def probe(self) -> None:
        """Write a little, and notice whether that is possible again.

        Raises:
            StoreError: it is not.
        """
        ...
