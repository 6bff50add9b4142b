"""All expressions of a part of the model, wherever its structs keep them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import fields

from runtime.model.values import Expression


def expressions_in(value: object) -> Iterator[Expression]:
    """Give the expressions of a struct, list or table of the model, in its own order."""
    match value:
        case Expression():
            yield value
        case Struct():
            for field in fields(value):
                yield from expressions_in(getattr(value, field.name))
        case tuple() | list():
            for item in value:
                yield from expressions_in(item)
        case dict():
            for item in value.values():
                yield from expressions_in(item)
