"""Rows as a database connection gives them: JSON arrays, and their cells as texts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from runtime.engine.formats.values import INTERNAL, date_mask
from runtime.expressions.text import text_of

_CELLS = msgspec.json.Decoder(list[list[object]], float_hook=Decimal)


def cells_of(content: bytes) -> list[list[object]]:
    """Give the rows that a database connection gave, numbers as they are."""
    return _CELLS.decode(content)


def cell_text(cell: object, *, is_time: bool) -> str | None:
    """Give a cell as values are within a map; what is no time, where times are meant, stays as it is."""
    if cell is None:
        return None
    text = cell if isinstance(cell, str) else text_of(cell)
    if not is_time:
        return text
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    return date_mask(INTERNAL).write(time if time.tzinfo is None else time.astimezone().replace(tzinfo=None))
