from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from runtime.store.segments.blocks import PAGE
from runtime.store.segments.pool import KEPT, Pool
from runtime.store.segments.segment import SIZE, Place, Segment

lengths = st.one_of(st.integers(1, 1000), st.just(SIZE // PAGE - 1)).map(lambda pages: pages * PAGE)
events = st.one_of(
    st.tuples(st.just("write"), lengths),
    st.tuples(st.just("fail"), lengths),
    st.tuples(st.just("home"), st.integers(1, 3)),
    st.tuples(st.just("wipe"), st.booleans()),
    st.tuples(st.just("leave"), st.none()),
)


@example([("write", PAGE), ("write", PAGE), ("leave", None), ("home", 1), ("wipe", True)])
@given(st.lists(events, max_size=40))
def test_nothing_that_is_needed_is_written_over_or_wiped(happened: list[tuple[str, int | bool | None]]) -> None:
    """Whatever happens in whatever order, a block that is needed keeps its place, and its segment its head."""
    pool, needed, wiped = Pool(Path("folder"), [], 0), list[Place](), set[Segment]()
    for serial, (what, how) in enumerate(happened, 1):
        if what in {"write", "fail"}:
            where, head, at = pool.choose(int(how or 0))
            assert at + int(how or 0) <= SIZE
            if isinstance(where, Segment):
                others = [place for place in needed if place.segment is where]
                assert all(place.at + place.length <= at for place in others), "behind all that is needed"
                assert at == PAGE or where.head == head
                assert at > PAGE or where in wiped, "what is begun anew was wiped"
            else:
                assert at == PAGE
            segment = where if isinstance(where, Segment) else Segment(where, -1)
            if what == "fail":
                pool.failed(segment, head)
                continue
            wiped.discard(segment)
            needed.append(pool.written(segment, head, at, int(how or 0), serial))
        elif what == "home":
            gone, needed = needed[: int(how or 0)], needed[int(how or 0) :]
            for place in gone:
                pool.let_go(place)
        elif what == "wipe":
            for segment in pool.take_spent():
                assert all(place.segment is not segment for place in needed)
                if pool.give_back(segment, wiped=bool(how)) and how:
                    wiped.add(segment)
        else:
            pool.leave()
        assert {place.segment for place in needed} <= set(pool.all())
        assert len(pool.all()) == len(set(pool.all()))


def test_files_beyond_what_is_kept_go() -> None:
    """After a burst a few files stay for the next one, and the others are given back to the disk."""
    pool, places = Pool(Path("folder"), [], 0), list[Place]()
    for number in range(KEPT + 3):
        where, head, at = pool.choose(SIZE - PAGE)
        assert isinstance(where, Path)
        places.append(pool.written(Segment(where, -1), head, at, SIZE - PAGE, number))
    pool.leave()
    for place in places:
        pool.let_go(place)
    kept = [pool.give_back(segment, wiped=True) for segment in pool.take_spent()]
    assert kept == [True] * KEPT + [False] * 3
