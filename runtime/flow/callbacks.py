"""Callbacks: what is sent after WAIT, where it may be sent, and what its answer means (wire protocol C.2).

The body of a finished call is that of `answers.forward`, of a progress message that of `answers.wait`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from runtime.flow.faults import JSON_HEADER, problem_text
from runtime.flow.wire import ServiceResponse

if TYPE_CHECKING:
    from runtime.flow.requests import ActionCall

FAULT_NAME = "ProcessFault"  # the one name under which a failure after WAIT is told

ACCEPTED_STATUSES = frozenset({*range(200, 209), 226})  # what the Java SDK takes as success
PASSING_STATUSES = frozenset({408, 425, 429})  # client errors that time cures
DONE_WORDS = {
    "SUCCESS": "accepted",
    "WAIT": "accepted; the flow still waits for others",
    "TOKEN_COMPLETED": "the token is no longer waited for",
}
UNCLEAR_ATTEMPTS = 5  # of answers that nobody explains: enough for a proxy that restarts, too few to go on for days
LONGEST_WORD = 64  # bytes of the answer that are looked at

BUSY_FIRST = 0.5  # seconds: the engine's state is locked for one request, so a short wait is enough
BUSY_LONGEST = 30.0
FAILED_FIRST = 1.0  # seconds: something is broken or restarting
FAILED_LONGEST = 300.0


class CallbackRequest(Struct, frozen=True, kw_only=True):
    """A callback as it goes out: POST `body` to `url`. Header values are Latin-1; they hold the caller's identity."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __repr__(self) -> str:
        """Say where it goes, without the header that identifies the user and without the result."""
        return f"CallbackRequest(url={self.url!r})"


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """What to do after an attempt. `after` is a hint in seconds, without jitter, and only meant for ``retry``."""

    decision: Literal["done", "retry", "dead"]
    reason: str
    after: float = 0.0


def faulted(call: ActionCall, message: str, *, uri: str, status: int = 500, execution: str | None = None) -> bytes:
    """Give the body that ends a waiting call with a failure: the only way to fail after WAIT (wire protocol C.4).

    `uri` is the path of the original request, `execution` the id of the one that failed.
    """
    text = problem_text(uri, status, message, action=call.action, execution=execution).decode()
    response = ServiceResponse(
        token=call.token, tenant_id=call.tenant_id, invoke_type="FORWARD", root_faults={FAULT_NAME: text}
    )
    return msgspec.json.encode(response)


def callback_request(call: ActionCall, body: bytes) -> CallbackRequest | None:
    """Address a callback: the URL exactly as received, the user's header byte for byte; None without an address."""
    if not call.callback_uri:
        return None
    headers: list[tuple[str, str]] = [JSON_HEADER]
    if call.tenant_id:
        headers.append(("ManyWhoTenant", call.tenant_id))
    if call.authorization:
        headers.append(("Authorization", call.authorization))
    return CallbackRequest(url=call.callback_uri, headers=tuple(headers), body=body)


def acknowledge(status: int, body: bytes, *, attempt: int) -> Acknowledgement:
    """Judge the engine's answer to the `attempt`-th sending, counted from 1.

    TOKEN_COMPLETED is success: an earlier attempt may have been accepted without our seeing it.
    """
    if status in ACCEPTED_STATUSES:
        return _judge_word(_word(body), attempt)
    if status in PASSING_STATUSES or status >= 500:  # noqa: PLR2004 - server errors begin here
        return _retry(f"the engine answered {status}", FAILED_FIRST, FAILED_LONGEST, attempt)
    if 400 <= status < 500:  # noqa: PLR2004 - client errors
        return Acknowledgement(decision="dead", reason=f"the engine refused the callback with {status}")
    return _unclear(f"the engine answered {status}", attempt)


def unreachable(reason: str, *, attempt: int) -> Acknowledgement:
    """Judge the `attempt`-th sending, counted from 1, that brought no answer at all."""
    return _retry(reason, FAILED_FIRST, FAILED_LONGEST, attempt)


def _judge_word(word: str, attempt: int) -> Acknowledgement:
    if word in DONE_WORDS:
        return Acknowledgement(decision="done", reason=f"{word}: {DONE_WORDS[word]}")
    if word == "BUSY":
        return _retry("BUSY: the flow is locked by another request", BUSY_FIRST, BUSY_LONGEST, attempt)
    return _unclear("the engine answered with an unknown text", attempt)


def _unclear(reason: str, attempt: int) -> Acknowledgement:
    if attempt >= UNCLEAR_ATTEMPTS:
        return Acknowledgement(decision="dead", reason=f"{reason}, {attempt} times")
    return _retry(reason, FAILED_FIRST, FAILED_LONGEST, attempt)


def _retry(reason: str, first: float, longest: float, attempt: int) -> Acknowledgement:
    doublings = min(attempt - 1, 20)  # beyond that the longest wait applies anyway
    return Acknowledgement(decision="retry", reason=reason, after=min(longest, first * 2.0**doublings))


def _word(body: bytes) -> str:
    # The answer is a JSON string; some engines leave the quotes out (wire protocol C.2).
    return body[:LONGEST_WORD].decode("ascii", "replace").strip().strip('"').strip().upper()
