"""Journal records: how an outcome is written down, and read back.

A batch is recorded by what it is: documents in memory as themselves, a spilled batch by the name of its file, a
selection of the step's input by positions alone, since the input is recorded already.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from runtime.engine.batch import EMPTY, Batch, Held, Selected, Spilled
from runtime.engine.caches import Added, CacheChange, Key, Removed
from runtime.engine.outcome import Ended, Failure, Outcome
from runtime.engine.positions import Position
from runtime.errors import StoreError
from runtime.model.document import Document, Origins, Stored
from runtime.model.journal import CLOCK_SLACK
from runtime.sdk.connector import Reply
from runtime.store.protocols import Documents


class DocumentsRecord(Struct, frozen=True, array_like=True, tag="d"):
    """A batch in memory."""

    documents: tuple[Document, ...]


class FileRecord(Struct, frozen=True, array_like=True, tag="f"):
    """A spilled batch."""

    name: str
    count: int
    contents: tuple[str, ...] = ()


class InputRecord(Struct, frozen=True, array_like=True, tag="i"):
    """The step's input: all of it, or the documents at some positions."""

    spans: Origins | None


BatchRecord = DocumentsRecord | FileRecord | InputRecord


class AddedRecord(Struct, frozen=True, array_like=True, tag="added"):
    """Documents were added to a cache, with their keys in each index."""

    cache: str
    batch: BatchRecord
    keys: dict[int, tuple[Key | None, ...]]


class RemovedRecord(Struct, frozen=True, array_like=True, tag="removed"):
    """Documents were removed from a cache."""

    cache: str
    index: int | None
    keys: tuple[Key, ...]
    everywhere: bool


CacheRecord = AddedRecord | RemovedRecord


class StepRecord(Struct, frozen=True, array_like=True, tag="step"):
    """A step has finished."""

    at: Position
    outputs: tuple[BatchRecord, ...]
    failures: tuple[Failure, ...]
    ended: Ended | None
    changes: dict[str, str]
    returned: BatchRecord | None
    stop: bool
    cached: tuple[CacheRecord, ...] = ()
    tracked: tuple[tuple[str, str], ...] = ()


class IntentRecord(Struct, frozen=True, array_like=True, tag="intent"):
    """An effect is about to happen: the call of the step at `at` for a document. `once`: it must not happen twice."""

    at: Position
    document: bytes
    once: bool = False
    key: str = ""


class EffectRecord(Struct, frozen=True, array_like=True, tag="effect"):
    """An effect is known: it happened and gave replies, or it certainly did not (`failed`)."""

    at: Position
    document: bytes
    key: str
    replies: tuple[Reply, ...] = ()
    failed: Ended | None = None


class AgainRecord(Struct, frozen=True, array_like=True, tag="again"):
    """A person has decided: whatever the intent says, the call is made (again) when the step is reached."""

    at: Position
    document: bytes


class AnsweredRecord(Struct, frozen=True, array_like=True, tag="answered"):
    """The caller has been told a finishing result already: whatever the execution comes to is not told."""


class RestartRecord(Struct, frozen=True, array_like=True, tag="restart"):
    """The execution begins anew: nothing that was written down before counts any more."""


class WaitRecord(Struct, frozen=True, array_like=True, tag="wait"):
    """The execution waits at `at` until `due`, and began to at `since` (seconds since the epoch)."""

    at: Position
    due: float
    since: float = 0.0

    def rest(self, now: float) -> float:
        """Give the seconds that are left; none when the clock has been set back since, for nobody knows how many are.

        A long wait is a row, which the store puts off anew in that case.
        """
        return 0.0 if self.since > now + CLOCK_SLACK else self.due - now


Record = StepRecord | IntentRecord | EffectRecord | AgainRecord | AnsweredRecord | WaitRecord | RestartRecord

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """Give a record as bytes (MessagePack)."""
    return _encoder.encode(record)


def decode(data: bytes) -> Record:
    """Give the record that `encode` made bytes of.

    Raises:
        StoreError: it is damaged, or of a form that this version does not know (code ``engine.unreadable``).
    """
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise StoreError("engine.unreadable", f"a record of the journal cannot be read: {error}") from error


def step_record(at: Position, batch: Batch, outcome: Outcome) -> StepRecord:
    """Write down what the step at `at` did with `batch`."""
    return StepRecord(
        at,
        tuple(_describe(output, batch) for output in outcome.outputs),
        outcome.failures,
        outcome.ended,
        outcome.changes,
        None if outcome.returned is None else _describe(outcome.returned, batch),
        outcome.stop,
        tuple(_describe_change(change, batch) for change in outcome.cached),
        outcome.tracked,
    )


def restore(record: StepRecord, batch: Batch, files: Documents, execution: str) -> Outcome:
    """Give the outcome that was written down of a step that got `batch`."""
    return Outcome(
        outputs=tuple(_restore(output, batch, files, execution) for output in record.outputs),
        failures=record.failures,
        ended=record.ended,
        changes=record.changes,
        returned=None if record.returned is None else _restore(record.returned, batch, files, execution),
        stop=record.stop,
        cached=tuple(_restore_change(change, batch, files, execution) for change in record.cached),
        tracked=record.tracked,
    )


def files_of(record: Record) -> list[str]:
    """Give the names of the files that a record needs: spilled batches and stored contents."""
    if not isinstance(record, StepRecord):
        return []
    batches = [*record.outputs, *(change.batch for change in record.cached if isinstance(change, AddedRecord))]
    if record.returned is not None:
        batches.append(record.returned)
    names: list[str] = []
    for batch in batches:
        if isinstance(batch, FileRecord):
            names += (batch.name, *batch.contents)
        elif isinstance(batch, DocumentsRecord):
            names += [doc.content.name for doc in batch.documents if isinstance(doc.content, Stored)]
    return names


def named_files(data: bytes) -> list[str]:
    """Give the names of the files that a record, as bytes, needs.

    Raises:
        StoreError: it cannot be read.
    """
    return files_of(decode(data))


def _describe(output: Batch, batch: Batch) -> BatchRecord:
    if output is batch:
        return InputRecord(None)
    match output:
        case Held(documents):
            return DocumentsRecord(documents)
        case Spilled(name=name, count=count, contents=contents):
            return FileRecord(name, count, contents)
        case Selected(batch=source, spans=spans, tagged=False) if source is batch:
            return InputRecord(spans)
    message = f"a step gave a batch that cannot be recorded: {type(output).__name__}"
    raise TypeError(message)


def _describe_change(change: CacheChange, batch: Batch) -> CacheRecord:
    if isinstance(change, Added):
        return AddedRecord(change.cache, _describe(change.batch, batch), change.keys)
    return RemovedRecord(change.cache, change.index, change.keys, change.everywhere)


def _restore_change(record: CacheRecord, batch: Batch, files: Documents, execution: str) -> CacheChange:
    if isinstance(record, AddedRecord):
        return Added(record.cache, _restore(record.batch, batch, files, execution), record.keys)
    return Removed(record.cache, record.index, record.keys, record.everywhere)


def _restore(record: BatchRecord, batch: Batch, files: Documents, execution: str) -> Batch:
    match record:
        case DocumentsRecord(documents):
            return Held(documents) if documents else EMPTY
        case FileRecord(name, count, contents):
            return Spilled(files, execution, name, count, contents)
        case InputRecord(spans):
            return batch if spans is None else Selected(batch, spans)
