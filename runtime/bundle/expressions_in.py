"""All expressions of a part of the model, wherever its structs keep them."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.bundle.structs_in import structs_in
from runtime.model.values import Expression


def expressions_in(value: object) -> Iterator[Expression]:
    """Give the expressions of a struct, list or table of the model, in its own order."""
    return structs_in(value, Expression)
