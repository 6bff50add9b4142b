"""Map: a document becomes another, field by field (reference 1.3)."""

from __future__ import annotations

from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.mapping import CompiledMap
from runtime.engine.step import EachStep
from runtime.model.document import Document
from runtime.model.shapes import MapStep


class MapDocuments(EachStep):
    """Applies a compiled map to each document; properties stay."""

    flat = True

    def __init__(self, shape: MapStep, compiled: CompiledMap) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self.map = compiled

    def each(self, document: Document, context: Context) -> Document:
        """Give the mapped document."""
        content = self.map.apply(held(document), context.scope(document))
        return Document(document.id, content, document.properties, document.meta, document.origins)
