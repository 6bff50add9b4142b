"""The answer to a request that the house refuses itself, before or instead of a handler's own."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import msgspec

from runtime.errors import Problem
from runtime.web.exchange import Answer

Refusal = Callable[[int, str, str], Answer]
"""Makes the answer for (status, raw path, message); the message is for the caller and never tells internals."""


def problem(status: int, path: str, message: str, problems: tuple[Problem, ...] = ()) -> Answer:
    """Give a neutral refusal as `application/problem+json` (RFC 9457); `problems` are those of a bundle."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "instance": path,
    }
    if problems:
        document["problems"] = problems
    headers = ((b"content-type", b"application/problem+json"),)
    return Answer(status=status, body=msgspec.json.encode(document), headers=headers)
