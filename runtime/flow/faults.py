"""Faults: how a failure is told, so that the person in front of the flow reads why (wire protocol C.4)."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from runtime.errors import NuclideError, RequestError, StoreError, Unavailable
from runtime.flow.wire import ExecutionProblem, ServiceProblem

JSON_HEADER = ("Content-Type", "application/json")
KIND_HEADER = "X-ManyWho-Service-Problem-Kind"  # without it the engine shows the reason phrase and nothing more
EXECUTION_HEADER = "X-Execution-Id"
MAX_MESSAGE = 500  # characters: where the Java SDK cuts; Flow's own log shows fewer

Kind = Literal["service", "api"]


class Answer(Struct, frozen=True, kw_only=True):
    """An HTTP answer, complete but for what the server adds."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def problem(
    uri: str,
    status: int,
    message: str,
    *,
    action: str | None = None,
    kind: Kind = "service",
    headers: tuple[tuple[str, str], ...] = (),
    execution: str | None = None,
) -> Answer:
    """Give the answer that tells a failure.

    `uri` is the path of the request; `kind` is ``api`` when a third party failed; `headers` are added, such as
    ``Retry-After``; `execution` is the id of the one that failed. A message is cut at `MAX_MESSAGE` characters and
    never blank.
    """
    body = problem_text(uri, status, message, action=action, kind=kind, execution=execution)
    named = () if execution is None else ((EXECUTION_HEADER, execution),)
    return Answer(status=status, headers=(JSON_HEADER, (KIND_HEADER, kind), *headers, *named), body=body)


def problem_text(
    uri: str,
    status: int,
    message: str,
    *,
    action: str | None = None,
    kind: Kind = "service",
    execution: str | None = None,
) -> bytes:
    """Give the body of a failure, as JSON: also what a callback carries as the text of its root fault."""
    told = ServiceProblem(kind=kind, uri=uri, status_code=status, message=_cut(message), action=action)
    if execution is not None:
        told = ExecutionProblem(**msgspec.structs.asdict(told), execution_id=execution)
    return msgspec.json.encode(told)


def problem_of(error: NuclideError, uri: str, *, action: str | None = None) -> Answer:
    """Give the answer that tells one of our own errors."""
    retry = (("Retry-After", str(max(1, round(error.retry_after)))),) if isinstance(error, Unavailable) else ()
    return problem(uri, status_of(error), error.message, action=action, headers=retry)


def status_of(error: NuclideError) -> int:
    """Give the HTTP status that says whose turn it is: the caller's (4xx), the operator's or the builder's (5xx)."""
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, Unavailable | StoreError):
        return 503
    return 500


def _cut(message: str) -> str:
    message = message.strip() or "The service failed without a message."
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
