"""What an earlier process has left behind: results written down while their WAIT answers were still on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.journal import CallbackState, Release

if TYPE_CHECKING:
    from runtime.store.protocols import Journal


async def release_left(journal: Journal) -> int:
    """Release every callback that is held, for whoever it was held for is gone; gives how many executions have one.

    To be called before the doors open. A claim releases the callbacks of the execution that it takes over, but one that
    has finished is never claimed again.

    Raises:
        StoreError: the journal cannot be read or written.
    """
    counts = await journal.counts()
    if not counts[f"callbacks {CallbackState.HELD}"]:
        return 0
    every = sum(counts[f"callbacks {state}"] for state in CallbackState)
    rows = await journal.callbacks(limit=every)
    left = sorted({row.execution for row in rows if row.state is CallbackState.HELD})
    await journal.commit([Release(execution) for execution in left])
    return len(left)
