"""Flow Control: all that follows runs in parts, side by side or one after the other (reference 1.22, behaviour 22)."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.engine.batch import Batch
from runtime.engine.frames import Frame, SliceFrame
from runtime.engine.positions import Position, Scope
from runtime.engine.step import ParallelStep
from runtime.model.platform_shapes import FlowControlStep


class FlowControl(ParallelStep):
    """Divides the batch into contiguous blocks, each a fiber, and those into runs of a number of documents."""

    def __init__(self, shape: FlowControlStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._fibers = max(shape.fibers, 1)
        self._batch = shape.batch

    def frames(self, at: Position, scope: Scope, batch: Batch) -> Sequence[Frame]:
        """Open a frame over the runs of each block; runs are numbered through all blocks."""
        target = self.targets[0]
        if target is None:
            return ()
        frames: list[Frame] = []
        first = start = 0
        for runs in blocks(len(batch), self._fibers, self._batch):
            frames.append(SliceFrame(at, scope, batch, target, runs, first=first, start=start))
            first, start = first + len(runs), start + sum(runs)
        return frames


def blocks(count: int, fibers: int, batch: int) -> list[list[int]]:
    """Give the sizes of the runs of each block: ceil(count / fibers) documents, in runs of at most `batch`."""
    block = -(-count // fibers)
    run = min(batch or block, block)
    made: list[list[int]] = []
    for start in range(0, count, block):
        length = min(block, count - start)
        made.append([min(run, length - done) for done in range(0, length, run)])
    return made
