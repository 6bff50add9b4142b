"""What is written down: executions, their records, their callbacks, and the operations that change them.

A store applies a list of operations in one transaction or not at all. Whatever is marked *work copy* is sealed
(encrypted) by the store before it touches the disk and erased when the execution has ended; the rest is the record
copy that people read.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from runtime.model.persisted import Persist, Unpersist


class Status(StrEnum):
    """Where an execution is. Every unfinished state has a way out: claim, due time, or a person's decision."""

    RUNNING = "running"
    WAITING = "waiting"
    PARKED = "parked"
    COMPLETE = "complete"
    ERROR = "error"
    CANCELLED = "cancelled"

    __hash__ = str.__hash__  # an Enum's own is slow, and this is what ends are counted by

    @property
    def finished(self) -> bool:
        """Whether nothing will happen to the execution any more."""
        return self in {Status.COMPLETE, Status.ERROR, Status.CANCELLED}


CLOCK_SLACK = 2.0  # seconds by which a clock may be set back without anybody being late: more than it is ever slewed


class ExecutionRow(Struct, frozen=True, kw_only=True):
    """One execution as the store knows it. Times are seconds since the epoch.

    `owner` holds the claim until `lease_until`; every claim raises `epoch`, and a writer with an older epoch is fenced.
    `due` is when a waiting execution goes on. `token` identifies the Flow call (a digest of service, action, tenant and
    token) and is unique where it is set. `released` says that callbacks of the execution may be sent. `origin` is the
    execution that this one replays, `parent` the one whose step has begun it. `set_at` is when `due` was set.
    """

    id: str
    bundle: str
    version: str
    digest: str
    process: str
    mode: str
    status: Status
    started_at: float
    owner: str | None = None
    epoch: int = 0
    lease_until: float = 0.0
    due: float | None = None
    finished_at: float | None = None
    message: str | None = None
    token: str | None = None
    released: bool = False
    origin: str | None = None
    set_at: float = 0.0
    parent: str | None = None


class Search(Struct, frozen=True, kw_only=True):
    """Chooses executions; every part that is set must hold. Times are seconds since the epoch, of the start.

    `text` stands in the message, whatever its case; `tracked` is a name and a value; `origin` is what is replayed,
    `parent` what has begun them.
    """

    status: Status | None = None
    process: str | None = None
    since: float | None = None
    until: float | None = None
    text: str | None = None
    tracked: tuple[str, str] | None = None
    origin: str | None = None
    parent: str | None = None


class History(Struct, frozen=True, kw_only=True):
    """How much of the past is kept: finished executions, those of them that can be replayed, bytes of the journal."""

    finished: int
    replayable: int
    size: int


class CallbackState(StrEnum):
    """Held until the WAIT answer has gone out, then due until acknowledged (and erased) or dead."""

    HELD = "held"
    DUE = "due"
    DEAD = "dead"


class CallbackRow(Struct, frozen=True, kw_only=True):
    """One callback. `number` orders the callbacks of one execution. `request` is a work copy (URL, headers, body).

    `host` (with port) is where it goes; `due` the time of the next attempt, `expires_at` when it becomes a dead letter.
    `attempts` counts those that were not accepted. An empty `request` is one that was damaged on disk. `set_at` is when
    `due` was set.
    """

    id: int = 0
    execution: str
    number: int
    host: str
    state: CallbackState
    request: bytes
    created_at: float
    due: float
    expires_at: float
    attempts: int = 0
    error: str | None = None
    set_at: float = 0.0


class Accept(Struct, frozen=True, tag="accept"):
    """Take an execution in. `start` is a work copy: its documents, properties and how it answers."""

    execution: ExecutionRow
    start: bytes


class Append(Struct, frozen=True, tag="append"):
    """Add records (work copies) to an execution's journal, in order."""

    execution: str
    epoch: int
    records: tuple[bytes, ...]


class Suspend(Struct, frozen=True, tag="suspend"):
    """Let an execution wait as a row until `due`, from now (`at`) on; its claim is given back."""

    execution: str
    epoch: int
    due: float
    at: float = 0.0


class Yield(Struct, frozen=True, tag="yield"):
    """Give the claim back, so that the next owner goes on at once (a graceful stop)."""

    execution: str
    epoch: int


