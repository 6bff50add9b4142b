"""The tokens of a journal are read into the filter of those it may know: the first at the start, a long history after.

A million of them take a second of computing, and no caller is to wait for that: until they are there, the filter denies
nothing, and each token is asked of the index, which takes microseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from runtime.errors import StoreError
from runtime.observe.log import logger
from runtime.store.sqlite.border import border, open_reader
from runtime.store.sqlite.known_tokens import KnownTokens
from runtime.store.sqlite.queries import tokens

if TYPE_CHECKING:
    from pathlib import Path

    import apsw

    from runtime.store.sqlite.writer import Writer

AT_ONCE = 20_000  # tokens that are read before anybody is served: some 20 ms
PIECE = 2_000  # tokens read at a time beside callers: 2 ms in which the interpreter serves nobody else
BREATH = 0.002  # seconds between two pieces, so that this takes half of a core at most

_FIRST: str | None = ""

_log = logger(__name__)


def first_known(connection: apsw.Connection, known: KnownTokens | None = None) -> KnownTokens:
    """Fill a filter with all tokens where they are few; one with many awaits `remember_tokens`, if it has not them."""
    known = KnownTokens(awaited=True) if known is None else known
    found = tokens(connection, "", AT_ONCE + 1)
    if len(found) <= AT_ONCE:
        known.complete(KnownTokens(found))
    return known


def all_known(connection: apsw.Connection) -> KnownTokens:
    """Give a filter over all tokens, however many."""
    known, last = KnownTokens(), _FIRST
    while last is not None:
        last = _read(connection, known, last, AT_ONCE)
    return known


async def remember_tokens(path: Path, known: KnownTokens, writer: Writer) -> None:
    """Read all tokens of a journal into a filter that awaits them, piece by piece, until the writer is closed.

    A journal that cannot be read leaves it as it is: every token is looked up.
    """
    if not known.awaited:
        return
    try:
        read = await _remembered(path, writer)
    except StoreError as error:
        _log.warning("known tokens cannot be read: each is looked up", error=str(error))
        return
    if not writer.is_closed:
        known.complete(read)


async def _remembered(path: Path, writer: Writer) -> KnownTokens:
    read, last = KnownTokens(), _FIRST
    with border():
        connection = await trio.to_thread.run_sync(open_reader, path)
        try:
            while last is not None and not writer.is_closed:
                last = await trio.to_thread.run_sync(_read, connection, read, last, PIECE)
                await writer.rest(BREATH)
        finally:
            connection.close()
    return read


def _read(connection: apsw.Connection, known: KnownTokens, since: str, limit: int) -> str | None:
    """Note tokens from one on; gives the last of them, which the next begin with, None at the end."""
    found = tokens(connection, since, limit)
    for token in found:
        known.add(token)
    return found[-1] if len(found) == limit else None
