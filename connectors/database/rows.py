"""Rows as they come from the server, a few at a time, encoded within limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct

from connectors.database.dialects.base import Dialect
from connectors.database.documents import encode, plain
from connectors.database.faults import refused
from connectors.database.writing import Pause
from runtime.sdk.faults import ApplicationFault

_ROWS = re.compile(r"\s*(SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)  # what PostgreSQL opens a cursor for
FETCH = 500  # rows fetched at once: a cancellation is seen between two fetches


class Rows(Struct, frozen=True):
    """How rows become JSON. `rows` and `size` (in bytes) bound what one result may give."""

    dialect: Dialect
    pause: Pause
    rows: int
    size: int

    def encoded(
        self, result: sa.CursorResult[tuple[object, ...]], shaped: Callable[[Sequence[object]], object]
    ) -> Iterator[bytes]:
        """Give each row as JSON, in the shape that `shaped` makes of its values.

        Raises:
            ApplicationFault: there are more rows than allowed.
        """
        number = size = 0
        for rows in result.partitions(FETCH):
            self.pause()
            for row in rows:
                content = encode(shaped([self._cell(value) for value in row]))
                number += 1
                size += len(content)
                if number > self.rows or size > self.size:
                    raise _too_many(self.rows, self.size)
                yield content

    def _cell(self, value: object) -> object:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        return plain(value, self._duration)

    def _duration(self, value: timedelta) -> object:
        return self.dialect.duration(value)


def is_rows(sql: str) -> bool:
    """Tell whether a statement is one whose rows a server may send bit by bit."""
    return _ROWS.match(sql) is not None


def _too_many(rows: int, size: int) -> ApplicationFault:
    """Give the fault for a result that is too large: `rows` and `size` (in bytes) are what is allowed."""
    message = f"the result has more than {rows} rows or {size} bytes: select less, or raise the connection's limits"
    return refused(message, status="too-large", code="database.result-too-large")
