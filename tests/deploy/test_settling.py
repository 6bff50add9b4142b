"""When a source is at rest."""

from __future__ import annotations

from runtime.deploy.look import Fingerprint
from runtime.deploy.settling import GONE, GONE_AT_MOST, Settling

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
    settling.taken({"old"}, torn=(), now=0.5)
    settling.note({}, 1.0)
    settling.note({"new": ONE}, 1.1)
    assert settling.going(1.1 + QUIET) == {"old"}
    assert settling.at_rest(1.1 + QUIET) == {"new": ONE}
    settling.taken({"new"}, torn=(), now=1.1 + QUIET)
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


def test_while_an_heir_is_being_written_nothing_is_believed_to_be_gone() -> None:
    """A bundle that is written anew under another name keeps the old one alive, but not for ever."""
    settling = Settling(QUIET)
    settling.note({"old": ONE, "busy": ONE}, 0.0)
    settling.taken({"old", "busy"}, torn=(), now=1.0)
    settling.note({"busy": TWO}, 2.0)
    assert settling.going(2.0 + GONE * QUIET) == set()  # what was there before is no heir
    size, now = 1, 2.0
    while settling.going(now) == {"old"} and now < 100:
        size, now = size + 1, now + QUIET / 2
        settling.note({"busy": TWO, "new": (("a", 1, size, 1, 1),)}, now)
    assert 2.0 + GONE_AT_MOST * QUIET <= now < 2.0 + (GONE_AT_MOST + 1) * QUIET


def test_what_is_torn_begins_anew() -> None:
    """A source that changed while it was read has not been read: it rests again first, and may still be an heir."""
    settling = Settling(QUIET)
    settling.note({"old": ONE}, 0.0)
    settling.taken({"old"}, torn=(), now=1.0)
    settling.note({"new": ONE}, 2.0)
    settling.taken({"new"}, torn={"new"}, now=2.0 + QUIET)
    assert settling.at_rest(2.1 + QUIET) == {}
    assert settling.next_rest(2.1 + QUIET) == 2.0 + QUIET + QUIET
    assert settling.going(2.1 + GONE * QUIET) == {"old"}
