"""Decision and Route of platform processes (reference 1.13, 1.14): a missing value compares as an empty text."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.platform.values import Around, compile_value, declare
from runtime.engine.steps.divide import Divide
from runtime.expressions.comparisons import compare
from runtime.model.document import Document
from runtime.model.platform_shapes import PlatformDecisionStep, RouteStep
from runtime.model.values import Operator


class PlatformDecision(Divide):
    """Compares two values: the documents for which it holds, then the others."""

    flat = True

    def __init__(self, shape: PlatformDecisionStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.yes, shape.no))
        self._left = compile_value(shape.left, around)
        self._right = compile_value(shape.right, around)
        self._operator: Operator = shape.operator
        self.reads = self._left.content or self._right.content
        declare(self, (self._left, self._right))

    def path(self, document: Document, context: Context) -> int:
        """Give 0 where the comparison holds, else 1."""
        left, right = self._left.text(document, context), self._right.text(document, context)
        return 0 if compare(self._operator, left, right) else 1


class Route(Divide):
    """Sends each document down the first path whose case matches its value, or down the default path."""

    flat = True

    def __init__(self, shape: RouteStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (*(case.to for case in shape.cases), shape.default))
        self._value = compile_value(shape.value, around)
        self._cases: list[tuple[Operator, str]] = [(case.operator, case.value) for case in shape.cases]
        self.reads = self._value.content
        declare(self, (self._value,))

    def path(self, document: Document, context: Context) -> int:
        """Give the number of the first case that matches; the default comes after all."""
        value = self._value.text(document, context)
        matching = (number for number, (how, other) in enumerate(self._cases) if compare(how, value, other))
        return next(matching, len(self._cases))
