"""What the admin API tells of listeners."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of these answers."""


class ListenerSummary(Answer, frozen=True, kw_only=True):
    """A listener. `reason` says why it is paused or errored; `since` is when it was paused.

    `calls` and `refused` (for it was paused) count since the daemon began; `last` is when the last call came,
    `age_seconds` how long ago that is.
    """

    listener: str
    kind: str
    state: Literal["listening", "paused", "errored"]
    reason: str
    since: datetime | None
    calls: int
    refused: int
    last: datetime | None
    age_seconds: float | None


class Listeners(Answer, frozen=True, kw_only=True):
    """The listeners of what is live, by name."""

    listeners: tuple[ListenerSummary, ...]