class Park(Struct, frozen=True, tag="park"):
    """Set an execution aside for a person to decide; `reason` says what is in doubt.

    Its epoch stays: the decision is written with it, and `Yield` or `Finish` ends the parking.
    """

    execution: str
    epoch: int
    reason: str


class Withdraw(Struct, frozen=True, tag="withdraw"):
    """Take back the callbacks of an execution that were not sent: what they tell is not true any more."""

    execution: str
    epoch: int


class NewCallback(Struct, frozen=True, kw_only=True, tag="callback"):
    """Put a callback into the outbox: held while its execution is not released, else due at `due`."""

    execution: str
    epoch: int
    host: str
    request: bytes
    created_at: float
    due: float
    expires_at: float


class Finish(Struct, frozen=True, kw_only=True, tag="finish"):
    """End an execution: records, start and documents are erased. `answer` is a work copy, kept for repeated tokens.

    With `keep` (a start without its call) they stay until `Unkeep`, so that the execution can be replayed. `tracked`
    are names and values by which it is found. One that is cancelled gives its token back: its caller was promised
    nothing, and may repeat the call.
    """

    execution: str
    epoch: int
    status: Status
    finished_at: float
    message: str | None = None
    answer: bytes | None = None
    keep: bytes | None = None
    tracked: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a status that is no end: what an unfinished execution needs would be erased."""
        if not self.status.finished:
            raise ValueError(f"{self.status} is no way to finish")


class Brief(Struct, frozen=True, kw_only=True, tag="brief"):
    """An execution that begins and ends in one commit, without files: its row is as it is after its end.

    `answer`, `keep` and `tracked` are as `Finish` has them.
    """

    execution: ExecutionRow
    answer: bytes
    keep: bytes | None = None
    tracked: tuple[tuple[str, str], ...] = ()


class Release(Struct, frozen=True, tag="release"):
    """Allow the callbacks of an execution to be sent; those held become due."""

    execution: str


class Renew(Struct, frozen=True, tag="renew"):
    """Prolong every claim of an owner."""

    owner: str
    lease_until: float


class Disown(Struct, frozen=True, tag="disown"):
    """Give every claim back: whoever held them is known to be gone (a daemon has the state folder to itself)."""


class Acknowledged(Struct, frozen=True, tag="acknowledged"):
    """The callback was accepted: its row is erased."""

    callback: int


class Postpone(Struct, frozen=True, tag="postpone"):
    """The callback was not accepted: it is tried again at `due`, said now (`at`)."""

    callback: int
    due: float
    error: str
    at: float = 0.0


class Dead(Struct, frozen=True, tag="dead"):
    """The callback was refused for good or has expired: a dead letter that a person sees.

    It no longer holds back the later callbacks of its execution. `attempted` says whether an attempt told so.
    """

    callback: int
    error: str
    attempted: bool = True


class Redeliver(Struct, frozen=True, tag="redeliver"):
    """A person has a dead letter sent again: due at `due`, its attempts counted anew. `Acknowledged` dismisses one."""

    callback: int
    due: float
    expires_at: float


class Forget(Struct, frozen=True, tag="forget"):
    """Erase the kept answers of executions that finished before this time."""

    finished_before: float


class Unkeep(Struct, frozen=True, tag="unkeep"):
    """Erase what finished executions were kept for to be replayed."""

    executions: tuple[str, ...]


class Purge(Struct, frozen=True, tag="purge"):
    """Remove executions that finished before this time from the history, the oldest first, `limit` at most.

    None whose callbacks are still here, or that is kept for replay.
    """

    finished_before: float
    limit: int = 1_000_000_000


class Audit(Struct, frozen=True, kw_only=True, tag="audit"):
    """Write down that a person has done something that the runtime would not have done by itself."""

    at: float
    who: str
    what: str
    execution: str
    detail: str = ""


Operation = (
    Accept
    | Append
    | Suspend
    | Yield
    | Park
    | Withdraw
    | NewCallback
    | Finish
    | Brief
    | Release
    | Renew
    | Disown
    | Acknowledged
    | Postpone
    | Dead
    | Redeliver
    | Forget
    | Unkeep
    | Purge
    | Persist
    | Unpersist
    | Audit
)
