"""Set Properties: properties of each document, and of the execution (reference 1.4)."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.step import EachStep
from runtime.expressions import compile_template
from runtime.model.document import Document
from runtime.model.shapes import SetPropertiesStep


class SetProperties(EachStep):
    """Makes the assignments in order, each seeing those before it.

    A property of the process that every document sets has the value of the last.
    """

    def __init__(self, shape: SetPropertiesStep) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._assignments = [
            (assignment.scope == "process", assignment.name, compile_template(assignment.value))
            for assignment in shape.assignments
        ]
        self.reads = any(value.reads_document for _, _, value in self._assignments)

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with its properties set."""
        made, scope = document, context.scope(document)
        for of_process, name, value in self._assignments:
            text = value.text(scope)
            if of_process:
                context.set_property(name, text)
            else:
                made = Document(made.id, made.content, {**made.properties, name: text}, made.meta, made.origins)
                scope = scope.with_document(made)
        return made
