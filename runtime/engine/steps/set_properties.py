"""Set Properties: properties of each document, and of the execution (reference 1.4)."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.step import EachStep
from runtime.expressions import compile_template
from runtime.model.document import Document
from runtime.model.shapes import SetPropertiesStep


class SetProperties(EachStep):
    """Makes the assignments in order, each seeing those before it.

    A property of the process that every document sets has the value of the last; what is kept, is kept for `process`.
    """

    flat = True
    sets = True

    def __init__(self, shape: SetPropertiesStep, process: str) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self.assignments = [(one, compile_template(one.value)) for one in shape.assignments]
        self._process = process
        self.reads = any(value.reads_document for _, value in self.assignments)
        self.keeps = any(one.persist for one in shape.assignments)

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with its properties set."""
        made, scope = document, context.scope(document)
        for one, value in self.assignments:
            text = value.text(scope)
            if one.scope == "process":
                context.set_property(one.name, text)
                if one.persist:
                    context.keeping.keep(self._process, one.name, text, strict=one.strict)
            else:
                made = Document(made.id, made.content, {**made.properties, one.name: text}, made.meta, made.origins)
                scope = scope.with_document(made)
        return made
