from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.callbacks import (
    BUSY_LONGEST,
    FAILED_LONGEST,
    UNCLEAR_ATTEMPTS,
    acknowledge,
    callback_request,
    faulted,
    unreachable,
)
from runtime.flow.requests import ActionCall
from runtime.flow.who import parse_authorization

HEADER = "ManyWhoTenantId%3D0c7b%26UserId%3DU-42"
CALL = ActionCall(
    service="S",
    action="A",
    token="T",
    tenant_id="N",
    callback_uri="https://flow.example.com/api/run/1/response?x=%20",
    authorization=HEADER,
)


class TestRequest:
    """What is sent."""

    def test_address_and_headers(self) -> None:
        """It goes to the address exactly as received, with the user's header byte for byte and the tenant."""
        request = callback_request(CALL, b"{}")
        assert request is not None
        assert request.url == CALL.callback_uri
        assert dict(request.headers) == {
            "Content-Type": "application/json",
            "ManyWhoTenant": "N",
            "Authorization": HEADER,
        }
        assert request.body == b"{}"

    def test_credentials_are_not_echoed(self) -> None:
        """The connector's credentials never leave in a callback."""
        replay = parse_authorization("Basic Y29uZjpwYXNz").replay
        request = callback_request(msgspec.structs.replace(CALL, authorization=replay), b"")
        assert request is not None
        assert "Authorization" not in dict(request.headers)

    def test_without_an_address(self) -> None:
        """A call that named no address has no callback."""
        assert callback_request(msgspec.structs.replace(CALL, callback_uri=None), b"") is None

    def test_secrets_do_not_show(self) -> None:
        """A printed request shows neither the user's header nor the result."""
        shown = repr(callback_request(CALL, b"result"))
        assert HEADER not in shown
        assert "result" not in shown

    def test_fault(self) -> None:
        """After WAIT a failure is a finishing answer with one root fault, which a player unpacks."""
        body = msgspec.json.decode(faulted(CALL, "Disk full", uri="/fs/S/actions/A"))
        assert (body["token"], body["tenantId"], body["invokeType"]) == ("T", "N", "FORWARD")
        (fault,) = body["rootFaults"].values()
        told = msgspec.json.decode(fault)
        assert (told["message"], told["statusCode"], told["action"]) == ("Disk full", 500, "A")
        assert "invokeType" in told


class TestAcknowledgement:
    """What its answer means."""

    @pytest.mark.parametrize("word", ["SUCCESS", "WAIT", "TOKEN_COMPLETED"])
    @pytest.mark.parametrize("form", ['"{}"', "{}", ' "{}"\n'])
    @pytest.mark.parametrize("status", [200, 202, 226])
    def test_done(self, word: str, form: str, status: int) -> None:
        """The three words end the sending, with or without quotes, whatever the success status."""
        assert acknowledge(status, form.format(word).encode(), attempt=3).decision == "done"

    def test_busy_is_never_given_up(self) -> None:
        """A locked flow is asked again, soon at first, later in steady steps; only expiry ends it."""
        waits = [acknowledge(200, b'"BUSY"', attempt=attempt).after for attempt in (1, 2, 3, 50)]
        assert waits == [0.5, 1.0, 2.0, BUSY_LONGEST]
        assert acknowledge(200, b"BUSY", attempt=1_000).decision == "retry"

    @pytest.mark.parametrize("body", [b"", b'"DONE"', b"<html>", b"\xff", b'"SUCCESSFUL"', b"SUCCESS" + b"x" * 100])
    def test_other_texts(self, body: bytes) -> None:
        """A text that nobody explains is tried a few times and then left to a person."""
        assert acknowledge(200, body, attempt=1).decision == "retry"
        assert acknowledge(200, body, attempt=UNCLEAR_ATTEMPTS).decision == "dead"

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
    def test_refused(self, status: int) -> None:
        """A client error will not get better: a person must look at it."""
        assert acknowledge(status, b'"SUCCESS"', attempt=1).decision == "dead"

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_passing(self, status: int) -> None:
        """What time may cure is tried until it expires, in growing steps up to some minutes."""
        first, later = (acknowledge(status, b"", attempt=attempt) for attempt in (1, 100))
        assert (first.decision, later.decision) == ("retry", "retry")
        assert first.after < later.after == FAILED_LONGEST

    @pytest.mark.parametrize("status", [301, 302, 307, 210])
    def test_odd_statuses(self, status: int) -> None:
        """A redirect is not followed, and an odd success is not trusted: tried a few times, then left to a person."""
        assert acknowledge(status, b'"SUCCESS"', attempt=1).decision == "retry"
        assert acknowledge(status, b'"SUCCESS"', attempt=UNCLEAR_ATTEMPTS).decision == "dead"

    def test_unreachable(self) -> None:
        """No answer at all is tried until it expires."""
        assert unreachable("connection refused", attempt=1_000).decision == "retry"

    @given(st.integers(100, 599), st.binary(max_size=80), st.integers(1, 10_000))
    def test_every_answer_is_judged(self, status: int, body: bytes, attempt: int) -> None:
        """Whatever comes back there is a decision, a reason, and a wait that is bounded."""
        verdict = acknowledge(status, body, attempt=attempt)
        assert verdict.reason
        assert 0 <= verdict.after <= FAILED_LONGEST
        assert (verdict.after > 0) == (verdict.decision == "retry")
