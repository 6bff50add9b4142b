"""Expressions, templates and conditions of the model, made ready to run."""

from __future__ import annotations

from collections.abc import Callable

from runtime.errors import DocumentFault, Place
from runtime.expressions.cel import Mistake, Program, parse
from runtime.expressions.closures import Closure, NotPlainError, plain_closure
from runtime.expressions.comparisons import compare
from runtime.expressions.reads import Keys, reads, values
from runtime.expressions.scope import Scope
from runtime.expressions.text import text_of
from runtime.expressions.tree import Node
from runtime.expressions.written import written
from runtime.model.values import Comparison, Condition, Expression, Operator, Template


def check(source: str) -> str | None:
    """Say what is wrong with the source of an expression, for people; None when it can run."""
    try:
        parse(source)
    except Mistake as mistake:
        return str(mistake)
    return None


def names_read(source: str) -> tuple[Keys, ...]:
    """Give the paths of keys, root first, that an expression may read; none when it is no expression."""
    try:
        return reads(parse(source).tree)
    except Mistake:
        return ()


class CompiledExpression:
    """One expression. `reads_document` tells whether the content of the document is needed.

    `evaluate` gives its value for a scope: None, bool, int, Decimal, str, bytes, datetime, timedelta, list or dict; it
    raises DocumentFault: ``expression.missing-name``, ``expression.failed``, or the document is not JSON. `plain` is
    the tree of an expression that is written out as Python, None for any other; `in_cel` evaluates it by CEL alone.
    `roots` are the names that it reads.
    """

    __slots__ = ("evaluate", "in_cel", "plain", "reads_document", "roots")

    def __init__(self, program: Program, place: Place) -> None:
        paths = reads(program.tree)
        self.roots = frozenset(path[0] for path in paths)
        self.reads_document = "document" in self.roots
        plain = plain_closure(program.tree, program.source, place)

        def in_cel(scope: Scope) -> object:
            return program.evaluate(values(paths, scope), place)

        self.evaluate: Closure = in_cel
        self.in_cel: Closure = in_cel
        self.plain: Node | None = None
        if plain is not None:
            function = written(program.tree, plain, in_cel)
            self.plain = None if function is None else program.tree
            self.evaluate = function or _with_cel(plain, in_cel)


def _with_cel(plain: Closure, in_cel: Closure) -> Closure:
    """Give the plain closure, which may find values that are not, or else CEL."""

    def evaluate(scope: Scope) -> object:
        try:
            return plain(scope)
        except NotPlainError:
            return in_cel(scope)

    return evaluate


class CompiledTemplate:
    """A text with expressions. `literal` is the text when nothing has to be computed, else None.

    `value` gives the value of a template that is one expression, and the text of any other; it raises as `text` does.
    """

    __slots__ = ("literal", "parts", "reads_document", "roots", "value")

    def __init__(self, parts: tuple[str | CompiledExpression, ...], literal: str | None) -> None:
        self.parts = parts
        only = parts[0] if len(parts) == 1 else None
        self.value: Closure = only.evaluate if isinstance(only, CompiledExpression) else self.text
        self.literal = literal
        self.roots = frozenset(root for part in parts if isinstance(part, CompiledExpression) for root in part.roots)
        self.reads_document = "document" in self.roots

    def text(self, scope: Scope, missing: str = "") -> str:
        """Give the text; `missing` stands for null: a Message prints ``null``, Set Properties nothing.

        Raises:
            DocumentFault: an expression in it cannot be computed.
        """
        if self.literal is not None:
            return self.literal
        return "".join(part if isinstance(part, str) else text_of(part.evaluate(scope), missing) for part in self.parts)


Compared = CompiledExpression | tuple[Operator, CompiledTemplate, CompiledTemplate]


class CompiledCondition:
    """A condition: an expression, or a comparison of two values; `parts` is the one, or the two with their operator."""

    __slots__ = ("_test", "parts", "reads_document", "roots")

    def __init__(self, test: Callable[[Scope], bool], parts: Compared, roots: frozenset[str]) -> None:
        self._test = test
        self.parts = parts
        self.roots = roots
        self.reads_document = "document" in roots

    def test(self, scope: Scope) -> bool:
        """Whether the condition holds.

        Raises:
            DocumentFault: it cannot be computed, or is neither true nor false (``expression.not-a-condition``).
        """
        return self._test(scope)


def compile_expression(expression: Expression) -> CompiledExpression:
    """Compile an expression.

    Raises:
        DocumentFault: ``expression.invalid``; a linted bundle has none.
    """
    try:
        return CompiledExpression(parse(expression.source), expression.place)
    except Mistake as mistake:
        message = f"{expression.source}: {mistake}"
        raise DocumentFault("expression.invalid", message, place=expression.place) from mistake


def compile_template(template: Template) -> CompiledTemplate:
    """Compile a template. Raises as `compile_expression` does."""
    parts = tuple(part if isinstance(part, str) else compile_expression(part) for part in template.parts)
    return CompiledTemplate(parts, template.literal)


def compile_condition(condition: Condition) -> CompiledCondition:
    """Compile a condition. Raises as `compile_expression` does."""
    if isinstance(condition, Expression):
        return _test_of_expression(condition)
    return _test_of_comparison(condition)


def _test_of_expression(condition: Expression) -> CompiledCondition:
    expression = compile_expression(condition)

    def test(scope: Scope) -> bool:
        value = expression.evaluate(scope)
        if isinstance(value, bool):
            return value
        message = f"{condition.source}: a condition must be true or false"
        raise DocumentFault("expression.not-a-condition", message, place=condition.place)

    return CompiledCondition(test, expression, expression.roots)


def _test_of_comparison(condition: Comparison) -> CompiledCondition:
    left, right = compile_template(condition.left), compile_template(condition.right)

    def test(scope: Scope) -> bool:
        return compare(condition.operator, left.value(scope), right.value(scope))

    return CompiledCondition(test, (condition.operator, left, right), left.roots | right.roots)
