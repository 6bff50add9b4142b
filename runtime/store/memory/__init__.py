"""The store in memory: the same laws without a disk and without threads, so that it works under a virtual clock.

It serves tests (its journal has hooks at the points where a crash tells the most) and runs that need not survive.
"""

from runtime.store.memory.documents import MemoryDocuments
from runtime.store.memory.journal import MemoryJournal

__all__ = ["MemoryDocuments", "MemoryJournal", "MemoryStore"]


class MemoryStore:
    """A journal and files in memory."""

    def __init__(self) -> None:
        self.documents = MemoryDocuments()
        self.journal = MemoryJournal(self.documents)
        self.wrong: str | None = None

    def trouble(self) -> str | None:
        """Tell what a test has said is wrong."""
        return self.wrong

    async def probe(self) -> None:
        """Commit nothing: what is wrong stays so until the test says otherwise, or this succeeds."""
        await self.journal.commit([])
        self.wrong = None
