"""When a source is at rest."""

from __future__ import annotations

from runtime.deploy.look import Fingerprint
from runtime.deploy.settling import GONE, Settling

QUIET = 0.3
ONE: Fingerprint = (("a", 1, 1, 1, 1),)
TWO: Fingerprint = (("a", 1, 2, 2, 2),)


def test_a_source_rests_after_the_quiet_time_without_a_change() -> None:
    """Every change begins the quiet time anew; the next rest is told to whoever waits for it."""
    settling = Settling(QUIET)
    settling.note({"s": ONE}, 10.0)
    assert (settling.at_rest(10.2), settling.restless(10.2), settling.next_rest(10.2)) == ({}, {"s"}, 10.3)
    settling.note({"s": TWO}, 10.2)
    assert settling.at_rest(10.3) == {}
    settling.note({"s": TWO}, 10.4)
    assert settling.at_rest(10.5) == {"s": TWO}
    assert (settling.restless(10.5), settling.next_rest(10.5)) == (set(), float("inf"))


def test_looks_between_do_not_disturb_what_rests() -> None:
    """One source that changes keeps no other from being read."""
    settling = Settling(QUIET)
    settling.note({"s": ONE, "t": ONE}, 0.0)
    settling.note({"s": TWO, "t": ONE}, 0.2)
    assert (settling.at_rest(0.3), settling.restless(0.3)) == ({"t": ONE}, {"s"})


def test_a_going_is_believed_later_than_a_coming() -> None:
    """A rename seen in two looks is no removal: the heir rests before the old name is believed to be gone."""
    settling = Settling(QUIET)
    settling.note({"old": ONE}, 0.0)
    settling.note({}, 1.0)
    settling.note({"new": ONE}, 1.1)
    assert settling.going(1.1 + QUIET) == {"old"}
    assert settling.at_rest(1.1 + QUIET) == {"new": ONE}
    assert settling.going(1.0 + GONE * QUIET) == set()
    settling.forget_gone(1.0 + GONE * QUIET)
    settling.note({"new": ONE}, 2.0)
    assert settling.next_rest(2.0) == float("inf")


def test_what_comes_back_was_never_gone() -> None:
    """A source that is replaced by going and coming rests by its new content."""
    settling = Settling(QUIET)
    settling.note({"s": ONE}, 0.0)
    settling.note({}, 1.0)
    settling.note({"s": TWO}, 1.2)
    assert (settling.going(1.2), settling.restless(1.2)) == (set(), {"s"})
    assert settling.at_rest(1.2 + QUIET) == {"s": TWO}
