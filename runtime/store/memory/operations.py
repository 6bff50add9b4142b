"""What each operation does to executions in memory; plain functions.

An execution and all that belongs to it is one immutable value. A commit makes new values in a draft and puts them in
place at its end, so that a list of operations which fails has changed nothing.
"""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, assert_never

from msgspec import Struct
from msgspec.structs import replace

from runtime.errors import Changed, Fenced, StoreError, TokenTaken
from runtime.model.journal import (
    CLOCK_SLACK,
    Accept,
    Acknowledged,
    Append,
    Audit,
    Brief,
    CallbackRow,
    CallbackState,
    Dead,
    Disown,
    ExecutionRow,
    Finish,
    Forget,
    NewCallback,
    Operation,
    Park,
    Postpone,
    Purge,
    Redeliver,
    Release,
    Renew,
    Status,
    Suspend,
    Unkeep,
    Withdraw,
    Yield,
)
from runtime.model.persisted import Persist, Persisted, Unpersist, may_replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KeptName = tuple[str, str, str]  # bundle, process, property
Owned = Append | NewCallback | Suspend | Yield | Park | Withdraw | Finish
Delivery = Acknowledged | Postpone | Dead | Redeliver


class Entry(Struct, frozen=True):
    """An execution and all that belongs to it; `numbered` counts the callbacks it ever had."""

    row: ExecutionRow
    start: bytes | None
    records: tuple[bytes, ...] = ()
    answer: bytes | None = None
    callbacks: tuple[CallbackRow, ...] = ()
    numbered: int = 0
    tracked: tuple[tuple[str, str], ...] = ()


class Draft:
    """What a commit has changed so far, over what there was; `None` stands for an execution that was removed."""

    def __init__(
        self, entries: dict[str, Entry], last_callback: int, persisted: Mapping[KeptName, Persisted] | None = None
    ) -> None:
        self.persisted: dict[KeptName, Persisted] = dict(persisted or {})
        self.changed: dict[str, Entry | None] = {}
        self._entries: ChainMap[str, Entry | None] = ChainMap(self.changed, entries)  # type: ignore[arg-type]
        self.last_callback = last_callback
        self.audit: list[Audit] = []

    def get(self, identity: str) -> Entry | None:
        """Give an execution as it is by now, or None."""
        return self._entries.get(identity)

    def all(self) -> list[Entry]:
        """Give all executions as they are by now, in order of acceptance."""
        return [entry for entry in self._entries.values() if entry is not None]

    def put(self, entry: Entry) -> None:
        """Set an execution, new or changed."""
        self.changed[entry.row.id] = entry

    def remove(self, entry: Entry) -> None:
        """Remove an execution."""
        self.changed[entry.row.id] = None


def apply(draft: Draft, operations: Sequence[Operation]) -> None:
    """Apply operations in order to a draft, which is worth nothing when one raises.

    Raises:
        Fenced, TokenTaken, StoreError: as `Journal.commit` says.
    """
    for operation in operations:
        _apply(draft, operation)


def _apply(draft: Draft, operation: Operation) -> None:
    match operation:
        case Append() | NewCallback() | Suspend() | Yield() | Park() | Withdraw() | Finish():
            _apply_owned(draft, operation)
        case Accept() | Brief():
            _accept(draft, operation)
        case Release(execution):
            if (entry := draft.get(execution)) is not None:
                draft.put(released(entry))
        case Acknowledged() | Postpone() | Dead() | Redeliver():
            _deliver(draft, operation)
        case Renew():
            _renew(draft, operation)
        case Disown():
            _disown(draft)
        case Forget() | Unkeep() | Purge() | Audit():
            _upkeep(draft, operation)
        case Persist() | Unpersist():
            _keep(draft, operation)
        case _:
            assert_never(operation)


def _accept(draft: Draft, operation: Accept | Brief) -> None:
    row = operation.execution
    if row.token is not None:
        for other in draft.all():
            if other.row.token == row.token:
                raise TokenTaken(other.row.id)
    if draft.get(row.id) is not None:
        raise StoreError("store.known", f"there is an execution {row.id} already")
    if isinstance(operation, Brief):
        draft.put(Entry(row, operation.keep, answer=operation.answer, tracked=operation.tracked))
    else:
        draft.put(Entry(row, operation.start))


def _apply_owned(draft: Draft, operation: Owned) -> None:
    entry = draft.get(operation.execution)
    if entry is None or entry.row.status.finished or entry.row.epoch != operation.epoch:
        raise Fenced("store.fenced", f"{operation.execution} is not run in epoch {operation.epoch} any more")
    match operation:
        case Append(records=records):
            draft.put(replace(entry, records=entry.records + records))
        case NewCallback():
            draft.put(_with_callback(draft, entry, operation))
        case Suspend(due=due, at=at):
            draft.put(_given_back(entry, Status.WAITING, due=due, set_at=at))
        case Yield():
            draft.put(_given_back(entry, Status.RUNNING))
        case Park(reason=reason):
            draft.put(_given_back(entry, Status.PARKED, message=reason))
        case Withdraw():
            callbacks = tuple(row for row in entry.callbacks if row.state == CallbackState.DEAD)
            draft.put(replace(entry, callbacks=callbacks))
        case Finish(status=status, finished_at=finished_at, message=message, answer=answer):
            ended = _given_back(entry, status, message=message)
            token = None if status is Status.CANCELLED else ended.row.token
            row = replace(ended.row, finished_at=finished_at, token=token)
            records = () if operation.keep is None else ended.records
            tracked = tuple(sorted({*ended.tracked, *operation.tracked}))
            ended = replace(ended, row=row, start=operation.keep, records=records, answer=answer, tracked=tracked)
            draft.put(ended)
        case _:
            assert_never(operation)


