"""What every shape of a process has, native or from the platform."""

from __future__ import annotations

from msgspec import Struct

from runtime.errors import Place


class Shape(Struct, frozen=True, kw_only=True, tag_field="shape"):
    """What all shapes have. `id` is unique in its process and stable between equal versions of it.

    `canvas` is where the platform's editor draws it (x, y), `notes` what people wrote beside it; neither is run.
    """

    id: str
    label: str | None = None
    place: Place = Place()
    canvas: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Give what people call the step: its label, else its id."""
        return self.label or self.id


class Flowing(Shape, frozen=True, kw_only=True):
    """A shape with one path onward."""

    to: str | None = None
