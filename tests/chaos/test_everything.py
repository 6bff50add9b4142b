"""The short form of `make chaos`, and the laws of its own parts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos import everything
from tests.chaos.disk import Made, Wrote
from tests.chaos.plan import WEIGHTS, Round, plan
from tests.chaos.power import before_all

SHORT = ("kill", "disk full", "power torn", "terminate", "flow cutting", "power forgotten")


async def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """Signals, power cuts, a full disk and a moody Flow, one after the other, cost nothing that was accepted."""
    result = await everything.run(tmp_path, len(SHORT), 1, planned=_short())
    assert result.is_clean, "\n".join((str(result), *result.lost, *result.doubled, *result.odd))
    assert result.accepted > 5


def _short() -> list[Round]:
    """Give one round of each of the chosen faults, with the first calls that the plan has for it."""
    found: dict[str, Round] = {}
    for each in plan(1_000, 3, calls=4):
        if each.fault in SHORT and each.at > 0.8 and len(each.calls) > 2:
            found.setdefault(each.fault, each)
    return [found[fault] for fault in SHORT]


def test_the_seed_fixes_the_plan() -> None:
    """The same seed gives the same calls, faults and moments; a long plan has faults of every kind."""
    assert plan(300, 5, calls=6) == plan(300, 5, calls=6)
    assert plan(300, 5, calls=6) != plan(300, 6, calls=6)
    assert set(Counter(each.fault for each in plan(300, 5, calls=6))) == set(WEIGHTS)
    assert "worker" in {each.fault for each in plan(300, 5, calls=6, workers=2)}


writes = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 40), st.binary(min_size=1, max_size=12)),
        st.tuples(st.integers(0, 40), st.none()),
    ),
    max_size=8,
)


@given(st.binary(max_size=30), writes)
def test_notes_take_writes_back(first: bytes, done: list[tuple[int, bytes | None]]) -> None:
    """From its notes, whatever was done to a file can be taken back to the byte."""
    content = bytearray(first)
    notes: list[Wrote | Made] = []
    for offset, data in done:
        size = len(content)
        if data is None:  # cut off
            notes.append(Wrote("f", size, offset, bytes(content[offset:])))
            del content[offset:]
            continue
        notes.append(Wrote("f", size, offset, bytes(content[offset : offset + len(data)])))
        content.extend(bytes(max(0, offset - size)))
        content[offset : offset + len(data)] = data
    assert before_all(bytes(content), notes) == first
