from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.merge import Merger
from runtime.model.document import Document, Origins, merge_spans, root_identity

spans = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 4)), min_size=1, max_size=3).map(
    lambda pairs: merge_spans([(start, start + length) for start, length in pairs])
)
batches = st.integers(0, 3).flatmap(lambda levels: st.lists(st.tuples(*[spans] * levels), min_size=1, max_size=6))


@given(origins=batches)
def test_origins_are_united(origins: list[tuple[Origins, ...]]) -> None:
    """What documents become descends, at each enclosing fork, from whatever any of them descends from."""
    merger = Merger(b"step")
    for number, each in enumerate(origins):
        merger.add(Document(root_identity(number), origins=each))
    united = [
        {number for each in level for span in each for number in range(*span)} for level in zip(*origins, strict=True)
    ]
    made = merger.document(b"").origins
    assert [{number for span in level for number in range(*span)} for level in made] == united
    assert all(level == merge_spans(list(level)) for level in made), "spans are sorted and merged"
    assert merger.count == len(origins)


def test_neighbours_cost_one_span() -> None:
    """A million neighbours are held as one span."""
    merger = Merger(b"step")
    for number in range(1_000):
        merger.add(Document(root_identity(number), origins=(((number, number + 1),),)))
    assert [len(level) for level in merger._levels] == [1]


def test_survivor_has_the_properties_of_the_first() -> None:
    """The survivor has the properties and the meta data of the first document (reference 1.10)."""
    merger = Merger(b"step")
    merger.add(Document(b"1", b"a", {"p": "first"}, {"m": "first"}))
    merger.add(Document(b"2", b"b", {"p": "second", "q": "x"}, {"m": "second"}))
    made = merger.document(b"ab")
    assert (made.content, made.properties, made.meta) == (b"ab", {"p": "first"}, {"m": "first"})


def test_identity_follows_from_the_documents() -> None:
    """The survivor of the same documents in the same step is the same; another order or step makes another."""

    def made(step: bytes, *identities: bytes) -> bytes:
        merger = Merger(step)
        for identity in identities:
            merger.add(Document(identity))
        return merger.document(b"").id

    assert made(b"s", b"1", b"2") == made(b"s", b"1", b"2")
    assert len({made(b"s", b"1", b"2"), made(b"s", b"2", b"1"), made(b"t", b"1", b"2"), made(b"s", b"1")}) == 4
