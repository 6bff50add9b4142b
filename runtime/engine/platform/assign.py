"""Set Properties of platform processes (reference 1.4): sources are joined, targets are any property."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.platform.properties import defined_default, defined_key, with_property
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around, Value, compile_texts
from runtime.engine.step import EachStep
from runtime.model.document import Document
from runtime.model.parameters import PropertyName
from runtime.model.platform_shapes import PlatformAssignment, PlatformSetPropertiesStep


class PlatformSetProperties(EachStep):
    """Makes the assignments in order, for each document, each seeing those before it.

    A property of the execution that every document sets has the value of the last.
    """

    def __init__(self, shape: PlatformSetPropertiesStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._assignments = [_Assignment(assignment, around) for assignment in shape.assignments]
        self.reads = any(assignment.reads for assignment in self._assignments)

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with its properties set."""
        for assignment in self._assignments:
            document = assignment.make(document, context)
        return document


class _Assignment:
    def __init__(self, assignment: PlatformAssignment, around: Around) -> None:
        if assignment.persist:
            raise Refused(
                f"'{assignment.target.name}' would be kept for the next run, and nothing is kept between runs"
            )
        self._target = assignment.target
        self._of_run = _name_in_run(assignment.target, around)
        self._sources: tuple[Value, ...] = compile_texts(assignment.sources, around)
        self._default = assignment.default
        self.reads = any(source.content for source in self._sources)

    def make(self, document: Document, context: Context) -> Document:
        text = "".join(source.text(document, context) for source in self._sources) or self._default
        if self._of_run is None:
            return with_property(document, self._target, text)
        context.set_property(self._of_run, text)
        return document


def _name_in_run(target: PropertyName, around: Around) -> str | None:
    """Give the name among the execution's properties, or None for a property of the document."""
    match target.scope:
        case "process":
            return target.name
        case "definedprocess":
            component = target.component or ""
            if defined_default(around.components, component, target.name) is None:
                raise Refused(f"the property component '{component}' has no value '{target.name}'")
            return defined_key(component, target.name)
        case _:
            return None
