from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.positions import DIGEST_BYTES, Position, Scope, idempotency_key, root_scope

forks = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=6)
Fork = tuple[str, int, int, int]


def walk(taken: list[Fork]) -> Scope:
    """Go through forks, each given as step, visits before, path and attempt."""
    scope = root_scope("p")
    for step, visits, path, attempt in taken:
        for _ in range(visits):
            scope.enter(step)
        scope = scope.fork(scope.enter(step), path, attempt)
    return scope


@given(first=forks, second=forks)
def test_equal_ways_have_equal_names(first: list[Fork], second: list[Fork]) -> None:
    """Two stretches have one digest if and only if the same forks lead to them, and one stable name likewise."""
    one, other = walk(first), walk(second)
    assert (one.digest == other.digest) is (first == second)
    assert (one.stable == other.stable) is ([fork[:3] for fork in first] == [fork[:3] for fork in second])
    assert walk(first).enter("s") == one.enter("s")


def test_visits_count_within_a_stretch() -> None:
    """A step that is entered again without a fork between has another position."""
    scope = root_scope("p")
    assert [scope.enter("s").visit for _ in range(3)] == [0, 1, 2]
    assert scope.enter("t").visit == 0
    assert scope.fork(scope.enter("f"), 0).enter("s").visit == 0


def test_attempts_change_the_position_and_not_the_name() -> None:
    """What is tried again runs at another position under the same name, nested forks below included."""
    scope, at = root_scope("p"), Position(b"", "try", 0)
    first, again = scope.fork(at, 0), scope.fork(at, 0, 1)
    for _ in range(3):
        one, other = first.enter("s"), again.enter("s")
        assert one != other
        assert first.stable_name(one) == again.stable_name(other)
        first, again = first.fork(one, 0), again.fork(other, 0)


def test_depth_costs_nothing() -> None:
    """The size of a position does not grow with the forks that lead to it."""
    assert len(walk([("a", 0, 0, 0)] * 500).digest) == DIGEST_BYTES


def test_processes_differ() -> None:
    """The same step of another process is another place."""
    assert root_scope("p").enter("s") != root_scope("q").enter("s")


@given(parts=st.lists(st.tuples(st.text(), st.binary(), st.binary()), min_size=2, max_size=2, unique=True))
def test_keys_name_one_effect(parts: list[tuple[str, bytes, bytes]]) -> None:
    """An idempotency key differs where the execution, the step or the document does."""
    length = 12  # names and identities have one length each, so that no two of them read the same joined
    fixed = [(one, name[:length].ljust(length), other[:length].ljust(length)) for one, name, other in parts]
    keys = {idempotency_key(*part) for part in fixed if "\0" not in part[0]}
    assert len(keys) == len({part for part in fixed if "\0" not in part[0]})
