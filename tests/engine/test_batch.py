from __future__ import annotations

from contextlib import aclosing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.batch import (
    CHUNK,
    EMPTY,
    Batch,
    BatchLimits,
    Held,
    Selected,
    Spilled,
    collecting,
    everything,
    only,
    without,
)
from runtime.model.document import Document, Origins, Stored, root_identity
from runtime.store.memory import MemoryDocuments
from tests.engine.runs import listed

LIMITS = BatchLimits(in_memory=3, in_memory_bytes=100)
sizes = st.sampled_from([0, 1, 3, 4, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])


def numbered(count: int, size: int = 1) -> list[Document]:
    """Give documents that can be told apart."""
    return [Document(root_identity(number), b"x" * size, {"n": str(number)}) for number in range(count)]


async def collected(documents: list[Document], files: MemoryDocuments, limits: BatchLimits = LIMITS) -> Batch:
    """Collect documents one by one."""
    async with collecting(files, "ex", limits) as writer:
        await writer.extend(documents)
    return writer.batch


@given(count=sizes)
async def test_comes_back_as_it_went_in(count: int) -> None:
    """A batch gives its documents in order, as often as it is read, spilled or not, and no empty chunk."""
    documents = numbered(count)
    batch = await collected(documents, MemoryDocuments())
    assert isinstance(batch, Spilled) is (count > LIMITS.in_memory)
    for _ in range(2):
        assert await listed(batch) == documents
    assert len(batch) == count
    async with aclosing(batch.chunks()) as chunks:
        assert all([0 < len(chunk) <= CHUNK async for chunk in chunks])


@pytest.mark.parametrize(("count", "size", "spills"), [(3, 33, False), (3, 34, True), (4, 0, True), (1, 101, True)])
async def test_spills_beyond_its_limits(count: int, size: int, spills: bool) -> None:  # noqa: FBT001 - a column
    """A batch leaves memory beyond a number of documents, and beyond a number of bytes."""
    batch = await collected(numbered(count, size), MemoryDocuments())
    assert isinstance(batch, Spilled) is spills


async def test_nothing_is_the_empty_batch() -> None:
    """What collects nothing is the empty batch, and writes no file."""
    files = MemoryDocuments()
    assert await collected([], files) is EMPTY
    assert await listed(EMPTY) == []


async def test_error_leaves_no_file() -> None:
    """A batch whose making fails is there in no part."""
    files = MemoryDocuments()

    async def fail() -> None:
        async with collecting(files, "ex", LIMITS) as writer:
            await writer.extend(numbered(10))
            raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        await fail()
    assert files._files == {}


async def test_spilled_names_stored_contents() -> None:
    """A spilled batch knows the files of contents that it refers to, so that they are made durable with it."""
    documents = [*numbered(4), Document(b"s", Stored("file-7", 5))]
    batch = await collected(documents, MemoryDocuments())
    assert isinstance(batch, Spilled)
    assert batch.contents == ("file-7",)


@given(count=sizes, chosen=st.sets(st.integers(0, 3 * CHUNK + 6)), spilled=st.booleans(), tagged=st.booleans())
async def test_selection(count: int, chosen: set[int], spilled: bool, tagged: bool) -> None:  # noqa: FBT001
    """A selection gives the documents at its positions, in order; tagged, each carries its position as its origin."""
    documents = numbered(count)
    batch = await collected(documents, MemoryDocuments()) if spilled else Held(tuple(documents))
    positions = sorted(number for number in chosen if number < count)
    selected = Selected(batch, only(positions), tagged=tagged)
    found = await listed(selected)
    assert [document.properties["n"] for document in found] == [str(number) for number in positions]
    assert len(selected) == len(positions)
    assert [document.origins for document in found] == [
        ((((number, number + 1),),) if tagged else ()) for number in positions
    ]


@given(count=st.integers(0, 30), taken=st.sets(st.integers(0, 29)))
def test_spans_divide_a_batch(count: int, taken: set[int]) -> None:
    """What is taken and what is left are all of a batch, each once."""
    taken = {number for number in taken if number < count}
    assert _positions(only(taken)) == sorted(taken)
    assert sorted([*_positions(without(count, taken)), *taken]) == list(range(count)) == _positions(everything(count))
    spans = without(count, taken)
    assert all(one[1] < other[0] for one, other in pairwise(spans)), "spans are merged"


def _positions(spans: Origins) -> list[int]:
    return [position for start, stop in spans for position in range(start, stop)]
