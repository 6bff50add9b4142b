"""What a step's reader is given besides the step itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from runtime.bundle.findings import Findings
from runtime.bundle.keys import Keys
from runtime.bundle.known import Known
from runtime.bundle.nodes import Table
from runtime.bundle.outline import Step
from runtime.errors import Place
from runtime.model.shapes import AnyShape


class At(Struct, frozen=True, kw_only=True):
    """Where a step stands in its graph: `to` is the shape that follows, `arms` the shape where each arm begins."""

    id: str
    label: str | None
    place: Place
    known: Known
    findings: Findings
    to: str | None
    arms: dict[str, str | None]
    canvas: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()

    @property
    def common(self) -> dict[str, Any]:
        """Give the fields that all shapes have."""
        said = {"id": self.id, "label": self.label, "place": self.place}
        return {**said, "canvas": self.canvas, "notes": self.notes}

    @property
    def flowing(self) -> dict[str, Any]:
        """Give the fields of a shape with one path onward."""
        return {**self.common, "to": self.to}

    def keys(self, table: Table, kind: str) -> Keys:
        """Read a table of the step."""
        return Keys(table, self.findings, f"the step '{kind}'")


Reader = Callable[[Step, At], AnyShape | None]
