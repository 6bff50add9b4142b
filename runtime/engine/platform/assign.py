"""Set Properties of platform processes (reference 1.4): sources are joined, targets are any property."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.platform.properties import defined_key, defined_value, with_property
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around, Value, compile_texts, declare
from runtime.engine.step import EachStep
from runtime.model.document import Document
from runtime.model.parameters import PropertyName
from runtime.model.platform_shapes import PlatformAssignment, PlatformSetPropertiesStep


class PlatformSetProperties(EachStep):
    """Makes the assignments in order, for each document, each seeing those before it.

    A property of the execution that every document sets has the value of the last.
    """

    flat = True
    sets = True

    def __init__(self, shape: PlatformSetPropertiesStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._assignments = [_Assignment(assignment, around) for assignment in shape.assignments]
        self.reads = any(assignment.reads for assignment in self._assignments)
        self.keeps = any(assignment.keeps for assignment in self._assignments)
        declare(self, (value for assignment in self._assignments for value in assignment.sources))

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with its properties set."""
        for assignment in self._assignments:
            document = assignment.make(document, context)
        return document


class _Assignment:
    """One assignment. `keeps`: it keeps what outlives the execution."""

    def __init__(self, assignment: PlatformAssignment, around: Around) -> None:
        self._target = assignment.target
        self._of_run, persisted = _in_run(assignment.target, around)
        self._kept_for = around.process if assignment.persist or persisted else None
        if assignment.persist and self._of_run is None:
            raise Refused(f"'{assignment.target.name}' is a property of documents, and those are not kept")
        self._strict = assignment.strict
        self.sources: tuple[Value, ...] = compile_texts(assignment.sources, around)
        self._default = assignment.default
        self.reads = any(source.content for source in self.sources)
        self.keeps = self._kept_for is not None

    def make(self, document: Document, context: Context) -> Document:
        text = "".join(source.text(document, context) for source in self.sources) or self._default
        if self._of_run is None:
            return with_property(document, self._target, text)
        context.set_property(self._of_run, text)
        if self._kept_for is not None:
            context.keeping.keep(self._kept_for, self._of_run, text, strict=self._strict)
        return document


def _in_run(target: PropertyName, around: Around) -> tuple[str | None, bool]:
    """Give the name among the execution's properties, None for one of the document, and whether it is always kept."""
    match target.scope:
        case "process":
            return target.name, False
        case "definedprocess":
            component = target.component or ""
            value = defined_value(around.components, component, target.name)
            if value is None:
                raise Refused(f"the property component '{component}' has no value '{target.name}'")
            return defined_key(component, target.name), value.persisted
        case _:
            return None, False
