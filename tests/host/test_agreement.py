"""The laws of what workers agree upon: all who are there change together, and one that is gone holds up nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.host.agreement import NOTHING, VIEW, Agreement, Stand, Verdict, judge
from tests.patience import PATIENCE

ONE, TWO = b"1" * VIEW, b"2" * VIEW
VIEWS = st.sampled_from([NOTHING, ONE, TWO])


@pytest.fixture
def board() -> Iterator[Agreement]:
    """Give a table of three workers that take part."""
    agreement = Agreement(3)
    for number in (1, 2, 3):
        agreement.join(number)
    yield agreement
    agreement.close()


@given(st.lists(st.builds(Stand, VIEWS, VIEWS), max_size=4))
def test_all_who_are_there_agree(stands: list[Stand]) -> None:
    """A change is agreed upon exactly where every other worker is ready for it, or serves it already."""
    verdict = judge(ONE, dict(enumerate(stands)))
    assert (verdict is Verdict.AGREED) == all(ONE in {stand.staged, stand.serves} for stand in stands)
    if verdict is Verdict.OTHERWISE:
        assert any(stand.staged == TWO for stand in stands)


def test_who_is_last_lets_all_change(board: Agreement) -> None:
    """Nobody changes before the last one is ready; then each does by its next look, in whatever order."""
    for number in (1, 2):
        board.stage(number, ONE)
        assert board.turn(number) is Verdict.WAIT
    board.stage(3, ONE)
    assert [board.turn(number) for number in (3, 1, 2)] == [Verdict.AGREED] * 3
    board.stage(3, TWO)
    assert board.turn(3) is Verdict.WAIT, "what was agreed upon before is none of this"


def test_a_worker_that_goes_on_lets_a_slow_one_change(board: Agreement) -> None:
    """One that is ready for the next change already counts as one that has made this one."""
    for number in (1, 2, 3):
        board.stage(number, ONE)
    assert board.turn(1) is Verdict.AGREED
    board.stage(1, TWO)
    assert board.turn(2) is Verdict.AGREED


def test_who_has_seen_less_looks_again(board: Agreement) -> None:
    """Where two have seen different things, each is told to look again, and is ready for nothing until it has."""
    board.leave(3)
    board.stage(1, ONE)
    board.stage(2, TWO)
    assert board.turn(1, give_up=True) is Verdict.OTHERWISE
    assert board.turn(2) is Verdict.WAIT
    board.stage(1, TWO)
    assert board.turn(1) is board.turn(2) is Verdict.AGREED


def test_who_is_gone_is_not_waited_for(board: Agreement) -> None:
    """One that has left, or that never comes, is no part of what all agree upon."""
    board.stage(1, ONE)
    board.serve(2, ONE)
    assert board.turn(1) is Verdict.WAIT
    board.leave(3)
    assert board.turn(1) is Verdict.AGREED


def test_who_lags_behind_knows_whom_to_ask(board: Agreement) -> None:
    """A worker is told who serves something else than it does; one that serves nothing yet is nobody to ask."""
    board.serve(1, ONE)
    board.serve(2, TWO)
    assert (board.ahead(1), board.ahead(2), board.ahead(3)) == ((2,), (1,), (1, 2))


def test_a_process_that_dies_leaves_the_table_usable() -> None:
    """Killed in the middle of its turns, a worker leaves no lock behind."""
    ran = subprocess.run([sys.executable, "-c", _KILLED], capture_output=True, check=True, timeout=PATIENCE)
    assert ran.stdout.decode().strip() == "AGREED"


def test_who_has_the_lock_hides_no_agreement() -> None:
    """While another writes, or was stopped in the middle of it, what all are ready for is told all the same."""
    ran = subprocess.run([sys.executable, "-c", _LOCKED], capture_output=True, check=True, timeout=PATIENCE)
    assert ran.stdout.decode().split() == ["WAIT", "AGREED"]


# Forks, as the supervisor does: in a process with one thread.
_LOCKED = """
import os
import signal
from runtime.host.agreement import VIEW, Agreement

one, board = b"1" * VIEW, Agreement(2)
for number in (1, 2):
    board.join(number)
told, tell = os.pipe()
child = os.fork()
if child == 0:
    with board._locked(1_000):
        os.write(tell, b"locked")
        signal.pause()
os.read(told, 6)
board.stage(1, one)
print(board.turn(1).name)
board.serve(2, one)
print(board.turn(1).name)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
"""

_KILLED = """
import os
import signal
from runtime.host.agreement import VIEW, Agreement

one, two, board = b"1" * VIEW, b"2" * VIEW, Agreement(2)
for number in (1, 2):
    board.join(number)
child = os.fork()
while child == 0:
    board.stage(2, one)
    board.turn(2)
for number in range(200):
    board.stage(1, one if number % 2 else two)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
board.leave(2)
board.stage(1, two)
print(board.turn(1).name)
"""
