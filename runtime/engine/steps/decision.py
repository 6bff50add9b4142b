"""Decision: each document goes down one of two paths (reference 1.14)."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.steps.divide import Divide
from runtime.expressions import compile_condition
from runtime.model.document import Document
from runtime.model.shapes import DecisionStep


class Decision(Divide):
    """Divides the batch by a condition: the documents that meet it, then those that do not."""

    flat = True

    def __init__(self, shape: DecisionStep) -> None:
        super().__init__(shape.id, shape.name, (shape.yes, shape.no))
        self.condition = compile_condition(shape.condition)
        self.reads = self.condition.reads_document

    def path(self, document: Document, context: Context) -> int:
        """Give 0 for a document that meets the condition, else 1."""
        return 0 if self.condition.test(context.scope(document)) else 1
