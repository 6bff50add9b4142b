"""What a reader of a shape gets: the configuration, the ways out, and what all shapes have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.parameters import ParameterReader
from runtime.bundle.components.paths import only_way

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.made import Operation
    from runtime.bundle.components.notes import Notes
    from runtime.bundle.components.paths import Way
    from runtime.bundle.components.xml import Element
    from runtime.model.parameters import Parameter


class ShapeSource:
    """One shape while it is read. `common` is what every shape of the model has; `fields` the configuration's element.

    `operations` are those of the bundle, by component id; None for one that has a mistake of its own.
    """

    def __init__(
        self,
        fields: Fields,
        ways: tuple[Way, ...],
        common: dict[str, Any],
        library: Library,
        operations: dict[str, Operation | None],
    ) -> None:
        self.fields = fields
        self.ways = ways
        self.common = common
        self.library = library
        self.operations = operations
        self.parameters = ParameterReader(library)

    @property
    def notes(self) -> Notes:
        """Give the notes of the shape."""
        return self.fields.notes

    @property
    def element(self) -> Element:
        """Give the element that says what the shape does."""
        return self.fields.element

    def to(self) -> str | None:
        """Give where the one way out leads to."""
        return only_way(self.ways, self.fields)

    def ends(self) -> None:
        """Tell of a way out of a shape that has none."""
        if any(way.to is not None for way in self.ways):
            self.notes.differs(self.element, "no document goes on from here: the way out is never taken")

    def inner(self, tag: str) -> Fields | None:
        """Give the child of that name, to be read."""
        return fields_in(self.fields, tag)

    def values(self, tag: str) -> tuple[Parameter, ...]:
        """Read a list of values."""
        return self.parameters.values(self.inner(tag))
