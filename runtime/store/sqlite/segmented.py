"""The part of the journal that stands in segments: what goes there, and what is read there until it has come home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.errors import TokenTaken
from runtime.model.journal import Accept, Brief, ExecutionRow, Forget, Operation, Purge, Status, Unkeep
from runtime.store.segments.blocks import encoded
from runtime.store.segments.reading import block_at
from runtime.store.segments.writing import LARGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.store.cipher import Cipher
    from runtime.store.protocols import Done
    from runtime.store.segments.ahead import Ahead, Standing
    from runtime.store.segments.writing import SegmentWriter
    from runtime.store.sqlite.following import Following
    from runtime.store.sqlite.writer import Writer


class Segmented:
    """What is ahead of the tables, and what goes ahead of them: at most `bound` bytes."""

    def __init__(
        self,
        ahead: Ahead,
        segments: SegmentWriter,
        following: Following,
        writer: Writer,
        cipher: Cipher,
        *,
        bound: int,
    ) -> None:
        self._ahead = ahead
        self.segments = segments
        self._following = following
        self._writer = writer
        self._cipher = cipher
        self._bound = bound

    @property
    def size(self) -> int:
        """Bytes that are ahead of the tables."""
        return self._ahead.size

    def submit(self, brief: Brief, done: Done) -> bool:
        """Have an execution written into a segment, while others are on their way: alone it would be written twice.

        False where it belongs into the tables at once. Its token must be one that these do not know.

        Raises:
            StoreError: as `SegmentWriter.submit` says.
        """
        segments = self.segments
        busy = self._writer.is_busy or segments.is_writing or segments.queued or self._ahead
        if not busy or self._ahead.size >= self._bound or brief.execution.status is not Status.COMPLETE:
            return False
        try:
            data = encoded(brief)
        except ValueError:  # the tables refuse it, and say why
            return False
        if len(data) > LARGE:
            return False
        segments.submit(brief, data, done)
        return True

    def taken(self, token: str | None) -> TokenTaken | None:
        """Give what is raised for a token that an execution ahead of the tables has."""
        holder = None if token is None else self._ahead.holder(token)
        return None if holder is None else TokenTaken(holder)

    async def make_way(self, operations: Sequence[Operation]) -> None:
        """See that operations find in the tables what they are about.

        Raises:
            TokenTaken: an accepted execution's token is in use.
            StoreError: the disk refuses.
        """
        for operation in operations:
            match operation:
                case Accept(execution=row) | Brief(execution=row):
                    if (taken := self.taken(row.token)) is not None:
                        raise taken
                case Forget(before) | Purge(before):
                    await self.old_home(before)
                case Unkeep(executions) if any(self._ahead.place(identity) for identity in executions):
                    await self.home()
                case _:
                    pass

    def brief(self, identity: str) -> Brief | None:
        """Give an execution that is ahead of the tables, or None.

        Raises:
            StoreError: its block is damaged, or the disk refuses.
        """
        place = self._ahead.place(identity)
        if place is None:
            return None
        return next(each for each in block_at(self._cipher, place).briefs if each.execution.id == identity)

    def by_token(self, token: str) -> ExecutionRow | None:
        """Give the execution of a token where it is ahead of the tables.

        Raises:
            StoreError: as `brief` says.
        """
        holder = self._ahead.holder(token)
        brief = None if holder is None else self.brief(holder)
        return None if brief is None else brief.execution

    def blocks(self) -> tuple[Standing, ...]:
        """Give the blocks that are ahead of the tables now."""
        return self._ahead.blocks()

    async def old_home(self, before: float) -> None:
        """Wait until whatever has ended before a time stands in the tables (see `home`)."""
        if any(block.oldest < before for block in self._ahead.blocks()):
            await self.home()

    async def home(self) -> None:
        """Wait until all that is ahead now stands in the tables.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        await self._following.home()
