"""What a document holds, by the keys of its profile."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field


class Row(Struct):
    """One occurrence of a repeating element, or the document itself.

    `values` are those of the elements that stand once in it: None is JSON's null, an element that is missing has no
    value at all. `rows` are the occurrences of each repeating element in it, by its key.
    """

    values: dict[int, str | None] = field(default_factory=dict)
    rows: dict[int, list[Row]] = field(default_factory=dict)

    def open(self, loop: int) -> Row:
        """Add an occurrence of a repeating element, and give it."""
        made = Row()
        self.rows.setdefault(loop, []).append(made)
        return made

    def first(self, key: int) -> str | None:
        """Give the first value of an element, here or below, in the order of the document; None where there is none."""
        if key in self.values:
            return self.values[key]
        found = (row.first(key) for rows in self.rows.values() for row in rows)
        return next((value for value in found if value is not None), None)

    def walk(self) -> Iterator[Row]:
        """Give this row and all below it."""
        yield self
        for rows in self.rows.values():
            for row in rows:
                yield from row.walk()
