from __future__ import annotations

import msgspec
import pytest

from runtime.errors import DocumentFault, NuclideError, ProcessFault, RequestError, StoreError, Unavailable
from runtime.flow.faults import MAX_MESSAGE, problem, problem_of, status_of


def _message(text: str) -> str:
    told: str = msgspec.json.decode(problem("/fs/S/actions/A", 500, text).body)["message"]
    return told


def test_a_problem_is_complete() -> None:
    """Every member of the form is there, and the header that makes the engine read it, in lower case."""
    answer = problem("/fs/S/actions/A", 404, "There is no such action", action="A")
    assert msgspec.json.decode(answer.body) == {
        "kind": "service",
        "uri": "/fs/S/actions/A",
        "statusCode": 404,
        "responseBody": None,
        "responseHeaders": None,
        "message": "There is no such action",
        "invokeType": None,
        "action": "A",
    }
    assert answer.status == 404
    assert dict(answer.headers) == {
        "Content-Type": "application/json",
        "X-ManyWho-Service-Problem-Kind": "service",
    }


def test_the_message_is_cut() -> None:
    """A long message is cut to what is shown, and says that it was."""
    assert _message("x" * MAX_MESSAGE) == "x" * MAX_MESSAGE
    cut = _message("x" * 2_000)
    assert len(cut) == MAX_MESSAGE
    assert cut.endswith("…")


@pytest.mark.parametrize("text", ["", "  \n"])
def test_the_message_is_never_blank(text: str) -> None:
    """Someone who waits for an answer is never shown an empty error."""
    assert _message(text).strip()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestError("x", "m"), 400),
        (RequestError("x", "m", status=413), 413),
        (ProcessFault("x", "m"), 500),
        (DocumentFault("x", "m"), 500),
        (StoreError("x", "m"), 503),
        (Unavailable("x", "m"), 503),
        (NuclideError("x", "m"), 500),
    ],
)
def test_the_status_says_whose_turn_it_is(error: NuclideError, status: int) -> None:
    """The caller's mistakes are 4xx, ours are 5xx, and 503 where repeating helps."""
    assert status_of(error) == problem_of(error, "/").status == status


def test_when_to_come_back() -> None:
    """Who is sent away for a while is told for how long, in whole seconds, at least one."""
    assert dict(problem_of(Unavailable("x", "m", retry_after=0.2), "/").headers)["Retry-After"] == "1"
    assert dict(problem_of(Unavailable("x", "m", retry_after=7.4), "/").headers)["Retry-After"] == "7"
