from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.model.journal import Acknowledged, Dead, Postpone
from runtime.outbox.decide import after, before
from runtime.outbox.message import Response, Undelivered
from tests.outbox.examples import SETTINGS, request, row


def test_due_callback_is_sent_as_it_was_kept() -> None:
    """What is sent is the request that was put in, to the byte."""
    assert before(row(), SETTINGS, 999.0) == request()


def test_expired_callback_is_not_sent() -> None:
    """At its end of time a callback becomes a dead letter that says what the last attempt said."""
    expired = before(row(attempts=3, error="the engine answered 503"), SETTINGS, 1000.0)
    assert expired == Dead(7, "expired after 3 attempts; the last said: the engine answered 503", attempted=False)


def test_host_that_is_not_allowed_is_not_called() -> None:
    """A host that is not listed, or is no longer, is not called."""
    dead = before(row(host="evil.test"), SETTINGS, 1.0)
    assert dead == Dead(7, "callbacks.allow does not list evil.test", attempted=False)


@pytest.mark.parametrize("damaged", [b"", b"\x00", msgspec.msgpack.encode({"url": 1})])
def test_damaged_request_is_not_sent(damaged: bytes) -> None:
    """A request that cannot be read becomes a dead letter; it does not stop the sender."""
    assert before(row(request=damaged), SETTINGS, 1.0) == Dead(7, "its request was damaged on disk", attempted=False)


@pytest.mark.parametrize("body", [b'"SUCCESS"', b'"WAIT"', b'"TOKEN_COMPLETED"', b"SUCCESS"])
def test_accepted_callback_is_erased(body: bytes) -> None:
    """SUCCESS, WAIT and TOKEN_COMPLETED end a callback well, the first time and after retries."""
    for attempts in (0, 3):
        assert after(row(attempts=attempts), Response(200, body), SETTINGS, 10.0, 0.5) == Acknowledged(7)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_refused_callback_is_dead(status: int) -> None:
    """A client error is a refusal for good."""
    dead = after(row(), Response(status, b"no"), SETTINGS, 10.0, 0.5)
    assert isinstance(dead, Dead)
    assert dead.attempted


RETRIED: dict[str, Response | Undelivered] = {
    "BUSY": Response(200, b'"BUSY"'),
    "500": Response(500, b""),
    "503": Response(503, b"<html>"),
    "429": Response(429, b""),
    "no answer": Undelivered("connection refused"),
    "unknown text": Response(200, b"hello"),
}


@pytest.mark.parametrize("answer", RETRIED.values(), ids=RETRIED.keys())
def test_passing_trouble_is_tried_again(answer: Response | Undelivered) -> None:
    """Whatever time may cure is tried again, later, with the reason on record."""
    postponed = after(row(), answer, SETTINGS, 10.0, 1.0)
    assert isinstance(postponed, Postpone)
    assert postponed.due > 10.0
    assert postponed.error


def test_busy_is_tried_sooner_than_a_failure() -> None:
    """BUSY is tried again after half a second, a failure after the first pause of the settings."""
    assert after(row(), RETRIED["BUSY"], SETTINGS, 10.0, 1.0) == Postpone(
        7, 10.5, "BUSY: the flow is locked by another request", 10.0
    )
    assert after(row(), RETRIED["500"], SETTINGS, 10.0, 1.0) == Postpone(7, 11.0, "the engine answered 500", 10.0)


def test_hopeless_callback_is_dead() -> None:
    """What cannot be sent at all is not tried again."""
    answer = Undelivered("cannot be sent: InvalidURL", hopeless=True)
    assert after(row(), answer, SETTINGS, 10.0, 0.5) == Dead(7, "cannot be sent: InvalidURL")


def pause(attempts: int, chance: float, answer: Response | Undelivered = RETRIED["500"]) -> float:
    """Give the pause after an attempt at 0 of a callback that does not expire."""
    postponed = after(row(attempts=attempts, expires_at=1e12), answer, SETTINGS, 0.0, chance)
    assert isinstance(postponed, Postpone)
    return postponed.due


def test_pauses_double_up_to_the_longest() -> None:
    """Pauses double from `first_retry` and never exceed `longest_retry`."""
    assert [pause(attempts, 1.0) for attempts in range(5)] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert pause(50, 1.0) == SETTINGS.longest_retry
    slower = msgspec.structs.replace(SETTINGS, first_retry=3.0, longest_retry=10.0)
    dues = [after(row(attempts=attempts), RETRIED["500"], slower, 0.0, 1.0) for attempts in range(4)]
    assert [postponed.due for postponed in dues if isinstance(postponed, Postpone)] == [3.0, 6.0, 10.0, 10.0]


@given(st.integers(0, 100), st.floats(0, 1))
def test_chance_only_shortens(attempts: int, chance: float) -> None:
    """The jitter takes away at most half of a pause."""
    assert pause(attempts, 1.0) / 2 <= pause(attempts, chance) <= pause(attempts, 1.0)


def test_last_pause_ends_with_the_callback() -> None:
    """A retry is never put off beyond the time at which the callback expires."""
    assert after(row(attempts=20, expires_at=15.0), RETRIED["500"], SETTINGS, 10.0, 1.0) == Postpone(
        7, 15.0, "the engine answered 500", 10.0
    )
