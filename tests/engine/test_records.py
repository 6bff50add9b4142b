from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.batch import EMPTY, Batch, Held, Selected, Spilled, everything, only
from runtime.engine.caches import Added, Removed
from runtime.engine.outcome import Ended, Failure, Outcome
from runtime.engine.positions import Position
from runtime.engine.records import (
    EffectRecord,
    IntentRecord,
    Record,
    RestartRecord,
    StepRecord,
    WaitRecord,
    decode,
    encode,
    files_of,
    restore,
    step_record,
)
from runtime.errors import StoreError
from runtime.model.document import Document, Stored, merge_spans, root_identity
from runtime.sdk.connector import Reply
from runtime.store.memory import MemoryDocuments

FILES = MemoryDocuments()
texts = st.text(max_size=4)
properties = st.dictionaries(texts, texts, max_size=2)
identities = st.binary(min_size=1, max_size=12)
origins = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(10, 12)), min_size=1, max_size=2).map(merge_spans), max_size=2
).map(tuple)
contents = st.one_of(st.binary(max_size=5), st.builds(Stored, texts, st.integers(0, 10**12)))
documents = st.builds(Document, identities, contents, properties, properties, origins)
positions = st.builds(Position, st.binary(max_size=12), texts, st.integers(0, 10**6))
ends = st.builds(Ended, texts, texts)
replies = st.builds(Reply, st.binary(max_size=5), properties)

BATCH = Held(tuple(Document(root_identity(number)) for number in range(5)))
batches: st.SearchStrategy[Batch] = st.one_of(
    st.just(BATCH),
    st.lists(documents, min_size=1, max_size=3).map(lambda found: Held(tuple(found))),
    st.just(EMPTY),
    st.builds(Spilled, st.just(FILES), st.just("ex"), texts, st.integers(0, 9), st.lists(texts, max_size=2).map(tuple)),
    st.sets(st.integers(0, 4), max_size=4).map(lambda chosen: Selected(BATCH, only(chosen))),
)
keys = st.lists(texts, min_size=1, max_size=2).map(tuple)
changes_of_caches = st.one_of(
    st.builds(
        Added,
        texts,
        batches,
        st.dictionaries(st.integers(0, 3), st.lists(st.none() | keys, max_size=2).map(tuple), max_size=2),
    ),
    st.builds(Removed, texts, st.none() | st.integers(0, 3), st.lists(keys, max_size=2).map(tuple), st.booleans()),
)
outcomes = st.builds(
    Outcome,
    outputs=st.lists(batches, max_size=3).map(tuple),
    failures=st.lists(st.builds(Failure, origins, texts, texts), max_size=2).map(tuple),
    ended=st.none() | ends,
    changes=properties,
    cached=st.lists(changes_of_caches, max_size=2).map(tuple),
    returned=st.none() | batches,
    stop=st.booleans(),
)
records: st.SearchStrategy[Record] = st.one_of(
    st.builds(IntentRecord, positions, identities, st.booleans()),
    st.builds(EffectRecord, positions, identities, texts, st.lists(replies, max_size=2).map(tuple), st.none() | ends),
    st.builds(WaitRecord, positions, st.floats(0, 1e10)),
    st.just(RestartRecord()),
)


@given(at=positions, outcome=outcomes)
def test_outcomes_come_back(at: Position, outcome: Outcome) -> None:
    """An outcome that was written down and read back is the outcome, by whatever batches it is made of."""
    record = decode(encode(step_record(at, BATCH, outcome)))
    assert isinstance(record, StepRecord)
    assert record.at == at
    assert restore(record, BATCH, FILES, "ex") == outcome


@given(record=records)
def test_records_come_back(record: Record) -> None:
    """Every other record comes back as it was written."""
    assert decode(encode(record)) == record


@given(outcome=outcomes)
def test_selections_cost_their_positions_alone(outcome: Outcome) -> None:
    """What passes the step's input on writes no document again."""
    passed = msgspec.structs.replace(outcome, outputs=(BATCH, Selected(BATCH, everything(4))), returned=BATCH)
    empty = msgspec.structs.replace(outcome, outputs=(), returned=None)
    at = Position(b"", "s", 0)
    assert len(encode(step_record(at, BATCH, passed))) <= len(encode(step_record(at, BATCH, empty))) + 40


def test_files_that_a_record_needs() -> None:
    """A record names the spilled batches and stored contents that must be durable before it."""
    held = Held((Document(b"1", Stored("content", 9)), Document(b"2", b"x")))
    outcome = Outcome(outputs=(held, Spilled(FILES, "ex", "batch", 9, ("inner",)), BATCH), returned=held)
    record = step_record(Position(b"", "s", 0), BATCH, outcome)
    assert files_of(record) == ["content", "batch", "inner", "content"]
    assert files_of(WaitRecord(Position(b"", "s", 0), 1.0)) == []


@pytest.mark.parametrize("batch", [Selected(BATCH, ((0, 1),), tagged=True), Selected(EMPTY, ((0, 1),))])
def test_what_cannot_be_recorded_is_refused(batch: Batch) -> None:
    """A selection of something else than the input, or one that tags, is a mistake of the step."""
    with pytest.raises(TypeError, match="cannot be recorded"):
        step_record(Position(b"", "s", 0), BATCH, Outcome(outputs=(batch,)))


@pytest.mark.parametrize("data", [b"", b"junk", b"\xc1", b"\x93\xa4step\x01\x02", b"\x91\xa7unknown"])
def test_unreadable_records_are_the_stores_errors(data: bytes) -> None:
    """Bytes that are no record of ours raise an error that an operator understands, and no other."""
    with pytest.raises(StoreError) as raised:
        decode(data)
    assert raised.value.code == "engine.unreadable"
