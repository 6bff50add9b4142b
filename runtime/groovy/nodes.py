"""What every part of a script has: its place, and types by their names. Lines and columns count from 1."""

from __future__ import annotations

from typing import TypedDict

from msgspec import Struct


class Node(Struct, frozen=True, kw_only=True):
    """Something with a place."""

    line: int
    column: int


class At(TypedDict):
    """The place of a node, as its arguments."""

    line: int
    column: int


class Type(Struct, frozen=True):
    """A type by its simple name (``def`` where none was given); `dimensions` above 0 is an array."""

    name: str = "def"
    dimensions: int = 0
