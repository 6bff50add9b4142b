"""What goes out and what comes back, between the outbox and its HTTP client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec import Struct

from runtime.errors import NuclideError
from runtime.flow.callbacks import CallbackRequest


class Response(Struct, frozen=True):
    """What the other side answered; of the body the first part, which is all that has a meaning."""

    status: int
    body: bytes


class Undelivered(NuclideError):
    """Raised when a callback brought no answer: the operator looks at the network, or at the other side.

    `hopeless` says that no repetition can change it.
    """

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        super().__init__("callback.undelivered", reason)
        self.hopeless = hopeless


Send: TypeAlias = Callable[[CallbackRequest], Awaitable[Response]]
"""Sends one callback and gives the answer, or raises Undelivered. How long it may take is the caller's affair."""
