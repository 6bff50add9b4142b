"""The ways out of a shape: its dragpoints, by their identifier (component XML, section 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.fields import Fields, fields_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.components.xml import Element

_NOWHERE = frozenset({"", "unset"})


class Way(Struct, frozen=True):
    """One way out: its identifier, where it leads to (None where the path ends), and where it is written."""

    identifier: str
    to: str | None
    element: Element


def onward(shape: Element) -> list[str]:
    """Give the shapes that the ways out of a shape lead to, without looking at anything else."""
    holder = shape.child("dragpoints")
    found = [child.attributes.get("toShape", "") for child in holder.children] if holder is not None else []
    return [name for name in found if name not in _NOWHERE]


def read_ways(shape: Fields, names: Collection[str]) -> tuple[Way, ...]:
    """Read the ways out of a shape; one that leads to a shape that is not there is told."""
    holder = fields_in(shape, "dragpoints")
    if holder is None:
        return ()
    ways = []
    for element in holder.children("dragpoint"):
        fields = Fields(element, shape.notes)
        to, identifier = fields.text("toShape"), fields.text("identifier")
        fields.done()
        if to not in names and to not in _NOWHERE:
            shape.notes.wrong(element, f"there is no shape '{to}'")
        ways.append(Way(identifier, to if to in names else None, element))
    holder.done()
    return tuple(ways)


def only_way(ways: tuple[Way, ...], shape: Fields) -> str | None:
    """Give where a shape with one way out leads to."""
    if len(ways) > 1:
        shape.notes.wrong(ways[1].element, "the shape has more than one way out")
    return ways[0].to if ways else None


def way_to(ways: tuple[Way, ...], identifier: str) -> str | None:
    """Give where the way with that identifier leads to; None where there is none, or it ends."""
    return next((way.to for way in ways if way.identifier == identifier), None)


def check_ways(ways: tuple[Way, ...], known: Collection[str], shape: Fields) -> None:
    """Tell of ways that the shape does not have: no document would ever take them."""
    for way in ways:
        if way.identifier not in known:
            shape.notes.wrong(way.element, f"the shape has no way out '{way.identifier}'")
