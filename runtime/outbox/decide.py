"""What to do with a callback, before an attempt and after it; plain functions, no I/O.

Rules: wire protocol C.2. What an answer means `flow.callbacks` knows; here it becomes an operation of the journal.
"""

from __future__ import annotations

import msgspec

from runtime.flow.callbacks import FAILED_FIRST, Acknowledgement, CallbackRequest, acknowledge, unreachable
from runtime.flow.hosts import host_allowed
from runtime.model.journal import Acknowledged, CallbackRow, Dead, Postpone
from runtime.outbox.message import Response, Undelivered
from runtime.settings import Callbacks

LEAST_OF_PAUSE = 0.5  # a pause is shortened by chance to this part at most: callbacks that failed together spread out

_decoder = msgspec.msgpack.Decoder(CallbackRequest)


def before(row: CallbackRow, settings: Callbacks, now: float) -> CallbackRequest | Dead:
    """Give the request to send, or why it is not sent at all: it has expired, may not be sent, or is damaged."""
    if now >= row.expires_at:
        last = f"; the last said: {row.error}" if row.error else ""
        return Dead(row.id, f"expired after {row.attempts} attempts{last}", attempted=False)
    try:
        request = _decoder.decode(row.request)
    except msgspec.DecodeError:
        return Dead(row.id, "its request was damaged on disk", attempted=False)
    if not host_allowed(request.url, settings.allow):
        return Dead(row.id, f"callbacks.allow does not list {row.host}", attempted=False)
    return request


def after(
    row: CallbackRow, answer: Response | Undelivered, settings: Callbacks, now: float, chance: float
) -> Acknowledged | Postpone | Dead:
    """Give what an attempt has come to.

    Args:
        row: the callback as it was before the attempt.
        answer: what came back.
        settings: how long pauses are.
        now: seconds since the epoch.
        chance: a random number from 0 to 1, for the jitter.
    """
    verdict = _verdict(answer, attempt=row.attempts + 1)
    match verdict.decision:
        case "done":
            return Acknowledged(row.id)
        case "dead":
            return Dead(row.id, verdict.reason)
        case "retry":
            # The last pause ends with the callback's time: then it becomes a dead letter without another attempt.
            due = min(now + _pause(verdict.after, settings, chance), row.expires_at)
            return Postpone(row.id, due, verdict.reason, now)


def _verdict(answer: Response | Undelivered, attempt: int) -> Acknowledgement:
    if isinstance(answer, Response):
        return acknowledge(answer.status, answer.body, attempt=attempt)
    if answer.hopeless:
        return Acknowledgement(decision="dead", reason=answer.message)
    return unreachable(answer.message, attempt=attempt)


def _pause(hint: float, settings: Callbacks, chance: float) -> float:
    """Give a pause in seconds: the protocol's hint in the measure of the settings, shortened by chance."""
    longest = min(settings.longest_retry, hint * settings.first_retry / FAILED_FIRST)
    return longest * (LEAST_OF_PAUSE + (1 - LEAST_OF_PAUSE) * chance)
