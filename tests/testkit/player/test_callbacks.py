from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from runtime.errors import HostError
from runtime.flow.callbacks import acknowledge
from runtime.testkit.player.callbacks import UNREAD, Listener, OneToken, Policy, listening
from runtime.testkit.player.failures import Refused
from runtime.testkit.player.play import follow

TOKEN = "t1"


def send(listener: Listener, *, token: str = TOKEN, kind: str = "FORWARD", **more: Any) -> tuple[int, Any]:  # noqa: ANN401 - JSON
    """Send a callback; give the status and the word of its answer."""
    return post(listener, msgspec.json.encode({"token": token, "invokeType": kind, **more}))


def post(listener: Listener, body: bytes, path: str | None = None) -> tuple[int, Any]:
    """Post a body to the listener."""
    parts = urlsplit(listener.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("POST", path or parts.path, body)
        answer = connection.getresponse()
        return answer.status, msgspec.json.decode(answer.read())
    finally:
        connection.close()


def test_a_call_is_followed_through_its_progress_to_its_end() -> None:
    """Law: progress is given as it comes, the finishing callback last, and each is acknowledged."""
    with listening(OneToken("t1")) as listener:
        assert send(listener, kind="WAIT", waitMessage="half") == (200, "SUCCESS")
        assert send(listener) == (200, "SUCCESS")
        followed = list(follow("t1", listener, 5))
    assert [each.wait_message for each in followed] == ["half", None]


def test_a_finished_or_strange_token_is_told_so() -> None:
    """Law: the second end of a call and a token that nobody waits for are TOKEN_COMPLETED, and are not followed."""
    with listening(OneToken("t1")) as listener:
        assert send(listener, token="t2") == (200, "TOKEN_COMPLETED")
        assert send(listener) == (200, "SUCCESS")
        assert send(listener) == (200, "TOKEN_COMPLETED")
        assert len(list(follow("t1", listener, 5))) == 1


def test_a_call_that_does_not_end_in_time_is_given_up() -> None:
    """Law: following ends at its limit."""
    with listening(OneToken("t1")) as listener, pytest.raises(Refused, match="has not finished within 0 s"):
        list(follow("t1", listener, 0.0))


def test_an_engine_in_trouble_can_be_played() -> None:
    """Law: the first callbacks are refused as asked, the others told the chosen word; the sender's rules fit both."""
    with listening(Policy("BUSY", fail=2)) as listener:
        answers = [send(listener) for _ in range(3)]
        taken = [listener.take(5) for _ in range(3)]
    assert answers == [(503, "BUSY"), (503, "BUSY"), (200, "BUSY")]
    assert [each.status for each in taken if each is not None] == [503, 503, 200]
    assert all(acknowledge(status, word.encode(), attempt=1).decision == "retry" for status, word in answers)


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [(b"{}", None, 400), (b"no JSON", None, 400), (b'{"token":"t","invokeType":"FORWARD"}', "/elsewhere", 404)],
)
def test_what_is_no_callback_is_refused(body: bytes, path: str | None, status: int) -> None:
    """Law: what an engine could not take is refused with why, and is not shown as a callback."""
    with listening(Policy()) as listener:
        assert post(listener, body, path)[0] == status
        assert listener.take(0.0) is None


def test_a_sender_is_slowed_down_when_nobody_looks() -> None:
    """Law: beyond a bound of unread callbacks the answer is BUSY: memory is not the sender's to fill."""
    with listening(Policy()) as listener:
        for _ in range(UNREAD):
            listener._arrived.put_nowait(None)  # type: ignore[arg-type]
        assert send(listener) == (200, "BUSY")


def test_a_taken_port_is_told() -> None:
    """Law: a port in use is an error of ours that names it."""
    with listening(Policy()) as listener:
        port = urlsplit(listener.url).port or 0
        with pytest.raises(HostError, match=f"port {port}"), listening(Policy(), port):
            pass
