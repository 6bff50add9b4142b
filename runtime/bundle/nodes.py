"""What a YAML file says, with the place of every key and value; free of any library's own types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_DIGITS = 18  # of a whole number: within 64 bits
_LONGEST_SHOWN = 40  # characters of a value in a message
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})  # YAML 1.2, core schema


class Scalar(Struct, frozen=True, kw_only=True):
    """One value as written: `text` keeps ``1.10`` and ``no`` as they are, whoever wants a number asks for one.

    `plain` is false for a quoted or block text. `marks` are the places of each ``${`` in the text, in order.
    """

    text: str
    place: Place
    plain: bool = True
    marks: tuple[Place, ...] = ()

    @property
    def is_null(self) -> bool:
        """Whether nothing was written, or a plain ``null``."""
        return self.plain and self.text in _NULLS

    @property
    def flag(self) -> bool | None:
        """Give the truth value; None when it is another kind of value (YAML 1.2: only true and false)."""
        return {"true": True, "false": False}.get(self.text.lower()) if self.plain else None

    @property
    def whole(self) -> int | None:
        """Give the whole number; None when it is another kind of value."""
        digits = self.text.removeprefix("-")
        if not self.plain or not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
            return None
        return int(self.text)


class Items(Struct, frozen=True, kw_only=True):
    """A list."""

    items: tuple[Node, ...]
    place: Place


class Table(Struct, frozen=True, kw_only=True):
    """Keys with their values, in the order in which they were written; no key twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        """Give each key with its value."""
        return iter(self.entries)

    def keys(self) -> tuple[str, ...]:
        """Give the keys' texts, in order."""
        return tuple(key.text for key, _ in self.entries)

    def get(self, name: str) -> tuple[Scalar, Node] | None:
        """Give the key of that text with its value, or None."""
        return next((entry for entry in self.entries if entry[0].text == name), None)


Node = Scalar | Items | Table


def describe(node: Node) -> str:
    """Give what a person calls the kind of `node`, with its article."""
    match node:
        case Items():
            return "a list"
        case Table():
            return "a table of keys"
        case Scalar(is_null=True):
            return "nothing"
        case _:
            return f"'{node.text}'" if len(node.text) <= _LONGEST_SHOWN and "\n" not in node.text else "a text"
