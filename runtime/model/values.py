"""Values that are computed while a process runs: text with expressions in it, and conditions."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place


class Expression(Struct, frozen=True, tag="expression"):
    """One CEL expression, as written between ``${`` and ``}``."""

    source: str
    place: Place


class Template(Struct, frozen=True, tag="template"):
    """Text with expressions in it. A template of one expression and no text gives that expression's own value."""

    parts: tuple[str | Expression, ...]

    @property
    def literal(self) -> str | None:
        """Give the text when nothing in it has to be computed, else None."""
        if all(isinstance(part, str) for part in self.parts):
            return "".join(part for part in self.parts if isinstance(part, str))
        return None


Value = Template

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "matches", "wildcard"]


class Comparison(Struct, frozen=True, tag="comparison"):
    """Two values compared as the platform compares them: as numbers when both are, else as text (reference 1.14)."""

    left: Value
    operator: Operator
    right: Value


Condition = Expression | Comparison
