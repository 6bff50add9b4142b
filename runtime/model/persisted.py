"""What outlives executions: process properties kept for the next run, and counters (reference 2.3, 2.7).

A property belongs to the process whose step keeps it. Each value remembers which execution wrote it, so that a writer
can ask for the value to be still the one that it began with.
"""

from __future__ import annotations

from msgspec import Struct

LARGEST_COUNT = 2_147_483_647  # the last number of a counter, as on the platform (reference 2.7)
LAST_RUN = "com.boomi.execution.lastrun"  # when the process' last run began, in ISO 8601
LAST_SUCCESSFUL_RUN = "com.boomi.execution.lastsuccessfulrun"


class Persisted(Struct, frozen=True, array_like=True):
    """A value that was kept, and the execution that kept it; a person's change has no execution."""

    value: str
    writer: str = ""

    def __repr__(self) -> str:
        """Say whose it is, not what: it may be confidential."""
        return f"Persisted(by {self.writer!r})"


class Persist(Struct, frozen=True, kw_only=True, tag="persist"):
    """Keep a value. `over`: the writer of the value that it may replace besides one of `writer`'s own.

    `over` None replaces whatever is there, and an empty text only what nobody wrote: nothing, or a person's value.
    """

    bundle: str
    process: str
    name: str
    value: str
    writer: str = ""
    over: str | None = None

    def __repr__(self) -> str:
        """Say what is kept, not its value."""
        return f"Persist({self.bundle!r}, {self.process!r}, {self.name!r})"


class Unpersist(Struct, frozen=True, tag="unpersist"):
    """Forget a value that was kept."""

    bundle: str
    process: str
    name: str


def may_replace(operation: Persist, present: Persisted | None) -> bool:
    """Whether a value may be kept over the one that is there."""
    if operation.over is None:
        return True
    writer = present.writer if present is not None else ""
    return writer in {operation.over, operation.writer}
