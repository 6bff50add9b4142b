"""The post of a process among the workers of its daemon: alone, or one of several."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from runtime.host.agreement import Agreement
from runtime.host.claims import Claims
from runtime.host.crowd import HOME, Crowd
from runtime.host.misses import SharedFailures
from runtime.host.supervisor import Placed
from runtime.store.sqlite.known_tokens import KnownTokens


class Post(Struct, frozen=True, kw_only=True):
    """What a process is to the others. `placed` is what its supervisor gave it, if it has one.

    `claims`, `agreement`, `failures` and `tokens` are memory that all see.
    `tokens` are those that each journal may hold.
    """

    crowd: Crowd
    number: int = HOME
    tokens: Mapping[int, KnownTokens] = {}
    claims: Claims | None = None
    agreement: Agreement | None = None
    failures: SharedFailures | None = None
    placed: Placed | None = None

    @property
    def is_home(self) -> bool:
        """Whether this process keeps what only one may keep."""
        return self.number == HOME

    @property
    def folder(self) -> Path:
        """The folder of this process' own journal."""
        return self.crowd.folder(self.number)


def alone(state: Path) -> Post:
    """Give the post of a process that is the whole daemon."""
    return Post(crowd=Crowd(state=state))
