"""A search for executions: over those that are ahead of the tables, which have ended last, and those in the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.errors import StoreError
from runtime.model.journal import Brief, ExecutionRow, Search, Status
from runtime.store.segments.reading import block_at
from runtime.store.sqlite import past

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import apsw

    from runtime.store.cipher import Cipher
    from runtime.store.segments.ahead import Standing


def executions(
    connection: apsw.Connection, cipher: Cipher, ahead: Sequence[Standing], search: Search, limit: int
) -> list[ExecutionRow]:
    """Give executions that are searched for, newest first: of those that were ahead, and of those in the tables now."""
    found: list[ExecutionRow] = []
    for brief in _newest(cipher, ahead) if search.status in {None, Status.COMPLETE} else ():
        if len(found) == limit:
            break
        if _matches(brief, search):
            found.append(brief.execution)
    known = {row.id for row in found}
    return [*found, *(row for row in past.executions(connection, search, limit) if row.id not in known)][:limit]


def _newest(cipher: Cipher, ahead: Sequence[Standing]) -> Iterator[Brief]:
    for block in reversed(ahead):
        try:
            yield from reversed(block_at(cipher, block.place).briefs)
        except StoreError:
            continue  # it has come home since, where it is looked for next; what is damaged is told of then


def _matches(brief: Brief, search: Search) -> bool:
    """Whether an execution is searched for, by the rules of `past.executions`; it is complete, so it has no message."""
    row = brief.execution
    return (
        search.text is None
        and search.process in {None, row.process}
        and search.origin in {None, row.origin}
        and search.parent in {None, row.parent}
        and (search.since is None or row.started_at >= search.since)
        and (search.until is None or row.started_at < search.until)
        and (search.tracked is None or search.tracked in brief.tracked)
    )
