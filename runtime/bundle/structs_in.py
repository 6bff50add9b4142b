"""All structs of some types in a part of the model, wherever it keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import fields

Found = TypeVar("Found", bound=Struct)


def structs_in(value: object, wanted: type[Found]) -> Iterator[Found]:
    """Give the structs of a type in a struct, list or table of the model, in its own order; none within another."""
    if isinstance(value, wanted):
        yield value
        return
    match value:
        case Struct():
            for field in fields(value):
                yield from structs_in(getattr(value, field.name), wanted)
        case tuple() | list():
            for item in value:
                yield from structs_in(item, wanted)
        case dict():
            for item in value.values():
                yield from structs_in(item, wanted)
