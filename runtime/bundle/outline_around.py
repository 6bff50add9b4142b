"""What a step may say around its own keys: its id, its format, where an editor drew it, and remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys
from runtime.bundle.nodes import Scalar

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Table

AROUND = ("id", "format", "canvas", "notes")
BOOMI = "boomi"
_POINT = 2  # numbers


class Around(Struct, frozen=True):
    """What was said; nothing, for most steps."""

    id: Scalar | None = None
    boomi: bool = False
    canvas: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


def read_around(table: Table, findings: Findings) -> Around:
    """Read it; a step of a connector whose operation has a field of such a name says it in `format: boomi` only."""
    keys = Keys(table, findings, "a step")
    if not any(keys.has(name) for name in AROUND) or (table.get("connector") is not None and not keys.has("format")):
        return Around()
    form = keys.text("format")
    if form is not None and form != BOOMI:
        message = f"'{form}' is not a value of 'format'"
        findings.add("unknown-value", message, keys.place_of("format"), suggest(form, [BOOMI]))
    return Around(
        id=keys.scalar("id"),
        boomi=form == BOOMI,
        canvas=_canvas(keys),
        notes=tuple(node.text for node in _items(keys, "notes") if isinstance(node, Scalar)),
    )


def _canvas(keys: Keys) -> tuple[float, float] | None:
    numbers = [number for node in _items(keys, "canvas") if (number := _number(node)) is not None]
    if not keys.has("canvas"):
        return None
    if len(numbers) != _POINT:
        keys.findings.add("wrong-type", "'canvas' is two numbers", keys.place_of("canvas"), "write 'canvas: [96, 48]'")
        return None
    return numbers[0], numbers[1]


def _number(node: object) -> float | None:
    try:
        return float(node.text) if isinstance(node, Scalar) else None
    except ValueError:
        return None


def _items(keys: Keys, key: str) -> tuple[object, ...]:
    found = keys.items(key)
    return found.items if found is not None else ()
