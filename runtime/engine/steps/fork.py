"""Branch and Try/Catch: forks that follow which documents fail (reference 1.12, 1.17)."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.engine.batch import EMPTY, Batch
from runtime.engine.frames import BranchFrame, DivideFrame, Frame, Path, TryFrame
from runtime.engine.positions import Position, Scope
from runtime.engine.retries import retries_of
from runtime.engine.step import ForkStep, ParallelStep
from runtime.model.shapes import BranchStep, TryCatchStep


class Branch(ForkStep):
    """Sends the documents down every path, one path after the other."""

    flat = True

    def __init__(self, shape: BranchStep) -> None:
        super().__init__(shape.id, shape.name, shape.paths)

    def frame(self, at: Position, scope: Scope, level: int, batch: Batch) -> Frame:
        """Open a frame over all paths."""
        return BranchFrame(at, scope, level, batch, self.targets)


class ParallelBranch(ParallelStep):
    """Sends the documents down all paths at once. Each path gets all of them, whatever fails on another."""

    def __init__(self, shape: BranchStep) -> None:
        super().__init__(shape.id, shape.name, shape.paths)

    def frames(self, at: Position, scope: Scope, batch: Batch) -> Sequence[Frame]:
        """Open a frame over each path, under the number that it has in a Branch of the usual kind."""
        before: list[Path] = []
        frames: list[Frame] = []
        for target in self.targets:
            if target is not None:
                frames.append(DivideFrame(at, scope, [*before, Path(target, batch)]))
            before.append(Path(None, EMPTY))
        return frames


class TryCatch(ForkStep):
    """Runs the Try path, again as often as it may, and the Catch path for what still fails."""

    flat = True

    def __init__(self, shape: TryCatchStep) -> None:
        super().__init__(shape.id, shape.name, (shape.attempt, shape.caught))
        self._retries = retries_of(shape)
        self._all_errors = shape.trigger == "all errors"
        self.waits = self._retries.waits

    def frame(self, at: Position, scope: Scope, level: int, batch: Batch) -> Frame:
        """Open a frame over the Try path."""
        attempt, caught = self.targets
        return TryFrame(
            at, scope, level, batch, attempt=attempt, caught=caught, retries=self._retries, all_errors=self._all_errors
        )