def _given_back(
    entry: Entry, status: Status, *, due: float | None = None, message: str | None = None, set_at: float | None = None
) -> Entry:
    row = replace(entry.row, status=status, due=due, message=message, owner=None, lease_until=0.0)
    return replace(entry, row=row if set_at is None else replace(row, set_at=set_at))


def put_off_anew(draft: Draft, now: float) -> None:
    """Put what was put off at a time that is still to come off from now."""
    for entry in draft.all():
        row = entry.row
        if row.status is Status.WAITING and row.due is not None and row.set_at > now + CLOCK_SLACK:
            row = replace(row, due=row.due - row.set_at + now, set_at=now)
        callbacks = tuple(_put_off_anew(callback, now) for callback in entry.callbacks)
        if row != entry.row or callbacks != entry.callbacks:
            draft.put(replace(entry, row=row, callbacks=callbacks))


def _put_off_anew(row: CallbackRow, now: float) -> CallbackRow:
    if row.state is not CallbackState.DUE or row.set_at <= now + CLOCK_SLACK:
        return row
    return replace(row, due=row.due - row.set_at + now, set_at=now)


def _with_callback(draft: Draft, entry: Entry, operation: NewCallback) -> Entry:
    draft.last_callback += 1
    row = CallbackRow(
        id=draft.last_callback,
        execution=operation.execution,
        number=entry.numbered + 1,
        host=operation.host,
        state=CallbackState.DUE if entry.row.released else CallbackState.HELD,
        request=operation.request,
        created_at=operation.created_at,
        due=operation.due,
        expires_at=operation.expires_at,
        set_at=operation.created_at,
    )
    return replace(entry, callbacks=(*entry.callbacks, row), numbered=row.number)


def released(entry: Entry) -> Entry:
    """Give an execution whose callbacks may be sent."""
    callbacks = tuple(
        replace(row, state=CallbackState.DUE) if row.state == CallbackState.HELD else row for row in entry.callbacks
    )
    return replace(entry, row=replace(entry.row, released=True), callbacks=callbacks)


def _deliver(draft: Draft, operation: Delivery) -> None:
    for entry in draft.all():
        if any(row.id == operation.callback for row in entry.callbacks):
            callbacks = (_delivered(row, operation) if row.id == operation.callback else row for row in entry.callbacks)
            draft.put(replace(entry, callbacks=tuple(row for row in callbacks if row is not None)))


def _delivered(row: CallbackRow, operation: Delivery) -> CallbackRow | None:
    """Give a callback after an operation on it; None when it is erased, the same when the operation comes too late."""
    match operation:
        case Acknowledged():
            return None
        case Postpone(due=due, error=error, at=at) if row.state == CallbackState.DUE:
            return replace(row, due=due, error=error, attempts=row.attempts + 1, set_at=at)
        case Dead(error=error, attempted=attempted) if row.state != CallbackState.DEAD:
            return replace(row, state=CallbackState.DEAD, error=error, attempts=row.attempts + attempted)
        case Redeliver(due=due, expires_at=expires_at) if row.state == CallbackState.DEAD:
            return replace(row, state=CallbackState.DUE, due=due, expires_at=expires_at, attempts=0, set_at=due)
        case _:
            return row


def _keep(draft: Draft, operation: Persist | Unpersist) -> None:
    key = (operation.bundle, operation.process, operation.name)
    if isinstance(operation, Unpersist):
        draft.persisted.pop(key, None)
    elif may_replace(operation, draft.persisted.get(key)):
        draft.persisted[key] = Persisted(operation.value, operation.writer)
    else:
        message = f"another execution has kept '{operation.name}' of '{operation.process}' meanwhile"
        raise Changed("store.changed", message)


def _renew(draft: Draft, operation: Renew) -> None:
    for entry in draft.all():
        if entry.row.owner == operation.owner:
            draft.put(replace(entry, row=replace(entry.row, lease_until=operation.lease_until)))


def _disown(draft: Draft) -> None:
    for entry in draft.all():
        if entry.row.status is Status.RUNNING:
            draft.put(replace(entry, row=replace(entry.row, owner=None, lease_until=0.0)))


def _upkeep(draft: Draft, operation: Forget | Unkeep | Purge | Audit) -> None:
    """Change what is known of the past."""
    match operation:
        case Forget(before):
            for entry in _finished(draft, before):
                draft.put(replace(entry, answer=None))
        case Unkeep(executions):
            for execution in executions:
                _unkeep(draft, execution)
        case Purge(before, limit):
            old = [entry for entry in _finished(draft, before) if not entry.callbacks and entry.start is None]
            for entry in sorted(old, key=lambda entry: entry.row.finished_at or 0.0)[:limit]:
                draft.remove(entry)
        case Audit():
            draft.audit.append(operation)
        case _:
            assert_never(operation)


def _finished(draft: Draft, before: float) -> list[Entry]:
    return [entry for entry in draft.all() if entry.row.finished_at is not None and entry.row.finished_at < before]


def _unkeep(draft: Draft, execution: str) -> None:
    entry = draft.get(execution)
    if entry is not None and entry.row.status.finished:
        draft.put(replace(entry, start=None, records=()))
