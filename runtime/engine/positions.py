"""Positions: names for "this step, this time", equal in a run and in its resumption.

A scope is one straight stretch of a process: what runs between two forks, once. Its digest chains the forks that lead
to it (step, visit, path, attempt), so its size does not grow with loops. `stable` leaves the attempts of Try/Catch out:
an effect that is tried again keeps its name, and so its idempotency key.
"""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct

DIGEST_BYTES = 12  # 96 bits name a scope among those of one execution


class Position(Struct, frozen=True, array_like=True):
    """One run of one step. `visit` counts from 0 within the scope (a stretch that loops without a fork)."""

    scope: bytes
    step: str
    visit: int


class Scope:
    """A stretch of a process while it runs; it counts how often each of its steps was visited."""

    __slots__ = ("_visits", "digest", "stable")

    def __init__(self, digest: bytes, stable: bytes) -> None:
        self.digest = digest
        self.stable = stable
        self._visits: dict[str, int] = {}

    def enter(self, step: str) -> Position:
        """Give the position of the next run of `step` in this scope."""
        visit = self._visits.get(step, 0)
        self._visits[step] = visit + 1
        return Position(self.digest, step, visit)

    def fork(self, at: Position, path: int, attempt: int = 0) -> Scope:
        """Give the scope of path number `path` of the fork that stands at `at`."""
        stable = _chain(self.stable, f"{at.step}\0{at.visit}\0{path}")
        if self.digest is self.stable and attempt == 0:
            return Scope(stable, stable)
        return Scope(_chain(self.digest, f"{at.step}\0{at.visit}\0{path}\0{attempt}"), stable)

    def call(self, at: Position, number: int) -> Scope:
        """Give the scope of the process that the step at `at` calls for the `number`-th time, from 0."""
        return self.fork(at, -1 - number)

    def stable_name(self, at: Position) -> bytes:
        """Give the name of a position in this scope that attempts do not change."""
        return _chain(self.stable, f"{at.step}\0{at.visit}")


def root_scope(process: str) -> Scope:
    """Give the scope in which a process starts."""
    digest = blake2b(process.encode(), digest_size=DIGEST_BYTES).digest()
    return Scope(digest, digest)


def idempotency_key(execution: str, name: bytes, document: bytes) -> str:
    """Give the key of an effect: the same for every attempt of one step at one document of one execution.

    Args:
        execution: id of the root execution.
        name: the step's `Scope.stable_name`.
        document: the document's identity.
    """
    return blake2b(execution.encode() + b"\0" + name + b"\0" + document, digest_size=16).hexdigest()


def _chain(digest: bytes, part: str) -> bytes:
    return blake2b(digest + part.encode(), digest_size=DIGEST_BYTES).digest()
