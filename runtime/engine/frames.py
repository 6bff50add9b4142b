"""Frames: where an execution stands among the forks that it is in.

A frame is opened by a step with several paths and says, each time a path has run to its end, what comes next. It
decides from its own state alone and awaits nothing. A frame's last path runs after the frame has been closed, so that a
process that loops through a decision does not grow a stack (engine model 0.3, 0.5; reference 1.12, 1.14, 1.17).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from runtime.engine.batch import Batch, Held, Selected, everything, only, others
from runtime.engine.outcome import Ended, Failure
from runtime.engine.positions import Position, Scope
from runtime.engine.retries import Retries
from runtime.model.document import Span, merge_spans


class Go(Struct, frozen=True):
    """Run `batch` from step `target` on. `closes` says that the frame is done with: this path is its last."""

    target: str
    batch: Batch
    scope: Scope
    closes: bool


class Retry(Struct, frozen=True):
    """Pause for `seconds` (named by `at`, so that a resumed execution pauses no second time), then ask again."""

    at: Position
    seconds: float


class Caught(Struct, frozen=True):
    """Run the documents of `batch`, each with the message of what befell it, from `target` on; the frame is closed."""

    target: str | None
    batch: Selected
    messages: tuple[str, ...]
    scope: Scope


class Closed(Struct, frozen=True):
    """Nothing is left to do in this frame."""


Move = Go | Retry | Caught | Closed
CLOSED = Closed()


class Path(Struct, frozen=True):
    """One path of a fork that divides its documents."""

    target: str | None
    batch: Batch


class DivideFrame:
    """Decision and Route: each document is on one path, so a failure below one path concerns no other."""

    follows = False

    def __init__(self, at: Position, scope: Scope, paths: Sequence[Path]) -> None:
        self._at = at
        self._scope = scope
        self._paths = [
            (number, path.target, path.batch)
            for number, path in enumerate(paths)
            if path.target is not None and len(path.batch)
        ]

    def advance(self) -> Move:
        """Give the next path that has documents."""
        if not self._paths:
            return CLOSED
        number, target, batch = self._paths.pop(0)
        return Go(target, batch, self._scope.fork(self._at, number), closes=not self._paths)

    def mark(self, failure: Failure) -> bool:
        """A failure below does not concern this frame."""
        return False

    def end(self, ended: Ended) -> bool:
        """An error of the process is not held here."""
        return False


class ExitsFrame:
    """The exits of a generated function: each document is at one, so a failure behind it concerns no other."""

    follows = False

    def __init__(self, exits: Sequence[tuple[str, Batch, Scope]]) -> None:
        self._exits = list(exits)

    def advance(self) -> Move:
        """Give the next exit."""
        if not self._exits:
            return CLOSED
        target, batch, scope = self._exits.pop(0)
        return Go(target, batch, scope, closes=not self._exits)

    def mark(self, failure: Failure) -> bool:
        """A failure behind an exit does not concern this frame."""
        return False

    def end(self, ended: Ended) -> bool:
        """An error of the process is not held here."""
        return False


class BranchFrame:
    """Branch: every path gets the documents that entered, less those that failed on an earlier path."""

    follows = True

    def __init__(self, at: Position, scope: Scope, level: int, batch: Batch, targets: Sequence[str | None]) -> None:
        self._at = at
        self._scope = scope
        self._level = level
        self._batch = batch
        self._targets = targets
        self._next = 0
        self._failed: list[Span] = []

    def advance(self) -> Move:
        """Give the next path, while documents are left that no path has failed."""
        while self._next < len(self._targets):
            number, target = self._next, self._targets[self._next]
            self._next += 1
            self._failed = list(merge_spans(self._failed))
            left = others(len(self._batch), self._failed)
            if target is not None and left:
                last = self._next == len(self._targets)
                batch = Selected(self._batch, left, tagged=not last)
                return Go(target, batch, self._scope.fork(self._at, number), closes=last)
        return CLOSED

    def mark(self, failure: Failure) -> bool:
        """Note which documents failed; they are not given to later paths. The failure goes on outwards."""
        self._failed += failure.origins[self._level]
        return False

    def end(self, ended: Ended) -> bool:
        """An error of the process is not held here."""
        return False


class SliceFrame:
    """Flow Control: the documents go on in slices, one slice after the other (reference 1.22).

    Each document is in one slice, so a failure below one concerns no other. The first slice is number `first` and
    begins with the document at `start`.
    """

    follows = False

    def __init__(
        self,
        at: Position,
        scope: Scope,
        batch: Batch,
        target: str,
        sizes: Sequence[int],
        *,
        first: int = 0,
        start: int = 0,
    ) -> None:
        self._at = at
        self._scope = scope
        self._batch = batch
        self._target = target
        self._sizes = sizes
        self._first = first
        self._next = 0
        self._start = start

    def advance(self) -> Move:
        """Give the next slice."""
        if self._next == len(self._sizes):
            return CLOSED
        number, start = self._first + self._next, self._start
        self._start = start + self._sizes[self._next]
        self._next += 1
        closes = self._next == len(self._sizes)
        return Go(self._target, self._slice(start, self._start), self._scope.fork(self._at, number), closes)

    def _slice(self, start: int, stop: int) -> Batch:
        """Give some of the documents; those in memory are not searched for from the first on."""
        batch = self._batch
        if isinstance(batch, Held):
            return Held(batch.documents[start:stop])
        return Selected(batch, ((start, stop),))

    def mark(self, failure: Failure) -> bool:
        """A failure below does not concern this frame."""
        return False

    def end(self, ended: Ended) -> bool:
        """An error of the process is not held here."""
        return False


class TryFrame:
    """Try/Catch: documents that fail are tried again, then go down the Catch path as they entered."""

    follows = True

    def __init__(
        self,
        at: Position,
        scope: Scope,
        level: int,
        batch: Batch,
        *,
        attempt: str | None,
        caught: str | None,
        retries: Retries,
        all_errors: bool,
    ) -> None:
        self._at = at
        self._scope = scope
        self._level = level
        self._batch = batch
        self._attempt_target = attempt
        self._catch_target = caught
        self._retries = retries
        self._all_errors = all_errors
        self._tries = 0
        self._paused = False
        self._active = everything(len(batch))
        self._failed: dict[int, Ended] = {}
        self._given_up: dict[int, Ended] = {}

    def advance(self) -> Move:
        """Give the Try path, a pause before it is tried again, or the Catch path."""
        if self._tries == 0:
            return self._go()
        self._give_up()
        if not self._failed:
            return self._catch() if self._given_up else CLOSED
        pause = self._retries.pause(self._tries, self._at)
        if pause and not self._paused:
            self._paused = True
            return Retry(Position(self._at.scope, f"{self._at.step} retry {self._tries}", self._at.visit), pause)
        self._active = only(self._failed)
        self._failed = {}
        return self._go()

    def _give_up(self) -> None:
        """Set aside what is not tried again."""
        if self._tries > self._retries.times:
            self._given_up |= self._failed
            self._failed = {}
            return
        for position, error in list(self._failed.items()):
            if not self._retries.again(error.code):
                self._given_up[position] = self._failed.pop(position)

    def _go(self) -> Move:
        number, self._tries, self._paused = self._tries, self._tries + 1, False
        if self._attempt_target is None:
            return CLOSED
        batch = Selected(self._batch, self._active, tagged=True)
        return Go(self._attempt_target, batch, self._scope.fork(self._at, 0, number), closes=False)

    def _catch(self) -> Move:
        failed = sorted(self._given_up)
        messages = tuple(self._given_up[position].message for position in failed)
        return Caught(self._catch_target, Selected(self._batch, only(failed)), messages, self._scope.fork(self._at, 1))

    def mark(self, failure: Failure) -> bool:
        """Hold the documents that failed; the failure goes no further."""
        for start, stop in failure.origins[self._level]:
            for position in range(start, stop):
                self._failed[position] = Ended(failure.code, failure.message)
        return True

    def end(self, ended: Ended) -> bool:
        """Hold an error of the process if this Try/Catch is set to; all documents of this try have failed by it."""
        if not self._all_errors:
            return False
        for start, stop in self._active:
            for position in range(start, stop):
                self._failed[position] = ended
        return True


Frame = DivideFrame | ExitsFrame | BranchFrame | SliceFrame | TryFrame
