"""Answers to Flow as the server sends them."""

from __future__ import annotations

from runtime.flow import faults
from runtime.web.exchange import Answer

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")


def refusal(status: int, path: str, message: str, execution: str | None = None) -> Answer:
    """Tell a refusal as Flow reads it: a ServiceProblem, with the header that makes its message visible."""
    return plain(faults.problem(path, status, message, execution=execution))


def plain(answer: faults.Answer, *headers: Header) -> Answer:
    """Give an answer of the protocol as the server sends it, with more headers."""
    known = tuple((name.encode(), value.encode("latin-1")) for name, value in answer.headers)
    return Answer(status=answer.status, body=answer.body, headers=(*known, *headers))
