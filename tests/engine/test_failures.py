"""The laws of failures: those of neighbours that fail alike are one, and tell the same as each would alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.batch import others, without
from runtime.engine.outcome import MOST_ALIKE, Failure, Failures, Outcome
from runtime.model.document import merge_spans

SINGLE = st.builds(
    lambda outer, inner, message: Failure((((outer, outer + 1),), ((inner, inner + 1),)), "c", message),
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from(["a", "b"]),
)


@given(st.lists(SINGLE, max_size=30))
def test_united_failures_tell_the_same(single: list[Failure]) -> None:
    """The same documents have failed, for the same reasons, in the same order, however many are united."""
    united = Failures()
    for failed in single:
        united.append(failed)
    assert Outcome(failures=tuple(united)).failed == len(single)
    expected: list[tuple[str, list[set[int]]]] = []
    for failed in single:
        positions = [{span[0]} for (span,) in failed.origins]
        if expected and expected[-1][0] == failed.message:
            for known, new in zip(expected[-1][1], positions, strict=True):
                known.update(new)
        else:
            expected.append((failed.message, positions))
    assert [(one.message, [_positions(origins) for origins in one.origins]) for one in united] == expected


def test_a_million_that_fail_alike_take_no_room() -> None:
    """Neighbours that fail for one reason are some hundred failures of one span each."""
    failures = Failures()
    for number in range(1_000_000):
        failures.append(Failure((((number, number + 1),),), "c", "the same"))
    assert len(failures) <= 1_000_000 // MOST_ALIKE + 1
    assert all(len(origins) == 1 for failed in failures for origins in failed.origins)


@given(st.integers(0, 20), st.sets(st.integers(0, 19)))
def test_others_are_what_is_not_taken(count: int, taken: set[int]) -> None:
    """Spans leave out what positions would."""
    inside = {position for position in taken if position < count}
    assert others(count, merge_spans([(one, one + 1) for one in inside])) == without(count, inside)


def _positions(origins: tuple[tuple[int, int], ...]) -> set[int]:
    return {position for start, stop in origins for position in range(start, stop)}
