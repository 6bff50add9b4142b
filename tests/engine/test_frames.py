from __future__ import annotations

import pytest

from runtime.engine.batch import EMPTY, Held, Selected
from runtime.engine.frames import CLOSED, BranchFrame, Caught, DivideFrame, Frame, Go, Path, Retry, TryFrame
from runtime.engine.outcome import Ended, Failure
from runtime.engine.positions import root_scope
from runtime.engine.retries import retries_of
from runtime.model.document import Document, root_identity
from runtime.model.shapes import TryCatchStep

BATCH = Held(tuple(Document(root_identity(number)) for number in range(4)))
ERROR = Ended("x", "all is lost")


def branch(*targets: str | None, level: int = 0) -> BranchFrame:
    """Open a branch over four documents."""
    scope = root_scope("p")
    return BranchFrame(scope.enter("b"), scope, level, BATCH, targets)


def attempt(retries: int = 0, *, all_errors: bool = False, to: str | None = "t") -> TryFrame:
    """Open a Try/Catch over four documents."""
    scope = root_scope("p")
    again = retries_of(TryCatchStep(id="y", retries=retries))
    return TryFrame(scope.enter("y"), scope, 0, BATCH, attempt=to, caught="c", retries=again, all_errors=all_errors)


def failed(*positions: int, level: int = 0, message: str = "bad") -> Failure:
    """Give the failure of what descends from these positions at a level."""
    return Failure((((90, 99),),) * level + (tuple((number, number + 1) for number in positions),), "x", message)


def went(frame: Frame) -> tuple[str, list[tuple[int, int]], bool]:
    """Advance to a path: where it leads, which documents it gets, whether it is the last."""
    move = frame.advance()
    assert isinstance(move, Go)
    assert isinstance(move.batch, Selected)
    return move.target, list(move.batch.spans), move.closes


def test_branch_paths_in_order() -> None:
    """Every path gets all documents, in order; the last closes the frame, so that loops through it grow no stack."""
    frame = branch("a", "b", "c")
    every = [(0, 4)]
    assert [went(frame) for _ in range(3)] == [("a", every, False), ("b", every, False), ("c", every, True)]
    assert frame.advance() == CLOSED


def test_branch_leaves_failed_documents_out() -> None:
    """Documents that failed on a path, or what they became failed, are on no later path (0.5, 14)."""
    frame = branch("a", "b", "c", level=1)
    went(frame)
    assert not frame.mark(failed(1, level=1)), "the failure goes on outwards"
    assert went(frame) == ("b", [(0, 1), (2, 4)], False)
    frame.mark(failed(0, 3, level=1))
    assert went(frame) == ("c", [(2, 3)], True)


def test_branch_ends_with_its_documents() -> None:
    """A path that no document is left for does not run."""
    frame = branch("a", "b")
    went(frame)
    frame.mark(failed(0, 1, 2, 3))
    assert frame.advance() == CLOSED


def test_branch_skips_paths_without_steps() -> None:
    """A path that leads nowhere is passed over."""
    frame = branch(None, "b", None)
    assert went(frame)[0] == "b"
    assert frame.advance() == CLOSED


def test_divide_gives_each_path_its_documents() -> None:
    """Paths without documents or steps do not run; the last that runs closes the frame."""
    scope = root_scope("p")
    paths = [Path("a", EMPTY), Path("b", BATCH), Path(None, BATCH), Path("d", BATCH), Path("e", EMPTY)]
    frame = DivideFrame(scope.enter("d"), scope, paths)
    first, second = frame.advance(), frame.advance()
    assert isinstance(first, Go)
    assert isinstance(second, Go)
    assert [(move.target, move.closes) for move in (first, second)] == [("b", False), ("d", True)]
    assert first.scope.digest != second.scope.digest
    assert frame.advance() == CLOSED
    assert not frame.mark(failed(0))
    assert not frame.end(ERROR)


def test_try_without_failures_is_done() -> None:
    """The Catch path does not run when nothing failed."""
    frame = attempt(5)
    assert went(frame) == ("t", [(0, 4)], False)
    assert frame.advance() == CLOSED


def test_retries_pause_as_the_platform_does() -> None:
    """Retries follow at once, then after 10, 30, 60 and 120 seconds; then Catch (1.17, 53)."""
    frame, pauses = attempt(5), [0.0]
    went(frame)
    frame.mark(failed(2))
    while not isinstance(move := frame.advance(), Caught):
        if isinstance(move, Retry):
            pauses.append(move.seconds)
        else:
            assert isinstance(move, Go)
            frame.mark(failed(2, message=f"after {sum(pauses):g} s"))
    assert pauses == [0, 10, 30, 60, 120]
    assert move.messages == ("after 220 s",)


def test_retries_take_what_failed_alone() -> None:
    """A retry runs the documents that failed last time, and no other; the others stay done."""
    frame = attempt(2)
    went(frame)
    assert frame.mark(failed(0, 2)), "the failure is held"
    assert went(frame) == ("t", [(0, 1), (2, 3)], False)
    frame.mark(failed(2))
    assert isinstance(frame.advance(), Retry)
    assert went(frame) == ("t", [(2, 3)], False)
    frame.mark(failed(2))
    caught = frame.advance()
    assert isinstance(caught, Caught)
    assert (caught.target, caught.batch.spans, caught.batch.tagged) == ("c", ((2, 3),), False)


def test_retries_are_places_of_their_own() -> None:
    """Each attempt runs in a scope of its own under one stable name; the Catch path is another."""
    frame, scopes = attempt(1), []
    for _ in range(2):
        move = frame.advance()
        assert isinstance(move, Go)
        scopes.append(move.scope)
        frame.mark(failed(0))
    caught = frame.advance()
    assert isinstance(caught, Caught)
    assert len({scope.digest for scope in (*scopes, caught.scope)}) == 3
    assert scopes[0].stable == scopes[1].stable != caught.scope.stable


@pytest.mark.parametrize("all_errors", [False, True])
def test_errors_of_the_process(all_errors: bool) -> None:  # noqa: FBT001 - both kinds
    """A Try/Catch set to all errors holds an error of the process: all that it tried have failed (1.17, 51, 52)."""
    frame = attempt(all_errors=all_errors)
    went(frame)
    assert frame.end(ERROR) is all_errors
    if all_errors:
        caught = frame.advance()
        assert isinstance(caught, Caught)
        assert caught.batch.spans == ((0, 4),)
        assert set(caught.messages) == {"all is lost"}


def test_errors_of_the_process_in_a_retry() -> None:
    """An error of the process in a retry concerns the documents of that retry alone."""
    frame = attempt(1, all_errors=True)
    went(frame)
    frame.mark(failed(1, 3))
    went(frame)
    frame.end(ERROR)
    caught = frame.advance()
    assert isinstance(caught, Caught)
    assert caught.batch.spans == ((1, 2), (3, 4))


def test_try_that_leads_nowhere_is_done() -> None:
    """A Try path without steps ends at once, and nothing is caught."""
    assert attempt(3, to=None).advance() == CLOSED
