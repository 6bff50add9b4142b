"""The laws of the staff: who is started again, when, and what becomes of one who cannot be."""

from __future__ import annotations

from runtime.host.staff import FIRST_PAUSE, LONGEST_PAUSE, SETTLED, STARTS, Staff


def _ready(workers: int) -> Staff:
    staff = Staff(workers)
    for worker in staff.due(0.0):
        staff.started(worker.number, 100 + worker.number, 0.0)
        staff.ready(worker.number, 1.0)
    return staff


def _die(staff: Staff, number: int, now: float) -> float | None:
    staff.started(number, 7, now)
    return staff.died(number, -9, now, stopping=False)


def test_one_that_dies_is_started_again_at_longer_and_longer_pauses() -> None:
    """Deaths in a row double the pause, up to a limit; one that has lived for a while begins with the first."""
    staff = _ready(2)
    pauses = [staff.died(1, -9, 2.0, stopping=False)]
    for _ in range(12):
        staff.started(1, 7, 2.0)
        staff.ready(1, 2.0)
        pauses.append(staff.died(1, -9, 2.0, stopping=False))
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    staff.started(1, 7, 100.0)
    staff.ready(1, 100.0)
    assert staff.died(1, -9, 100.0 + SETTLED, stopping=False) == FIRST_PAUSE


def test_one_that_never_gets_ready_is_given_up_for_another() -> None:
    """After so many starts in a row that came to nothing, a worker that serves is named heir, once for each heir."""
    staff = _ready(3)
    assert staff.died(2, -9, 2.0, stopping=False) is not None
    assert [_die(staff, 2, 2.0) is None for _ in range(STARTS)] == [False] * (STARTS - 1) + [True]
    assert staff.due(1e9) == []
    assert staff.heir == 1
    assert list(staff.without_heir(1)) == [2]
    assert list(staff.without_heir(1)) == []
    staff.died(1, -9, 3.0, stopping=False)
    assert staff.heir == 3
    assert list(staff.without_heir(3)) == [2]


def test_nobody_is_given_up_while_nobody_serves() -> None:
    """Where there is no heir, a worker is started for ever."""
    staff = _ready(1)
    staff.died(1, -9, 2.0, stopping=False)
    assert all(_die(staff, 1, 2.0) is not None for _ in range(3 * STARTS))


def test_a_daemon_that_cannot_start_says_so() -> None:
    """A worker that refuses to start before all have once been ready ends the daemon with its exit code."""
    staff = Staff(2)
    for worker in staff.due(0.0):
        staff.started(worker.number, worker.number, 0.0)
    staff.ready(1, 0.5)
    assert staff.died(2, 3, 1.0, stopping=False) is None
    assert staff.failed == 3
    assert staff.exit_code == 3


def test_a_stop_that_goes_wrong_is_told() -> None:
    """Nobody is started again while the daemon stops; an end that was no good one is in the exit code."""
    staff = _ready(2)
    assert staff.died(1, 0, 2.0, stopping=True) is None
    assert staff.exit_code == 0
    assert staff.died(2, -9, 2.0, stopping=True) is None
    assert staff.exit_code == 1
    assert not staff.present


def test_one_that_is_silent_hangs() -> None:
    """A worker that serves and is not heard of for longer than allowed is named; one that begins is left alone."""
    staff = _ready(2)
    staff.alive(1, 50.0)
    assert [worker.number for worker in staff.hanging(51.0, 30.0)] == [2]
    staff.died(2, -9, 51.0, stopping=False)
    staff.started(2, 9, 51.0)
    assert staff.hanging(70.0, 30.0) == []
    assert 80.0 in staff.deadlines(30.0)
