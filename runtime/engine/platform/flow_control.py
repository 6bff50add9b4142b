"""Flow Control: all that follows runs in parts (reference 1.22, platform behaviour 22).

Fibers run one after the other here, in their order: what a process can tell of it is only that it takes longer.
"""

from __future__ import annotations

from runtime.engine.batch import Batch
from runtime.engine.frames import DivideFrame, Frame, SliceFrame
from runtime.engine.positions import Position, Scope
from runtime.engine.step import ForkStep
from runtime.model.platform_shapes import FlowControlStep


class FlowControl(ForkStep):
    """Divides the batch into contiguous blocks, and those into runs of a number of documents."""

    def __init__(self, shape: FlowControlStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._fibers = max(shape.fibers, 1)
        self._batch = shape.batch

    def frame(self, at: Position, scope: Scope, level: int, batch: Batch) -> Frame:
        """Open a frame over the parts."""
        target = self.targets[0]
        if target is None:
            return DivideFrame(at, scope, ())
        return SliceFrame(at, scope, batch, target, sizes(len(batch), self._fibers, self._batch))


def sizes(count: int, fibers: int, batch: int) -> list[int]:
    """Give the sizes of the parts of `count` documents: blocks of ceil(count / fibers), in runs of at most `batch`."""
    block = -(-count // fibers)
    run = min(batch or block, block)
    parts: list[int] = []
    for start in range(0, count, block):
        length = min(block, count - start)
        parts += [min(run, length - done) for done in range(0, length, run)]
    return parts
