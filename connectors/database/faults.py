"""How an answer of the database that is an error becomes a fault."""

from __future__ import annotations

from connectors.database.documents import encode
from runtime.sdk.faults import ApplicationFault

LENGTH = 300  # characters of a message: what names a constraint fits, what repeats a statement does not


class Stopped(Exception):
    """Raised in a worker, between two statements, when its call was stopped."""


def refused(message: str, *, status: str, code: str = "database.refused") -> ApplicationFault:
    """Give the fault for a known refusal; its body is what a process goes on with that continues on errors."""
    short = message[:LENGTH]
    return ApplicationFault(short, status=status, body=encode({"status": status, "message": short}), code=code)
