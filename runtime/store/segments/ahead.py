"""Which executions are ahead of the tables: those on their way into a segment, and those that stand in one alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from msgspec import Struct

from runtime.model.journal import Brief
from runtime.store.segments.segment import Place


class Standing(Struct, frozen=True):
    """A block of executions that are durable: its place, and of each its id and its token.

    `kept` is how many can be replayed, `oldest` the time when the first of them ended, in seconds since the epoch.
    """

    place: Place
    executions: tuple[tuple[str, str | None], ...]
    kept: int
    oldest: float


def standing(place: Place, briefs: Sequence[Brief]) -> Standing:
    """Give what is to be known of a block, which holds one execution at least."""
    return Standing(
        place,
        tuple((brief.execution.id, brief.execution.token) for brief in briefs),
        sum(brief.keep is not None for brief in briefs),
        min(brief.execution.finished_at or 0.0 for brief in briefs),
    )


class Ahead:
    """Knows by id and by token what is ahead of the tables. For the event loop."""

    def __init__(self) -> None:
        self._blocks: deque[Standing] = deque()  # by their serials
        self._by_id: dict[str, Place] = {}
        self._holders: dict[str, str] = {}  # the execution of a token, which may be on its way
        self.size = 0  # bytes of blocks

    def __len__(self) -> int:
        """Give how many executions stand in segments alone."""
        return len(self._by_id)

    def begin(self, brief: Brief) -> None:
        """Note that an execution is on its way into a segment: nobody else may have its token."""
        token = brief.execution.token
        if token is not None:
            self._holders[token] = brief.execution.id

    def failed(self, briefs: Iterable[Brief]) -> None:
        """Note that executions have not become durable."""
        for brief in briefs:
            self._holders.pop(brief.execution.token or "", None)

    def add(self, block: Standing) -> None:
        """Note that executions are durable in a block behind all others."""
        self._blocks.append(block)
        self.size += block.place.length
        for identity, token in block.executions:
            self._by_id[identity] = block.place
            if token is not None:
                self._holders[token] = identity

    def first(self, executions: int) -> list[Standing]:
        """Give the first blocks that hold about so many executions: one at least, if there is any."""
        chosen: list[Standing] = []
        count = 0
        for block in self._blocks:
            if chosen and count + len(block.executions) > executions:
                break
            chosen.append(block)
            count += len(block.executions)
        return chosen

    def came_home(self, blocks: int) -> list[Place]:
        """Note that the first blocks are in the tables now; give their places."""
        gone = [self._blocks.popleft() for _ in range(blocks)]
        for block in gone:
            self.size -= block.place.length
            for identity, token in block.executions:
                del self._by_id[identity]
                if token is not None:
                    del self._holders[token]
        return [block.place for block in gone]

    def last(self) -> int:
        """Give the serial of the newest block; 0 where there is none."""
        return self._blocks[-1].place.serial if self._blocks else 0

    def blocks(self) -> tuple[Standing, ...]:
        """Give all blocks as they are now."""
        return tuple(self._blocks)

    def holder(self, token: str) -> str | None:
        """Give the id of the execution that has a token, if it is ahead of the tables."""
        return self._holders.get(token)

    def place(self, identity: str) -> Place | None:
        """Give where an execution stands, if it is in a segment alone."""
        return self._by_id.get(identity)
